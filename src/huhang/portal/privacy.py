"""What the office keeps of whoever reports, how long, and who reads it: before anything is typed."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from huhang.intake import staging
from huhang.portal.views import language, page_context
from huhang.rulebook import current


@require_safe
def privacy(request: HttpRequest) -> HttpResponse:
    """The notice. Its terms are the rulebook's; what it says of the program is true of the program."""
    book = current()
    terms = [
        (
            nature.words.in_(language()),
            ngettext("%(count)d year", "%(count)d years", nature.retention.years)
            % {"count": nature.retention.years},
            nature.retention.confirmed,
        )
        for nature in book.natures.values()
    ]
    context = page_context(
        terms=terms,
        unconfirmed=not all(confirmed for _words, _years, confirmed in terms),
        contact=book.privacy_contact.in_(language()) if book.privacy_contact else "",
        hours=staging.KEEP_SECONDS // 3600,
    )
    return render(request, "portal/privacy.html", context)
