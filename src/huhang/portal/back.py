"""Coming back by code: progress, messages both ways, more files, a rating at the end."""

from __future__ import annotations

import re
from typing import Any

import orjson
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from huhang.cases import actions, flow
from huhang.cases.models import Case, Message, Report
from huhang.cases.queries import flow_of, payload_value, verbs_for
from huhang.intake import media, reporter_code, retaliation, splitting, staging
from huhang.intake.actions import add_files, check_room, login_hash
from huhang.kernel.actor import Actor
from huhang.kernel.errors import Full, HuhangError, Missing, Refused
from huhang.kernel.models import Entry
from huhang.kernel.plain import MAX_TEXT, plain_text
from huhang.kernel.write import write
from huhang.look.once import new_mark, once
from huhang.portal import receipts
from huhang.portal.views import language, page_context
from huhang.rulebook import current

_token = re.compile(r"[0-9a-f]{64}")
_code = re.compile(r"[0-9A-Z]{33}")
# What a reporter is shown of the loop: a step is done once one of its states was reached.
MILESTONES: tuple[tuple[tuple[str, ...], Any], ...] = (
    (("received", "kept"), flow.STATES["received"]),
    (("accepted",), flow.STATES["accepted"]),
    (
        ("assigned", "talking", "investigating", "held", "awaiting_reply", "replied",
         "awaiting_comments", "commented", "proposed", "found", "filed"),
        flow.STATES["investigating"],
    ),
    (("rectifying", "submitted", "verified"), flow.STATES["rectifying"]),
    (("recommended", "followed_up"), flow.STATES["recommended"]),
    (("fed_back", "governed"), flow.STATES["fed_back"]),
    (("closed",), flow.STATES["closed"]),
)  # fmt: skip
ENDS = ("declined", "transferred", flow.SEALED)


def _find(token: str) -> Report | None:
    if not _token.fullmatch(token):
        return None
    return Report.objects.select_related("case").filter(login_hash=login_hash(token)).first()


@require_http_methods(["GET", "POST"])
def come_back(request: HttpRequest) -> HttpResponse:
    """Ask for the code, or show the report whose code this is and do what was asked."""
    if request.method == "GET":
        return render(request, "portal/back.html", page_context())
    token = request.POST.get("login_token", "")
    typed = request.POST.get("code", "")
    if not token and typed:
        try:
            token = reporter_code.login_token(reporter_code.normalise(typed))
        except Refused as error:
            return _ask_again(request, typed, str(error))
    elif not token:
        return _ask_again(request, "", _("Type or paste your code."))
    report = _find(token)
    if report is None:
        return _ask_again(request, typed, _("No report has this code. Check it letter by letter."))
    actor = _reporter(report)
    done: str = ""
    failure: HuhangError | None = None
    mark = request.POST.get("mark", "")
    try:
        if request.POST.get("do") == "retaliation":
            return _retaliation(request, report, actor)
        if (what := request.POST.get("do", "")) in receipts.FILES:
            return _saved(report, what)
        # Reloading the answer to a message must not send the message again.
        about = _about(request, report)
        done = once.run(
            mark and f"{about.pk} {mark}", lambda: _act(request, about, _reporter(about))
        )
    except HuhangError as failed:
        failure = failed
    return _show(request, token, report, actor, done, failure)


def _reporter(report: Report) -> Actor:
    return Actor("reporter", "reporter", report_id=report.pk, case_id=report.case_id)


def _about(request: HttpRequest, report: Report) -> Report:
    """The report, or the part of it that the form is about. Raises ``Missing``."""
    ref = request.POST.get("part", "")
    if not ref:
        return report
    found = {part.ref: part for part in splitting.parts_of(report)}
    if ref not in found:
        raise Missing(_("There is no such report."))
    return found[ref]


def _ask_again(request: HttpRequest, typed: str, error: str) -> HttpResponse:
    return render(
        request, "portal/back.html", page_context(code_error=error, typed=typed[:80]), status=400
    )


def _act(request: HttpRequest, report: Report, actor: Actor) -> str:
    """Do what the form asks; what to say about it. Raises ``HuhangError``."""
    do = request.POST.get("do", "")
    ref = report.case.ref
    if do == "reply":
        note = request.POST.get("note", "")
        write(lambda w: actions.perform(w, ref, "reply", note=note), actor=actor)
        return _("Your message is kept.")
    if do == "rate":
        rating, words = request.POST.get("rating", ""), request.POST.get("words", "")
        write(lambda w: actions.perform(w, ref, "rate", rating=rating, note=words), actor=actor)
        return _("Thank you. Your rating is kept.")
    if do == "files":
        return _more_files(request, report, actor)
    return ""


def _retaliation(request: HttpRequest, report: Report, actor: Actor) -> HttpResponse:
    """Open a case of its own, and show its code once. Raises ``HuhangError``."""
    check_room()
    code = reporter_code.normalise(request.POST.get("server_code", ""))
    text = plain_text(request.POST.get("retaliation", ""))
    if len(text) > MAX_TEXT:
        raise Refused(
            _("At most %(limit)d characters, not %(given)d.")
            % {"limit": MAX_TEXT, "given": len(text)},
            field="retaliation",
        )
    retaliation.raise_once(report, text, reporter_code.login_token(code), actor=actor)
    return render(
        request,
        "portal/kept.html",
        page_context(groups=reporter_code.groups(code), code=code, own_code=True),
    )


