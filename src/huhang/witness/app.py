"""The witness as a WSGI application; ``WITNESS_FOLDER`` of the environment says where it lies."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from huhang.witness.cosigning import MOST_BYTES, TEXT, Answer, add_checkpoint
from huhang.witness.folder import Witness

REASONS = {
    200: "OK", 400: "Bad Request", 403: "Forbidden", 404: "Not Found", 405: "Method Not Allowed",
    409: "Conflict", 413: "Content Too Large", 422: "Unprocessable Entity",
}  # fmt: skip
Start = Callable[[str, list[tuple[str, str]]], Any]


class Application:
    """POST /add-checkpoint; GET / says who this is and what it saw last."""

    def __init__(self, witness: Witness) -> None:
        self.witness = witness

    def __call__(self, environ: dict[str, Any], start: Start) -> Iterable[bytes]:
        answer = self._answer(environ)
        body = answer.body.encode()
        headers = [("Content-Type", answer.content_type), ("Content-Length", str(len(body)))]
        start(
            f"{answer.status} {REASONS[answer.status]}", [*headers, ("Cache-Control", "no-store")]
        )
        return [body] if environ["REQUEST_METHOD"] != "HEAD" else []

    def _answer(self, environ: dict[str, Any]) -> Answer:
        path, method = environ.get("PATH_INFO", ""), environ["REQUEST_METHOD"]
        if path == "/add-checkpoint":
            if method != "POST":
                return Answer(405, "POST a checkpoint\n")
            length = environ.get("CONTENT_LENGTH", "")
            most = min(int(length), MOST_BYTES + 1) if length.isdigit() else MOST_BYTES + 1
            body = environ["wsgi.input"].read(most)
            if len(body) > MOST_BYTES:
                return Answer(413, "too large\n")
            return add_checkpoint(self.witness, body, int(time.time()))
        if path == "/":
            return Answer(200, self._about()) if method in ("GET", "HEAD") else Answer(405, "GET\n")
        return Answer(404, "POST /add-checkpoint\n", TEXT)

    def _about(self) -> str:
        """Its keys, and of each log the size that it cosigned last."""
        lines = [f"key {key.key}" for key in self.witness.keys]
        for origin in dict.fromkeys(key.name for key in self.witness.logs):
            with self.witness.last(origin) as last:
                lines.append(f"log {origin} {last.size}")
        return "".join(f"{line}\n" for line in lines)


def application(environ: dict[str, Any], start: Start) -> Iterable[bytes]:
    """What granian serves."""
    return _made()(environ, start)


_one: list[Application] = []


def _made() -> Application:
    if not _one:
        _one.append(Application(Witness(Path(os.environ["WITNESS_FOLDER"]))))
    return _one[0]
