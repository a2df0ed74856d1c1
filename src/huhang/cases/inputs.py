"""The values that a verb takes, checked against ``flow.FIELDS`` and the rulebook."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from huhang.cases import flow
from huhang.cases.duties import BEARING
from huhang.cases.models import Case, Party
from huhang.cases.queries import EARLIEST, LATEST, UNTRIAGED, visible_to
from huhang.kernel import ids
from huhang.kernel.actor import Actor
from huhang.kernel.errors import NotAllowed, Refused
from huhang.kernel.plain import plain_line, plain_text
from huhang.parties.actions import line, words
from huhang.parties.models import Group, Unit, User
from huhang.parties.queries import standing
from huhang.parties.words import in_language
from huhang.rulebook import current


def choices(source: str) -> dict[str, Any]:
    """The keys and words of a rulebook list that a choice field offers."""
    return current().words_of(source)


def clean(verb: str, params: dict[str, Any], actor: Actor, case: Case) -> dict[str, Any]:
    """The verb's values, each field present. Raises ``Refused`` naming the field and the reason."""
    fields = flow.FIELDS[verb]
    unknown = set(params) - {f.name for f in fields}
    if unknown:
        raise Refused(_("This verb takes no such field."), field=sorted(unknown)[0])
    return {f.name: _value(f, params.get(f.name), actor, case) for f in fields}


def _value(field: flow.Field, raw: Any, actor: Actor, case: Case) -> Any:
    raw = _seen(raw)
    if field.kind == "colleague":
        return _colleague(field, raw, actor)
    if raw and not offered(field):
        raise Refused(_("The rulebook knows nothing of this."), field=field.name)
    if raw is None or raw == "" or raw == [] or raw is False:
        if field.required and offered(field):
            raise Refused(_("This is needed."), field=field.name)
        empty: dict[str, Any] = {
            "units": [], "accused": [], "text": "", "line": "", "choices": [], "answers": {},
        }  # fmt: skip
        return empty.get(field.kind)
    if field.kind in ("text", "line"):
        if not isinstance(raw, str):
            raise Refused(_("A text is needed."), field=field.name)
        if field.kind == "line":
            return line(raw, field.name, 200, needed=field.required)
        return words(raw, field.name, needed=field.required)
    if field.kind == "choice":
        known = choices(field.source)
        key: Any = str(raw)
        found = {str(k): k for k in known}
        if key not in found:
            raise Refused(_("“%(given)s” is not one of the choices.") % {"given": key[:40]},
                          field=field.name)  # fmt: skip
        return int(key) if field.source == "ratings" else key
    if field.kind == "choices":
        return _several(field, raw)
    if field.kind == "answers":
        return _answers(field, raw)
    if field.kind == "concerned":
        return _concerned(field, raw, case)
    if field.kind == "number":
        return _days(field, raw, case)
    if field.kind == "yes":
        if raw is not True:
            raise Refused(_("True or false is needed."), field=field.name)
        return True
    if field.kind == "units":
        return [_unit(field, one).pk for one in (raw if isinstance(raw, list | tuple) else [raw])]
    if field.kind == "accused":
        return [_accused(field, one) for one in (raw if isinstance(raw, list | tuple) else [raw])]
    if field.kind == "group":
        return _standing_group(field, raw).pk
    if field.kind == "actor":
        text = str(raw)
        unit = Unit.objects.filter(code=text.removeprefix("unit:"), active=True).first()
        if unit is not None:
            return ("unit", unit.pk)
        return ("group", _standing_group(field, text.removeprefix("group:")).pk)
    if field.kind == "case":
        return _other_case(field, str(raw), actor, case)
    if field.kind == "closed_case":
        return _closed_case(field, str(raw), actor, case)
    if field.kind == "day":
        return _day(field, raw)
    if field.kind == "part":
        return _part(field, raw, case)
    raise AssertionError(f"no kind of field {field.kind}")