def _saved(report: Report, what: str) -> HttpResponse:
    """The receipt or the promise as a file. Raises ``HuhangError``."""
    text = receipts.text_of(report, what)
    if not text:
        raise Missing(_("There is no receipt yet."))
    answer = HttpResponse(text, content_type="text/plain; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{receipts.FILES[what]}"'
    return answer


def _server_code(request: HttpRequest) -> str:
    """The code that the form of retaliation would give out: the same while it is corrected."""
    sent = request.POST.get("server_code", "")
    return sent if _code.fullmatch(sent) else reporter_code.new_code()


def _more_files(request: HttpRequest, report: Report, actor: Actor) -> str:
    sent = request.FILES.getlist("upload")
    if not sent:
        raise Refused(_("Choose a file first."), field="upload")
    present = report.attachments.count()
    if len(sent) + present > settings.HUHANG_UPLOAD_MAX_FILES:
        raise Refused(
            _("At most %(limit)d files.") % {"limit": settings.HUHANG_UPLOAD_MAX_FILES},
            field="upload",
        )
    checked = [media.check(f.name or "file", f.read()) for f in sent]
    uploads = [staging.keep_one(m) for m in checked]
    write(lambda w: add_files(w, report, uploads), actor=actor)
    return _("Your files are kept.")


def _state(report: Report, actor: Actor) -> dict[str, Any]:
    """What the reporter sees of a report, or of a part: progress, words, messages, what they may do."""
    case = Case.objects.get(pk=report.case_id)
    verbs = verbs_for(actor, case)
    words = payload_value(report.words)
    thread = []
    for message in Message.objects.filter(report=report).order_by("sent_at", "id"):
        said = payload_value(message.payload)
        thread.append(
            {
                "own": message.from_reporter,
                "who": _("You") if message.from_reporter else _("The office"),
                "at": message.sent_at,
                "text": said["text"] if said else _("These words were erased."),
            }
        )
    return {
        "steps": _progress(case, report), "text": words["text"] if words else None, "thread": thread,
        "may_rate": "rate" in verbs, "may_reply": "reply" in verbs,
        "rating": current().ratings.get(case.rating) if case.rating else None,
    }  # fmt: skip


def _show(
    request: HttpRequest, token: str, report: Report, actor: Actor, done: str,
    error: HuhangError | None,
) -> HttpResponse:  # fmt: skip
    part = request.POST.get("part", "")
    typed = {
        # In the other language, or refused: what was typed is still there.
        "note": request.POST.get("note", "") if error or not request.POST.get("do") else "",
        "rating_words": request.POST.get("words", "") if error else "",
    }
    parts = [
        {**_state(one, _reporter(one)), "ref": one.ref, **(typed if one.ref == part else {})}
        for one in splitting.parts_of(report)
    ]
    status = 200
    if error is not None:
        status = 503 if isinstance(error, Full) else 400
    return render(
        request,
        "portal/report.html",
        page_context(
            token=token,
            parts=parts,
            files=report.attachments.all(),
            may_raise="retaliation" in current().fairness,
            raised=[r.case.received_at for r in retaliation.raised_with(report)],
            suffered=request.POST.get("retaliation", "") if error else "",
            server_code=_server_code(request),
            ratings=[
                (k, v.in_(language())) for k, v in sorted(current().ratings.items(), reverse=True)
            ],
            filed=report.recorded_at,
            **receipts.state(report),
            done=done,
            error=error,
            **_state(report, actor),
            **({} if part else typed),
            most=MAX_TEXT,
            mark=new_mark(),
            back_url=reverse("portal:back"),
        ),
        status=status,
    )


def _progress(case: Case, report: Report) -> list[dict[str, Any]]:
    """The milestones with their days; nobody's name, and no inner step."""
    reached: dict[str, Any] = {"received": report.recorded_at}
    entries = Entry.objects.filter(case_id=case.pk).order_by("seq")
    for manifest, at in entries.values_list("manifest", "recorded_at"):
        state = orjson.loads(manifest).get("to")
        if state:
            reached.setdefault(state, at)
    if case.state in ENDS:
        return [
            {"what": flow.STATES["received"], "at": report.recorded_at, "state": "done"},
            {"what": flow.STATES[case.state], "at": reached.get(case.state), "state": "now"},
        ]
    able = flow.used(frozenset({flow_of(case)}))[0]
    milestones = [m for m in MILESTONES if set(m[0]) & set(able)]
    now = next((n for n, (states, _w) in enumerate(milestones) if case.state in states), 0)
    steps = []
    for number, (states, what) in enumerate(milestones):
        moments = [reached[s] for s in states if s in reached]
        state = "done" if number < now else "now" if number == now else "ahead"
        if number == now and case.state == "closed":
            state = "done"
        steps.append(
            {
                "what": what,
                "at": min(moments) if moments and number <= now else None,
                "state": state,
            }
        )
    # A step that this case never took (nothing had to be rectified) is left out once passed.
    return [s for s in steps if s["state"] != "done" or s["at"] is not None]
