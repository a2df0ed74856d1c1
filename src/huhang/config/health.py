"""/healthz: whether this machine can take reports in, for a monitor."""

from __future__ import annotations

import shutil

from django.conf import settings
from django.db import DatabaseError
from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_safe

from huhang import __version__
from huhang.config import reactions, worker

SILENT_SECONDS = 60


def state() -> dict[str, object]:
    """What works: database, disk, worker, and how far read models lag behind, in coarse steps."""
    found: dict[str, object] = {"version": __version__}
    try:
        behind = reactions.behind()
        silent = worker.silent_for()
        found["database"] = True
    except DatabaseError:
        found.update(database=False, ok=False)
        return found
    free = shutil.disk_usage(settings.HUHANG_HOME).free // (1024 * 1024)
    found["disk"] = free >= settings.HUHANG_MIN_FREE_MB
    found["worker"] = silent is not None and silent < SILENT_SECONDS
    # In powers of two alone: a number of entries would tell when something was filed.
    found["worker_lag"] = 0 if behind < 64 else 1 << (behind.bit_length() - 1)
    found["ok"] = bool(found["disk"])
    return found


@require_safe
def healthz(request: HttpRequest) -> JsonResponse:
    """200 when reports are taken in, 503 when not; the worker's state stands in the body."""
    found = state()
    response = JsonResponse(found, status=200 if found["ok"] else 503)
    response["Cache-Control"] = "no-store"
    return response
