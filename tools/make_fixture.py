"""Freeze a small data folder of this version: later versions must open it and verify its log.

python tools/make_fixture.py    writes tests/fixtures/home-VERSION.tar.gz, if it is not there yet
"""

from __future__ import annotations

import gzip
import os
import shutil
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def main() -> int:
    """Build the demo district with one file, tick, erase one case, and save it."""
    home = Path(tempfile.mkdtemp(prefix="huhang-fixture-"))
    os.environ.update(HUHANG_HOME=str(home), DJANGO_SETTINGS_MODULE="huhang.config.settings")
    import django

    django.setup()
    from huhang import __version__
    from huhang.cases import actions as verbs
    from huhang.cases.models import Case
    from huhang.cli import ready
    from huhang.config import backups, demo
    from huhang.config.reactions import catch_up
    from huhang.intake import media, staging
    from huhang.intake.actions import ReportDraft, submit_once
    from huhang.kernel.actor import OPERATOR, PUBLIC
    from huhang.kernel.write import write
    from huhang.tlog.actions import tick

    target = ROOT / "tests" / "fixtures" / f"home-{__version__}.tar.gz"
    if target.exists():
        print(f"{target.name} is frozen already.")
        return 1
    ready.migrate()
    demo.load()
    tick()
    upload = staging.keep_one(media.check("说明.txt", "附件内容".encode()))
    draft = ReportDraft("scan_code", {"text": "带附件的一件"}, uploads=(upload,))
    submit_once(draft, actor=PUBLIC)
    declined = Case.objects.filter(state="declined").values_list("ref", flat=True)[0]
    write(lambda w: verbs.perform(w, declined, "erase", note="依申请清除"), actor=OPERATOR)
    catch_up()
    tick()
    saved = home / "saved.tar"
    backups.save(saved)
    target.parent.mkdir(exist_ok=True)
    with saved.open("rb") as plain, gzip.GzipFile(target, "wb", compresslevel=9, mtime=0) as packed:
        shutil.copyfileobj(plain, packed)
    shutil.rmtree(home)
    print(f"{target.name}: {target.stat().st_size:,} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
