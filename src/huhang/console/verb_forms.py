"""The form of a verb, made from ``flow.FIELDS``: the same table that permits the verb."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import Q
from django.utils.translation import gettext as _

from huhang.cases import flow
from huhang.cases.duties import BEARING
from huhang.cases.inputs import choices, offered
from huhang.cases.models import Case, Party
from huhang.console.pages import in_language, language
from huhang.kernel.plain import MAX_TEXT
from huhang.look.fields import Choice, Form, LongText, Typed
from huhang.parties.models import Group, Unit, User
from huhang.parties.queries import standing, supervising_group
from huhang.rulebook import current


class VerbForm(Form):
    """Fields of one verb. Names are checked by ``cases.inputs`` again, which has the last word."""

    def __init__(
        self, verb: str, case: Case | None, data: Any = None, *, leads: bool = False
    ) -> None:
        super().__init__(data)
        self.verb = verb
        self.case = case
        for field in flow.FIELDS[verb]:
            if field.kind == "colleague" and not leads:
                continue
            if offered(field) and not (field.kind == "part" and len(_parts(case)) < 2):
                self.fields[field.name] = self._field(field)
        self._suggest()

    def _field(self, field: flow.Field) -> forms.Field:
        common: dict[str, Any] = {
            "label": field.label, "required": field.required, "help_text": field.hint,
        }  # fmt: skip
        if field.kind == "text":
            return LongText(most=MAX_TEXT, **common)
        if field.kind == "line":
            return Typed(most=200, **common)
        if field.kind == "choice":
            return Choice(choices=[("", "—"), *self._words(field.source)], **common)
        if field.kind == "choices":
            return forms.MultipleChoiceField(
                choices=self._words(field.source), widget=forms.CheckboxSelectMultiple, **common
            )
        if field.kind == "number":
            return self._days(common)
        if field.kind == "yes":
            return forms.BooleanField(**common)
        if field.kind == "units":
            return forms.MultipleChoiceField(
                choices=_units(), widget=forms.SelectMultiple(attrs={"size": 6}), **common
            )
        if field.kind == "accused":
            return forms.MultipleChoiceField(
                choices=[
                    (_("Units"), [(f"unit:{c}", n) for c, n in _units()]),
                    (_("Groups"), [(f"group:{c}", n) for c, n in _groups()]),
                    (_("Persons"), _persons()),
                ],
                widget=forms.SelectMultiple(attrs={"size": 8}),
                **common,
            )
        if field.kind == "colleague":
            people = [(value.partition(":")[2], name) for value, name in _persons(active=True)]
            return Choice(choices=[("", "—"), *people], **common)
        if field.kind == "group":
            return Choice(choices=[("", "—"), *_groups(standing())], **common)
        if field.kind == "actor":
            return Choice(
                choices=[
                    ("", "—"),
                    (_("Units"), [(f"unit:{c}", n) for c, n in _units()]),
                    (_("Groups"), [(f"group:{c}", n) for c, n in _groups(standing())]),
                ],
                **common,
            )
        if field.kind == "day":
            widget = forms.DateInput(attrs={"type": "date"})
            return forms.DateField(widget=widget, **common)
        if field.kind == "part":
            return Choice(choices=[("", "—"), *_parts(self.case)], **common)
        if field.kind == "case":
            return Typed(most=20, **common)
        raise AssertionError(f"no kind of field {field.kind}")

    def _days(self, common: dict[str, Any]) -> forms.Field:
        if self.case is None:
            return forms.IntegerField(min_value=1, max_value=366, **common)
        rule = current().natures[self.case.nature].extension
        if rule is None:  # the guard offers no such verb; a form that was opened before says why
            return forms.IntegerField(min_value=1, max_value=366, **common)
        words = {
            "working_days": _("Extension %(next)d of at most %(times)d; each of 1 to %(most)d working days."),
            "days": _("Extension %(next)d of at most %(times)d; each of 1 to %(most)d calendar days."),
            "months": _("Extension %(next)d of at most %(times)d; each of 1 to %(most)d months."),
        }  # fmt: skip
        common["help_text"] = words[rule.most.unit] % {
            "next": self.case.extensions + 1, "times": rule.times, "most": rule.most.count,
        }  # fmt: skip
        return forms.IntegerField(min_value=1, max_value=rule.most.count, **common)

    def _words(self, source: str) -> list[tuple[str, str]]:
        found = []
        known = choices(source)
        if source == "pause_reasons" and self.case:
            known = {k: known[k] for k in current().natures[self.case.nature].pauses}
        for key, value in known.items():
            text = getattr(value, "words", value).in_(language())
            if source == "natures":
                if self.verb == "regrade" and self.case and value.kind != self.case.kind:
                    continue
                text = f"{current().kinds[value.kind].in_(language())} · {text}"
            found.append((str(key), text))
        return found

    def _suggest(self) -> None:
        """What is most likely, filled in: it can be changed before anything happens."""
        case = self.case
        if case is None:
            return
        if self.verb == "accept":
            self.fields["kind"].initial = case.kind
            self.fields["title"].initial = case.title
            self.fields["behaviour"].initial = case.behaviour
        elif self.verb == "assign" and case.unit is not None:
            if current().natures[case.nature].relation_of_named == "responsible":
                self.fields["responsible"].initial = f"unit:{case.unit.code}"
            group = supervising_group(case.unit_id or 0)
            if group is not None:
                code = Group.objects.values_list("code", flat=True).get(pk=group)
                self.fields["supervising"].initial = code

    def values(self) -> dict[str, Any]:
        """What ``cases.actions.perform`` takes."""
        return {k: v for k, v in self.cleaned_data.items() if v not in (None, "", [], False)}


def _units() -> list[tuple[str, str]]:
    return [(u.code, in_language(u)) for u in Unit.objects.filter(active=True).order_by("code")]


def _parts(case: Case | None) -> list[tuple[str, str]]:
    """The units that are responsible or co-handling in the case."""
    parties = Party.objects.filter(case=case, relation__in=BEARING, unit__isnull=False)
    found = {p.unit.code: in_language(p.unit) for p in parties.select_related("unit") if p.unit}
    return sorted(found.items())


def _groups(which: Q | None = None) -> list[tuple[str, str]]:
    return [(g.code, in_language(g)) for g in Group.objects.filter(which or Q()).order_by("code")]


def _persons(**wanted: Any) -> list[tuple[str, str]]:
    users = User.objects.filter(person__isnull=False, **wanted).select_related("person__unit")
    found = []
    for user in users.order_by("username"):
        place = in_language(user.person.unit) if user.person and user.person.unit else ""
        found.append((f"person:{user.username}", f"{in_language(user)} {place}".strip()))
    return found