def _seen(raw: Any) -> Any:
    """What somebody sent, without characters that nobody sees: a program may send any."""
    if isinstance(raw, str):
        return plain_text(raw)
    if isinstance(raw, list | tuple):
        return [plain_line(str(one)) for one in raw]
    return raw


def _several(field: flow.Field, raw: Any) -> list[str]:
    """Keys of the field's list, each once, in the list's order."""
    given = [str(one) for one in (raw if isinstance(raw, list | tuple) else [raw])]
    known = choices(field.source)
    for key in given:
        if key not in known:
            raise Refused(_("“%(given)s” is not one of the choices.") % {"given": key[:40]},
                          field=field.name)  # fmt: skip
    return [key for key in known if key in given]


def _answers(field: flow.Field, raw: Any) -> dict[str, tuple[bool, str]]:
    """An answer to each of the field's list: whether it holds, and why in words."""
    if not isinstance(raw, dict):
        raise Refused(_("An answer to each is needed."), field=field.name)
    known = choices(field.source)
    for key in raw:
        if key not in known:
            raise Refused(_("“%(given)s” is not one of the choices.") % {"given": str(key)[:40]},
                          field=field.name)  # fmt: skip
    found: dict[str, tuple[bool, str]] = {}
    for key in known:
        place = f"{field.name}.{key}"
        answer = raw.get(key)
        if not isinstance(answer, dict) or not isinstance(answer.get("holds"), bool):
            raise Refused(_("Answer yes or no."), field=place)
        said = answer.get("words")
        text = words(said if isinstance(said, str) else "", f"{place}.words", needed=False)
        if not text:
            raise Refused(_("Say why, in words."), field=f"{place}.words")
        found[key] = (answer["holds"], text)
    return found


def parties_concerned(case: Case | None) -> dict[str, Party]:
    """The parties of a case by what a form calls them: unit:code, group:code, person:key."""
    found: dict[str, Party] = {}
    parties = Party.objects.filter(case=case).select_related("unit", "group", "person")
    for party in parties.exclude(relation__in=("reporter", "supervising")).order_by("pk"):
        if party.unit is not None:
            found.setdefault(f"unit:{party.unit.code}", party)
        elif party.group is not None:
            found.setdefault(f"group:{party.group.code}", party)
        elif party.person_id:
            found.setdefault(f"person:{party.person_id}", party)
    return found


def _concerned(field: flow.Field, raw: Any, case: Case) -> tuple[str, int]:
    party = parties_concerned(case).get(str(raw))
    if party is None:
        raise Refused(
            _("“%(given)s” is no party of this case.") % {"given": str(raw)[:40]}, field=field.name
        )
    kind = str(raw).partition(":")[0]
    return (kind, getattr(party, f"{kind}_id"))


def _days(field: flow.Field, raw: Any, case: Case) -> int:
    rule = current().natures[case.nature].extension
    if rule is None:
        raise NotAllowed(_("The rule allows no further extension."))
    try:
        days = int(str(raw))
    except ValueError:
        raise Refused(_("A whole number is needed."), field=field.name) from None
    most = rule.most.count
    if not 1 <= days <= most:
        raise Refused(_("Between 1 and %(most)d, by the rule.") % {"most": most}, field=field.name)
    return days


def _day(field: flow.Field, raw: Any) -> date:
    try:
        day = raw if isinstance(raw, date) else date.fromisoformat(str(raw))
    except ValueError:
        day = date.min
    if not EARLIEST < day.year < LATEST:
        raise Refused(_("A day such as 2026-11-24 is needed."), field=field.name)
    return day


def _part(field: flow.Field, raw: Any, case: Case) -> int:
    """The unit with this code that is responsible or co-handling in the case."""
    found = Party.objects.filter(case=case, relation__in=BEARING, unit__code=str(raw)).first()
    if found is None or found.unit_id is None:
        raise Refused(
            _("“%(given)s” has no part in handling this case.") % {"given": str(raw)[:40]},
            field=field.name,
        )
    return found.unit_id


