"""A report's file, for somebody who may read its case."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _

from huhang.cases import reads
from huhang.cases.models import Attachment
from huhang.cases.queries import access_case
from huhang.intake.media import ALLOWED
from huhang.kernel import files
from huhang.kernel.actor import Actor
from huhang.kernel.errors import Missing
from huhang.kernel.models import Payload


@dataclass(frozen=True)
class File:
    """A file to hand out."""

    name: str
    media_type: str
    content: bytes


def read_attachment(actor: Actor, ref: str, file: str, *, original: bool = False) -> File:
    """A file of this case: of an image the copy without metadata, the original only for the intake
    office. Raises ``Missing``: no such case or file, hidden, or erased."""
    case = access_case(actor, ref)
    found = Attachment.objects.filter(ref=file[:12], report__case=case).first()
    if found is None or (original and not actor.has("intake")):
        raise Missing(_("There is no such file."))
    reads.note(actor, case)
    try:
        if found.copy and not original:
            content = files.read(found.copy)
        else:
            content = files.read(Payload.objects.get(pk=found.payload).path)
    except (Payload.DoesNotExist, FileNotFoundError):
        raise Missing(_("This file was erased.")) from None
    kind = found.media_type if found.media_type in ALLOWED else "application/octet-stream"
    return File(found.name or f"{found.ref}.{ALLOWED.get(kind, 'bin')}", kind, content)
