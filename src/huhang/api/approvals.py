"""Approvals: what waits for this person, and the steps that they can take."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.http import HttpRequest
from ninja import Schema

from huhang.api.auth import actor_of
from huhang.api.case_shapes import ApprovalOut
from huhang.api.fields import Line, Text
from huhang.api.operations import CASE_ROLES, Strict, operation
from huhang.cases import approving
from huhang.cases.approvals_seen import approvals_of
from huhang.kernel.write import write


class Waiting(Schema):
    """An approval that waits, with its case."""

    case: str
    approval: ApprovalOut


class Opinion(Strict):
    """What a step says; the minutes, where it is a collective study."""

    note: Text = ""


class Reason(Strict):
    note: Text


class Signature(Opinion):
    """A step that was signed on paper: by whom, on which day."""

    signer: Line
    signed_on: date


def _seen(request: HttpRequest, ref: str) -> Any:
    actor = actor_of(request)
    found, case = approving.access(actor, ref)
    return next(a for a in approvals_of(actor, case) if a["ref"] == found.ref)


@operation("GET", "/approvals", scope="read", roles=CASE_ROLES, answer=list[Waiting],
           tag="approvals")  # fmt: skip
def list_waiting(request: HttpRequest) -> Any:
    """What waits for this person's approval, the oldest first."""
    return [
        {"case": a.case.ref, "approval": _seen(request, a.ref)}
        for a in approving.waiting_for(actor_of(request))
    ]


@operation("POST", "/approvals/{ref}/approve", scope="act", roles=CASE_ROLES, answer=ApprovalOut,
           tag="approvals", name="approve_proposal")  # fmt: skip
def approve(request: HttpRequest, ref: str, data: Opinion) -> Any:
    """Approve the step that it waits for; the last one does the verb as it was proposed."""
    write(lambda w: approving.approve(w, ref, note=data.note), actor=actor_of(request))
    return _seen(request, ref)


@operation("POST", "/approvals/{ref}/return", scope="act", roles=CASE_ROLES, answer=ApprovalOut,
           tag="approvals", name="return_proposal")  # fmt: skip
def send_back(request: HttpRequest, ref: str, data: Reason) -> Any:
    """Return it with a reason; whoever proposed can propose anew."""
    write(lambda w: approving.send_back(w, ref, note=data.note), actor=actor_of(request))
    return _seen(request, ref)


@operation("POST", "/approvals/{ref}/take-back", scope="act", roles=CASE_ROLES, answer=ApprovalOut,
           tag="approvals", name="take_proposal_back")  # fmt: skip
def take_back(request: HttpRequest, ref: str, data: Opinion) -> Any:
    """Take back what one proposed."""
    write(lambda w: approving.take_back(w, ref, note=data.note), actor=actor_of(request))
    return _seen(request, ref)


@operation("POST", "/approvals/{ref}/sign", scope="act", roles=CASE_ROLES, answer=ApprovalOut,
           tag="approvals", name="sign_proposal")  # fmt: skip
def sign(request: HttpRequest, ref: str, data: Signature) -> Any:
    """Record that the step was signed on paper. The intake office does."""
    write(lambda w: approving.sign(w, ref, **data.dict()), actor=actor_of(request))
    return _seen(request, ref)
