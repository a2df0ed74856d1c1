"""A case: its reports, parties, timeline and verbs; the form of a verb; its files."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext
from django.views.decorators.http import require_http_methods, require_safe

from huhang.cases import (
    accounting,
    actions,
    approvals_seen,
    days,
    flow,
    hints,
    lists,
    proposing,
    queries,
    reads,
    recusing,
    retention,
    splits,
    sweeping,
)
from huhang.cases.duties import duties_of
from huhang.cases.fairness import reading
from huhang.cases.models import Case, Clock, Party
from huhang.cases.reading import WARNINGS, published_view, report_view, who_will_read
from huhang.cases.timeline import OTHER_VERBS, timeline
from huhang.console import papers, transfers
from huhang.console.approvals import LABELS
from huhang.console.middleware import actor_of, for_roles
from huhang.console.pages import CASE_ROLES, in_language, language, page
from huhang.console.retention import term_words
from huhang.console.verb_forms import VerbForm
from huhang.intake import splitting
from huhang.intake.attachments import read_attachment
from huhang.intake.models import Site
from huhang.kernel import clock
from huhang.kernel.actor import Actor
from huhang.kernel.errors import Conflict, HuhangError, Missing, NotAllowed
from huhang.kernel.write import write
from huhang.look.files import download
from huhang.rulebook import current

WORD_LABELS: dict[str, Any] = {
    "text": gettext_lazy("What happened"),
    "subject": gettext_lazy("Subject"),
    "unit": gettext_lazy("Unit as named"),
    "person": gettext_lazy("Person as named"),
    "handling_unit": gettext_lazy("Handled before by"),
    "when": gettext_lazy("When"),
    "reply": gettext_lazy("Reply given before"),
    "replied_on": gettext_lazy("Replied on"),
    "category": gettext_lazy("Category"),
    "place": gettext_lazy("Place"),
    "satisfaction": gettext_lazy("Satisfaction"),
    "read_back": gettext_lazy("Read back to the visitor"),
    "minutes": gettext_lazy("Minutes"),
}
DESTRUCTIVE = (
    "decline", "transfer_out", "merge", "recur", "accuse", "recuse", "erase", "seal_forward",
    "punish_jointly",
)  # fmt: skip
NEXT = ("sign_receipt", "record_answer")
"""Verbs that come next, though the case stays where it is."""
ASIDE = ("keep", "reopen", "return_assignment")
"""Verbs that move a case on, but are not its usual next step."""


@for_roles(*CASE_ROLES)
@require_safe
def case(request: HttpRequest, ref: str) -> HttpResponse:
    """The case page."""
    actor = actor_of(request)
    found = queries.access_case(actor, ref)
    reads.note(actor, found)
    return page(request, "console/case.html", _context(actor, found, request), here="queue")


def _context(actor: Actor, case: Case, request: HttpRequest) -> dict[str, Any]:
    book = current()
    parties = list(
        Party.objects.filter(case=case).select_related("unit", "group", "person").order_by("id")
    )
    verbs = queries.verbs_for(actor, case, parties)
    nature = book.natures[case.nature]
    rules = book.clocks
    done = request.GET.get("done", "")
    lines: dict[str, list[str]] = {}
    for party in parties:
        who = party.unit or party.group or party.person
        name = getattr(who, "name", "") if party.person_id else in_language(who)
        if party.provisional:
            name += _(" (named, until triage)")
        said = [book.duties[d].words.in_(language()) for d in duties_of(party)]
        if said and case.state in lists.LISTED:
            name += _(" (%(duties)s)") % {"duties": pgettext("list", ", ").join(said)}
        lines.setdefault(party.relation, []).append(name)
    kept = retention.kept(case)
    approvals = approvals_seen.approvals_of(actor, case)
    for one in approvals:
        one["buttons"] = [(do, LABELS[do]) for do in one["doings"]]
    clocks = list(Clock.objects.filter(case=case).order_by("id"))
    return {
        "case": case,
        "state": flow.STATES[case.state],
        "kind": book.kinds[case.kind].in_(language()),
        "nature": nature.words.in_(language()),
        "channel": book.channels[case.channel].in_(language()),
        "behaviour": book.behaviours[case.behaviour].words.in_(language())
        if case.behaviour
        else "",
        "finding": book.findings[case.finding].in_(language()) if case.finding else "",
        "governed": book.govern_forms[case.governed].in_(language()) if case.governed else "",
        "rating": book.ratings[case.rating].in_(language()) if case.rating else "",
        "parties": [(words, lines[r]) for r, words in flow.RELATIONS.items() if r in lines],
        "rectifications": [
            (in_language(r.unit or (r.party and r.party.group)), r)
            for r in lists.rectifications(case, parties)
        ],
        "progress": lists.PROGRESS[lists.progress_of(case)],
        "clocks": [(c, _rule(rules[c.rule]) if c.rule in rules else None) for c in clocks],
        "verbs": _buttons(case, verbs),
        "reports": [_report(actor, case, r, parties) for r in queries.reports_of(case)],
        "steps": timeline(actor, case),
        "reads": reads.named(case) if actor.has("leader") else None,
        "recusals": recusing.recusals(case) if actor.has("leader") else None,
        "stranded": any(actor.has(r) for r in ("intake", "leader")) and recusing.is_stranded(case),
        "done": flow.VERBS.get(done) or OTHER_VERBS.get(done, ""),
        "waits": flow.VERBS.get(request.GET.get("waits", ""), ""),
        "approvals": approvals,
        "proposals": accounting.views(list(accounting.proposals(actor, case))),
        "leads": actor.has("leader"),
        "rests": sweeping.rows_of([case])[0] if case.state in flow.RESTING else None,
        "past_approvals": [a for a in approvals if a["state"] != "pending"],
        "papers": papers.panel(actor, case),
        "earlier": queries.visible_to(actor).filter(pk=case.earlier_id or 0).first(),
        "return_until": queries.return_until(case) if "return_assignment" in verbs else None,
        "merged_into": queries.visible_to(actor).filter(pk=case.merged_into_id or 0).first(),
        "transfers": transfers.panel(case),
        "hints": pgettext("list", ", ").join(hints.of(case)),
        "published": published_view(case),
        "kept": kept,
        "kept_words": term_words(kept.rule),
        "due_context": days.due_of(case, clock.today()),
        "fairness": reading.section(actor, case, parties),
        "linked": reading.linked(actor, case),
        "beside": splits.beside(actor, case),
        "may_split": splitting.may_split(actor, case),
        "may_raise": actor.has("intake") and "retaliation" in book.fairness,
    }


def _site(code: str) -> str:
    site = Site.objects.filter(code=code).first() if code else None
    return in_language(site) if site else code


GRADES: dict[str, Any] = {
    "A": gettext_lazy("full official text"),
    "B": gettext_lazy("official or press page"),
    "C": gettext_lazy("copy by others"),
}


def _rule(rule: Any) -> dict[str, Any]:
    return {"words": rule.words, "source": rule.source, "confirmed": rule.confirmed,
            "grade_words": GRADES.get(rule.grade, rule.grade)}  # fmt: skip


def _buttons(case: Case, verbs: list[str]) -> list[tuple[str, Any, str]]:
    """The verbs with their words and looks: the next steps first, what ends or bars last."""
    order = list(flow.STATES)
    course = queries.flow_of(case)

    def rank(verb: str) -> int:
        row = flow.transition(course, case.state, verb)
        if verb in DESTRUCTIVE:
            return 2
        forward = row and row.target and order.index(row.target) > order.index(case.state)
        if (forward and verb not in ASIDE) or verb in NEXT:
            return 0
        return 0 if verb == "hear" and not case.heard else 1

    found = []
    for place, verb in enumerate(sorted(verbs, key=rank)):
        main = place == 0 and rank(verb) == 0
        look = "" if main else "danger calm" if verb in DESTRUCTIVE else "quiet"
        found.append((verb, flow.VERBS[verb], look))
    return found


def _report(actor: Actor, case: Case, report: Any, parties: list[Party]) -> dict[str, Any]:
    seen = report_view(actor, case, report, parties)
    said = []
    for key, value in (seen["words"] or {}).items():
        label = key[1:] if key.startswith("+") else WORD_LABELS.get(key) or _("Further content")
        said.append((label, value, key == "text"))
    said.sort(key=lambda one: not one[2])
    contact = None
    if seen["contact"] is not None or seen["contact_erased"]:
        contact = {"erased": seen["contact_erased"], "said": _contact(seen["contact"] or {})}
    thread = [
        {
            "own": not message["from_reporter"],
            "who": _("Reporter") if message["from_reporter"] else _("The office"),
            "at": message["sent_at"],
            "text": message["text"] or _("These words were erased."),
        }
        for message in seen["messages"]
    ]
    return {
        "report": report,
        "channel": current().channels[report.channel].in_(language()),
        "said": said,
        "erased": seen["words"] is None,
        "number": seen["number"],
        "contact": contact,
        "hidden_contact": seen["contact_hidden"],
        "files": seen["files"],
        "site": _site(report.site),
        "thread": thread,
        "originals": seen["originals"],
    }


def _contact(known: dict[str, str]) -> list[tuple[str, str]]:
    """Name and telephone, then what else a hand-over told of the reporter, each with its heading."""
    own = [("", known[key]) for key in ("name", "phone") if known.get(key)]
    return own + [(key[1:], value) for key, value in known.items() if key.startswith("+")]


@for_roles(*CASE_ROLES)
@require_http_methods(["GET", "POST"])
def verb(request: HttpRequest, ref: str, verb: str) -> HttpResponse:
    """The form of a verb; sent, the verb is done."""
    actor = actor_of(request)
    case = queries.access_case(actor, ref)
    if verb not in flow.VERBS:
        raise Missing(_("There is no such verb."))
    if request.method == "GET" and verb not in queries.verbs_for(actor, case):
        raise NotAllowed(_("You cannot do this on this case now."))
    form = VerbForm(
        verb, case, request.POST if request.method == "POST" else None, actor,
        leads=actor.has("leader"),
    )  # fmt: skip
    status = 200
    if request.method == "POST":
        status = 400
        if form.is_valid():
            try:
                version = int(request.POST.get("version", ""))
            except ValueError:
                version = -1
            try:
                write(
                    lambda w: actions.perform(w, ref, verb, version=version, **form.values()),
                    actor=actor,
                )
            except (Conflict, NotAllowed) as error:
                status = 409
                form.add_error(None, str(error))
            except HuhangError as error:
                if not error.field and not isinstance(error, Missing):
                    form.add_error(None, str(error))
                elif error.field in form.fields:
                    form.add_error(error.field, str(error))
                else:
                    raise
            else:
                return HttpResponseRedirect(_after(actor, case, verb))
    form.ask_only_when_needed()
    context = {
        "case": case,
        "verb": verb,
        "label": flow.VERBS[verb],
        "form": form,
        "danger": verb in DESTRUCTIVE,
        "reach": who_will_read(
            verb, list(Party.objects.filter(case=case, provisional=True).select_related("unit"))
        ),
        "warning": WARNINGS.get(verb, ""),
        "chain": approvals_seen.chain_words(case, verb),
        "state": flow.STATES[case.state],
        "version": request.POST.get("version", case.version),
    }
    return page(request, "console/verb.html", context, here="queue", status=status)


def _after(actor: Actor, case: Case, verb: str) -> str:
    """Back to the case; to the queue when this person no longer sees it."""
    if queries.sees(actor, case):
        how = "waits" if verb in proposing.waiting_verbs(case) else "done"
        return reverse("console:case", args=[case.ref]) + f"?{how}={verb}"
    stranded = verb == recusing.VERB and recusing.is_stranded(case)
    return reverse("console:queue") + f"?done={verb}" + ("&stranded=1" if stranded else "")


@for_roles(*CASE_ROLES)
@require_safe
def attachment(request: HttpRequest, ref: str, file: str) -> HttpResponse:
    """A file: of an image the copy without metadata, the original only for the intake office."""
    actor = actor_of(request)
    found = read_attachment(actor, ref, file, original="original" in request.GET)
    return download(found.content, found.media_type, found.name)
