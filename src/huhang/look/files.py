"""Files that a page gives out."""

from __future__ import annotations

from pathlib import Path
from typing import TypeVar
from urllib.parse import quote

from django.http import FileResponse, HttpResponse
from django.http.response import HttpResponseBase

EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CSV = "text/csv; charset=utf-8"
TABLES = {"excel": EXCEL, "csv": CSV}
"""What a table that is given out is called on the web."""
Response = TypeVar("Response", bound=HttpResponseBase)


def download(content: bytes, media_type: str, name: str) -> HttpResponse:
    """A file to save under this name, never to show."""
    return _named(HttpResponse(content, content_type=media_type), name)


def download_kept(path: Path, media_type: str, name: str) -> FileResponse:
    """The same of a file on the disk, sent in pieces."""
    return _named(FileResponse(path.open("rb"), content_type=media_type), name)


def _named(response: Response, name: str) -> Response:
    response["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name, safe='')}"
    return response
