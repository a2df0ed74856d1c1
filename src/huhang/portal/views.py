"""Reporting: the start page, one question a page, and the acknowledgement."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_safe

from huhang.cases.models import Report
from huhang.intake import media, reporter_code, sites, staging
from huhang.intake.actions import ReportDraft, login_hash, submit_once
from huhang.intake.actions import check_room as check_room
from huhang.kernel.actor import PUBLIC
from huhang.kernel.errors import Full, Refused
from huhang.look.once import new_mark, shown
from huhang.parties.models import Unit
from huhang.parties.names import GroupNames, named
from huhang.portal import answers as said
from huhang.portal import limits, receipts
from huhang.portal.forms import PAGES
from huhang.rulebook import current

_token = re.compile(r"[0-9a-f]{64}")
_body = re.compile(r"[0-9A-Z]{33}")
_KEPT_SALT = "huhang.portal.kept"
KEPT_SECONDS = 3600


def language() -> str:
    """The language of the page."""
    return get_language() or settings.LANGUAGE_CODE


def page_context(**more: Any) -> dict[str, Any]:
    """What every page of this room shows."""
    book = current()
    return {
        "home_url": reverse("portal:start"),
        "privacy_url": reverse("portal:privacy"),
        "log_url": reverse("portal:log"),
        "office": book.office.in_(language()),
        "who_reads": book.who_reads.in_(language()),
        **more,
    }


@require_safe
def start(request: HttpRequest, site: str = "") -> HttpResponse:
    """The page that a scan code opens."""
    place = sites.find_site(site) if site else None
    return render(
        request,
        "portal/start.html",
        page_context(
            site=place,
            site_name=place.in_(language()) if place else "",
            unknown_site=bool(site) and place is None,
            emergency=current().emergency_phone,
        ),
    )


@require_http_methods(["GET", "POST"])
def report(request: HttpRequest) -> HttpResponse:
    """One question a page; the last one sends."""
    if request.method == "GET":
        answers = said.Answers(site=request.GET.get("site", "")[:40])
        return _page(request, "whom", answers)
    answers = said.read(request.POST)
    step = request.POST.get("step", "whom")
    if step not in said.STEPS:
        step = "whom"
    go = request.POST.get("go")
    if go == "back":
        order = said.steps(answers)
        at = order.index(step) if step in order else 1
        return _page(request, order[max(0, at - 1)], answers)
    if go == "show" and step in said.steps(answers):
        # The page as it is: in the other language, or brought back by script after a reload.
        return _shown_again(request, step, answers)
    if go == "drop_site":
        answers.site = ""
        return _page(request, step, answers)
    if not answers.right_channel and answers.unit and GroupNames().is_office(answers.unit):
        answers.subject = "own_leaders"
    if answers.right_channel:
        # Nothing of this is stored: this office must not hold it.
        words = current().right_channels[answers.right_channel].in_(language())
        return render(
            request,
            "portal/right_channel.html",
            page_context(words=words, site=answers.site, phone=current().right_phone),
        )
    if step == "send":
        return _send(request, answers)
    try:
        said.check(step, answers)
        if step == "files":
            stay = _take_files(request, answers)
            if stay:
                return _page(request, "files", answers)
    except (Refused, Full) as error:
        return _page(request, step, answers, error)
    order = said.steps(answers)
    return _page(request, order[order.index(step) + 1], answers)


def _shown_again(request: HttpRequest, step: str, answers: said.Answers) -> HttpResponse:
    error = None
    try:
        if step == "files" and request.FILES:
            _take_files(request, answers)
    except (Refused, Full) as refused:
        error = refused
    return _page(request, step, answers, error)


def _take_files(request: HttpRequest, answers: said.Answers) -> bool:
    """Stage what was sent and drop what was taken back; whether to stay on the page."""
    dropped = request.POST.get("drop", "")
    if dropped:
        staging.discard(dropped)
        answers.files = [f for f in answers.files if f != dropped]
        return True
    sent = request.FILES.getlist("upload")
    if len(sent) + len(answers.files) > settings.HUHANG_UPLOAD_MAX_FILES:
        raise Refused(
            _("At most %(limit)d files.") % {"limit": settings.HUHANG_UPLOAD_MAX_FILES},
            field="upload",
        )
    for file in sent:
        if file.size is not None and file.size > settings.HUHANG_UPLOAD_MAX_MB * 1024 * 1024:
            raise Refused(
                _("%(name)s is larger than %(limit)d MB.")
                % {"name": file.name, "limit": settings.HUHANG_UPLOAD_MAX_MB},
                field="upload",
            )
        try:
            checked = media.check(file.name or "file", file.read())
        except Refused as error:
            raise Refused(error.message, field="upload") from None
        answers.files.append(staging.put(checked))
    return bool(sent)


def _page(
    request: HttpRequest,
    step: str,
    answers: said.Answers,
    error: Exception | None = None,
    *,
    puzzle: bool = False,
) -> HttpResponse:
    order = said.steps(answers)
    context = page_context(
        step=step,
        form=PAGES[step](answers, error),
        hidden=answers.hidden(step),
        number=order.index(step) + 1,
        total=len(order),
        first=step == order[0],
        flow=answers.site or "everywhere",
        answers=answers,
        site=answers.site,
    )
    if step == "unit":
        context["units"] = (
            Unit.objects.filter(active=True).order_by("code").values_list("name", flat=True)
        )
    place = sites.find_site(answers.site) if answers.site else None
    if place is not None:
        context["site_name"] = place.in_(language())
    if step in ("files", "send"):
        described = [(n, staging.describe(n)) for n in answers.files]
        context["staged"] = [(n, d) for n, d in described if d is not None]
        context["allowed"] = media.kinds_taken()
        context["limit"] = settings.HUHANG_UPLOAD_MAX_MB
        context["most"] = settings.HUHANG_UPLOAD_MAX_FILES
    if step == "send":
        code = request.POST.get("server_code", "")
        context["server_code"] = code if _body.fullmatch(code) else reporter_code.new_code()
        if said.first_wrong(answers) is None:
            context["occurred"] = said.occurred_on(answers)
        context["subject_words"] = said.SUBJECTS.get(answers.subject, "")
        kind = current().kind_questions.get(answers.kind)
        context["kind_words"] = kind.in_(language()) if kind else ""
        if puzzle:
            context["puzzle"] = limits.puzzle()
    status = 200
    if error is not None:
        status = 503 if isinstance(error, Full) else 400
    return render(request, f"portal/{step}.html", context, status=status)


def _send(request: HttpRequest, answers: said.Answers) -> HttpResponse:
    wrong = said.first_wrong(answers)
    if wrong is not None:
        return _page(request, wrong[0], answers, wrong[1])
    data = request.POST
    code = ""
    token = data.get("login_token", "")
    if not _token.fullmatch(token):
        try:
            code = reporter_code.normalise(data.get("server_code", ""))
        except Refused:
            return _page(request, "send", answers, Refused(_("Please send it again.")))
        token = reporter_code.login_token(code)
    # Where the answer to the first sending was lost its files are gone from staging by now, so this
    # is asked first; without files the database's constraint says the same (submit_once).
    if answers.files and (known := _known(token)):
        return _acknowledge(request, answers, code, known)
    seal = data.get("puzzle_seal", "")
    if limits.over(request) and not (seal and limits.solved(seal, data.get("puzzle_answer", ""))):
        if known := _known(token):
            return _acknowledge(request, answers, code, known)
        return _page(
            request, "send", answers,
            Refused(_("Many reports came from your network within the hour. Please do this sum, so "
                      "that we know that it is not a machine.")),
            puzzle=True,
        )  # fmt: skip
    try:
        check_room()
        draft = _draft(answers, token)
        filed = submit_once(draft, actor=PUBLIC)
    except FileNotFoundError:
        answers.files = [f for f in answers.files if staging.describe(f) is not None]
        return _page(
            request, "files", answers,
            Refused(_("Your files waited too long and were deleted. Please choose them again."),
                    field="upload"),
        )  # fmt: skip
    except (Refused, Full) as error:
        return _page(request, "send", answers, error)
    return _acknowledge(request, answers, code, filed.report_id)


def _known(token: str) -> int | None:
    """The report that was sent with this token already."""
    known = Report.objects.filter(login_hash=login_hash(token))
    return known.values_list("pk", flat=True).first()


def _acknowledge(
    request: HttpRequest, answers: said.Answers, code: str, report_id: int
) -> HttpResponse:
    """Kept: with the code when the server made it; else an address that holds for an hour. The signed
    promise is shown once: it stands in no address, for whoever finds that would know whose report it is."""
    for name in answers.files:
        staging.discard(name)
    if code:
        groups = reporter_code.groups(code)
        promise = receipts.shown(report_id)
        return render(
            request, "portal/kept.html", page_context(groups=groups, code=code, **promise)
        )
    place = new_mark()
    shown.keep(f"promise {place}", str(report_id))
    sign = signing.dumps(place, salt=_KEPT_SALT)
    return HttpResponseRedirect(f"{_kept_url(language())}?k={sign}", status=303)


@cache
def _kept_url(_language: str) -> str:
    return reverse("portal:kept")


def _draft(answers: said.Answers, token: str) -> ReportDraft:
    words = {"text": answers.text}
    if answers.when:
        words["when"] = answers.when
    if answers.unit:
        words["unit"] = answers.unit
    if answers.person:
        words["person"] = answers.person
    whom = named(answers.unit, answers.person, current().unit_aliases)
    contact = {k: v for k, v in (("name", answers.name), ("phone", answers.phone)) if v}
    reachable = answers.reach == "contact" and bool(contact)
    site = sites.find_site(answers.site) if answers.site else None
    return ReportDraft(
        channel=current().portal_channel,
        words=words,
        kind=answers.kind,
        contact=contact if reachable else None,
        anonymous=not reachable,
        units=whom.units,
        groups=whom.groups,
        persons=whom.persons,
        accuse=current().accuses(answers.kind),
        language=language(),
        site=site.code if site else "",
        occurred_on=said.occurred_on(answers),
        login_hash=login_hash(token),
        uploads=staging.keep(answers.files),
    )


@require_GET
def kept(request: HttpRequest) -> HttpResponse:
    """The acknowledgement: kept, and no more promised than that. Only after a sending: whoever
    comes here otherwise has sent nothing, and is not told that it was received."""
    try:
        place = signing.loads(request.GET.get("k", ""), salt=_KEPT_SALT, max_age=KEPT_SECONDS)
    except signing.BadSignature:
        return HttpResponseRedirect(reverse("portal:start"))
    report_id = shown.take(f"promise {place}")
    promise = receipts.shown(int(report_id)) if report_id else {}
    return render(request, "portal/kept.html", page_context(**promise))