def offered(field: flow.Field) -> bool:
    """Whether the rulebook has what the field is about."""
    return not field.source or bool(choices(field.source))


def _unit(field: flow.Field, raw: Any) -> Unit:
    unit = Unit.objects.filter(code=str(raw), active=True).first()
    if unit is None:
        raise Refused(_("There is no unit “%(given)s”.") % {"given": str(raw)[:40]},
                      field=field.name)  # fmt: skip
    return unit


def _group(field: flow.Field, raw: Any) -> Group:
    group = Group.objects.filter(code=str(raw)).first()
    if group is None:
        raise Refused(
            _("There is no unit or group “%(given)s”.") % {"given": str(raw)[:40]},
            field=field.name,
        )
    return group


def _standing_group(field: flow.Field, raw: Any) -> Group:
    """A group that can be given a case: a joint team that has ended cannot."""
    group = _group(field, raw)
    if not Group.objects.filter(standing(), pk=group.pk).exists():
        raise Refused(
            _("The joint team “%(name)s” has ended.") % {"name": in_language(group)},
            field=field.name,
        )
    return group


def _accused(field: flow.Field, raw: Any) -> tuple[str, int]:
    """``unit:code`` (or a bare code), ``group:code`` or ``person:sign-in name``, as kind and id."""
    kind, colon, name = str(raw).partition(":")
    if not colon:
        kind, name = "unit", kind
    if kind == "unit":
        return ("unit", _unit(field, name).pk)
    if kind == "group":
        return ("group", _group(field, name).pk)
    user = User.objects.filter(username=name, person__isnull=False).first()
    if kind != "person" or user is None or user.person_id is None:
        raise Refused(
            _("There is nobody “%(given)s” to accuse.") % {"given": str(raw)[:40]}, field=field.name
        )
    return ("person", user.person_id)


def _colleague(field: flow.Field, raw: Any, actor: Actor) -> User:
    """The user with this sign-in name; left open, whoever acts. Only a leader names another."""
    found = User.objects.filter(active=True, person__isnull=False)
    own = not raw or found.filter(username=str(raw), ref=actor.ref).exists()
    if not own and not actor.has("leader"):
        raise NotAllowed(_("Only a leader withdraws somebody else."))
    user = found.filter(**({"ref": actor.ref} if own else {"username": str(raw)})).first()
    if user is None:
        raise Refused(_("There is nobody “%(given)s” to withdraw.") % {"given": str(raw or "")[:40]},
                      field=field.name)  # fmt: skip
    return user


def _other_case(field: flow.Field, raw: str, actor: Actor, case: Case) -> Case:
    try:
        ref = ids.read_ref(raw)
    except ValueError:
        raise Refused(_("This is not a reference of a case."), field=field.name) from None
    other = visible_to(actor).filter(ref=ref).exclude(pk=case.pk).first()
    if other is None or other.state in ("merged", "declined", "transferred"):
        raise Refused(_("There is no such case to merge into."), field=field.name)
    _refuse_less_guarded(field, case, other)
    return other


def _refuse_less_guarded(field: flow.Field, case: Case, other: Case) -> None:
    """What accuses somebody goes into no case whose handlers would then read it."""
    natures = current().natures
    if (
        case.state not in UNTRIAGED
        and natures[case.nature].relation_of_named == "accused"
        and natures[other.nature].relation_of_named != "accused"
    ):
        raise Refused(
            _(
                "This case accuses somebody, the other does not: it would leave its flow and be read by those who handle the other."
            ),
            field=field.name,
        )


def _closed_case(field: flow.Field, raw: str, actor: Actor, case: Case) -> Case:
    try:
        ref = ids.read_ref(raw)
    except ValueError:
        raise Refused(_("This is not a reference of a case."), field=field.name) from None
    other = visible_to(actor).filter(ref=ref, state="closed").exclude(pk=case.pk).first()
    if other is None:
        raise Refused(_("There is no such closed case."), field=field.name)
    if field.name == "into":
        _refuse_less_guarded(field, case, other)
    return other
