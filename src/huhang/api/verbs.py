"""One operation for each verb of the loop: its body is made from ``flow.FIELDS``."""

# Not with annotations as text: each body is a class of its own, made here.
from datetime import date
from typing import Annotated, Any

from django.http import HttpRequest
from django.utils import translation
from ninja import Schema
from pydantic import Field, create_model

from huhang.api.auth import actor_of
from huhang.api.fields import Code, Codes, Line, Text
from huhang.api.operations import CASE_ROLES, Strict, operation
from huhang.cases import actions, flow, proposing, queries, recusing
from huhang.cases.inputs import offered
from huhang.kernel.write import write

MOST_ANSWERS = 20


class Answer(Strict):
    """Whether something holds, and why."""

    holds: bool
    words: Text


Answers = Annotated[dict[str, Answer], Field(max_length=MOST_ANSWERS)]
KINDS: dict[str, Any] = {
    "text": Text, "line": Line, "choice": Code, "number": int, "yes": bool, "units": Codes, "choices": Codes,
    "accused": Codes, "colleague": Code, "group": Code, "actor": Code, "case": Code,
    "closed_case": Code,
    "day": date, "part": Code, "concerned": Code, "answers": Answers,
}  # fmt: skip
TAKES = {
    "choice": "a key of the rulebook's list {source}",
    "answers": "one to each key of the rulebook's list {source}",
    "concerned": "unit:code, group:code or person:key of a party of the case",
    "units": "codes of units",
    "choices": "keys of the rulebook's list {source}",
    "accused": "unit:code, group:code or person:sign-in name",
    "group": "code of a group",
    "actor": "unit:code or group:code",
    "case": "reference of a case",
    "closed_case": "reference of a closed case",
    "number": "a whole number",
    "colleague": "sign-in name; another than the own only by a leader",
    "part": "code of a unit that is responsible or co-handling",
}


class Done(Schema):
    """The case after the verb; ``visible`` is false, and the rest null, where this person no longer
    sees it. ``waits_for``: the post whose approval it waits for; then nothing is done yet.
    ``stranded``: they withdrew, and of the responsible unit nobody is left who could carry the case
    on; the intake office is told."""

    ref: str
    waits_for: str | None
    visible: bool
    state: str | None
    version: int | None
    stranded: bool = False


def body(verb: str) -> Any:
    """The body of a verb: the case's version that was seen, and exactly the verb's fields."""
    values: dict[str, Any] = {
        "version": (
            Annotated[int, Field(ge=1, description="The version of the case that was seen")],
            ...,
        )
    }
    for field in filter(offered, flow.FIELDS[verb]):
        kind: Any = int if field.source == "ratings" else KINDS[field.kind]
        words = TAKES.get(field.kind, "").format(source=field.source)
        said = ": ".join(filter(None, (str(field.label), words)))
        annotated = Annotated[kind, Field(description=said)]  # type: ignore[valid-type]
        values[field.name] = (annotated, ...) if field.required else (annotated | None, None)
    name = "".join(part.title() for part in verb.split("_"))
    return create_model(f"{name}Values", __base__=Strict, **values)


def _put(verb: str) -> None:
    model = body(verb)
    scope = "publish" if verb in flow.DISCLOSING else "act"

    def view(request: HttpRequest, ref: str, data: model) -> Any:  # type: ignore[valid-type]
        values = data.dict(exclude_unset=True)  # type: ignore[attr-defined]
        version = values.pop("version")
        actor = actor_of(request)
        case = write(
            lambda w: actions.perform(w, ref, verb, version=version, **values), actor=actor
        )
        seen = queries.sees(actor, case)
        post = next((a.post for a in proposing.pending(case) if a.verb == verb), None)
        return {"ref": case.ref, "waits_for": post, "visible": seen,
                "state": case.state if seen else None,
                "version": case.version if seen else None,
                "stranded": verb == recusing.VERB and recusing.is_stranded(case)}  # fmt: skip

    view.__doc__ = f"{flow.VERBS[verb]}. A verb of the loop; docs/loop.md says who may, and when."
    operation(
        "POST", f"/cases/{{ref}}/verbs/{verb}", scope=scope, roles=CASE_ROLES, answer=Done,
        tag="verbs", name=verb,
    )(view)  # fmt: skip


with translation.override("en"):
    for _verb in flow.VERBS:
        if _verb in queries.used()[1] and any(
            t.verb == _verb and t.who - {"reporter", "operator"} for t in flow.TABLE
        ):
            _put(_verb)
