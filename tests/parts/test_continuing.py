"""A restored backup goes on from a mirror: what was signed stays true, what is lost is known to be lost."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.test import Client

from huhang.cli.main import main
from huhang.kernel.errors import Refused
from huhang.kernel.guard import unguarded
from huhang.kernel.models import Entry
from huhang.tlog import identity, policy
from huhang.tlog.actions import tick
from huhang.tlog.audit import Place, audit
from huhang.tlog.continuing import Continued, continue_from
from huhang.tlog.folder import Folder
from huhang.tlog.invalid import Invalid
from huhang.tlog.mirroring import mirror
from huhang.tlog.models import Leaf, Tick
from huhang.tlog.public_folder import (
    Forked,
    Restored,
    Uncompared,
    mark_restored,
    public,
    restored,
    unmark_restored,
)
from huhang.tlog.publishing import publish, standing
from huhang.tlog.verify import verify
from tests.cast import District, file_report, found_district
from tests.parts.test_open_log import grown

pytestmark = pytest.mark.django_db


@pytest.fixture
def home(tmp_path: Path, settings: LazySettings) -> Path:
    settings.HUHANG_HOME = tmp_path / "home"
    settings.HUHANG_HOME.mkdir()
    return tmp_path


def ticked(*reports: str, district: District) -> None:
    for text in reports:
        file_report(district, text=text)
    tick()
    publish()


class Lost:
    """The tree as it stood before, put back: what a restored backup knows of the log."""

    def __init__(self) -> None:
        self.leaves = list(Leaf.objects.values())
        self.ticks = list(Tick.objects.values())

    def restore(self) -> None:
        with unguarded():
            Leaf.objects.all().delete()
            Tick.objects.all().delete()
            Leaf.objects.bulk_create(Leaf(**row) for row in self.leaves)
            Tick.objects.bulk_create(Tick(**row) for row in self.ticks)


def test_entries_that_the_backup_had_find_their_leaves_and_lost_ones_stay_covers(
    home: Path,
) -> None:
    district = found_district()
    ticked("one", district=district)
    file_report(district, text="waits in the backup")
    before = Lost()
    entries = Entry.objects.count()
    ticked(district=district)
    ticked(district=district)
    mirror(Place(public().place), Folder(home / "mirror"), None)
    size = Tick.objects.order_by("-number")[0].size
    # Restored: the tree of then. Two ticks and a report came since.
    before.restore()
    shutil.rmtree(public().place)
    tick()
    file_report(district, text="after the restore")
    tick()
    tick()
    done = continue_from(Folder(home / "mirror"))
    assert done == Continued(
        common=before.ticks[-1]["size"], taken=size - before.ticks[-1]["size"], known=1
    )
    assert Leaf.objects.filter(seq__lte=entries).count() == entries
    assert publish() is not None
    ours = policy.parse(
        "".join(f"log {k.key}\n" for k in identity.identity().keys) + "quorum none\n"
    )
    assert audit(Place(public().place), ours).head.size > size
    assert mirror(Place(public().place), Folder(home / "mirror"), ours).head.size > size, (
        "it continues what was signed"
    )
    assert verify(parallel=False).ok
    entry = Entry.objects.get(verb="continue_log")
    assert '"known":1' in entry.manifest
    assert (
        Tick.objects.count() == Tick.objects.order_by("-number")[0].number >= len(before.ticks) + 3
    )


def test_what_is_left_of_the_public_folder_is_a_mirror_too(home: Path) -> None:
    district = found_district()
    ticked("one", district=district)
    before = Lost()
    ticked("two", district=district)
    before.restore()
    tick()
    with pytest.raises(Forked):
        publish()
    continue_from(Folder(public().place))
    assert publish() is not None
    assert audit(Place(public().place)).head.size > before.ticks[-1]["size"]
    assert verify(parallel=False).ok


def test_a_restored_folder_is_not_published_before_somebody_answers_for_it(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    district = found_district()
    ticked("one", district=district)
    shutil.rmtree(public().place)
    mark_restored(Restored(Tick.objects.order_by("-number")[0].size, 0))
    tick()
    with pytest.raises(Forked):
        publish()
    assert public().note() is None
    assert "restored from a backup" in standing().fault or "备份" in standing().fault
    assert main(["log", "continue"]) == 2
    assert main(["log", "continue", str(home / "x"), "--nothing"]) == 2
    assert main(["log", "continue", "--nothing"]) == 0
    capsys.readouterr()
    assert public().note() is not None
    assert restored() is None
    tick()
    assert publish() is not None


def test_a_mirror_is_compared_before_the_first_signature(
    home: Path, settings: LazySettings
) -> None:
    district = found_district()
    ticked("one", district=district)
    before = Lost()
    ticked("two", district=district)
    mirror(Place(public().place), Folder(home / "mirror"), None)
    before.restore()
    shutil.rmtree(public().place)
    mark_restored(Restored(Tick.objects.order_by("-number")[0].size, 0))
    settings.HUHANG_LOG_MIRROR = str(home / "mirror")
    for _n in range(2):
        tick()
        with pytest.raises(Forked, match=r"镜像|mirror"):
            publish()
        assert public().note() is None
    continue_from(Folder(home / "mirror"))
    assert publish() is not None
    settings.HUHANG_LOG_MIRROR = str(home / "gone")
    tick()
    with pytest.raises(Uncompared, match="checkpoint"):
        publish()
    assert "checkpoint" in standing().fault
    settings.HUHANG_LOG_MIRROR = ""
    assert publish() is not None


def test_a_mirror_may_have_looked_too_early_to_answer_for_a_restored_folder(
    home: Path, settings: LazySettings
) -> None:
    ticked("one", district=found_district())
    mirror(Place(public().place), Folder(home / "mirror"), None)
    shutil.rmtree(public().place)
    mark_restored(Restored(Tick.objects.order_by("-number")[0].size, 0))
    settings.HUHANG_LOG_MIRROR = str(home / "mirror")
    tick()
    with pytest.raises(Forked):
        publish()
    unmark_restored()
    assert publish() is not None


def test_whose_mirror_it_is_not_is_refused_and_nothing_changes(home: Path) -> None:
    district = found_district()
    ticked("one", district=district)
    before = [*Leaf.objects.values_list("index", "data")]
    with pytest.raises(Refused, match="都有"):
        continue_from(Folder(public().place))
    with pytest.raises(Invalid):
        continue_from(grown(home / "other", 300))
    mirror(Place(public().place), Folder(home / "broken"), None)
    bundle = home / "broken/tile/entries/000.p"
    path = next(bundle.iterdir())
    path.write_bytes(path.read_bytes()[:-1] + b"\0")
    with pytest.raises(Invalid):
        continue_from(Folder(home / "broken"))
    assert [*Leaf.objects.values_list("index", "data")] == before
    assert not Entry.objects.filter(verb="continue_log").exists()


def test_the_command_says_what_was_taken_over(
    home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HUHANG_LANG", "en")
    district = found_district()
    ticked("one", district=district)
    before = Lost()
    ticked("two", district=district)
    before.restore()
    assert main(["log", "continue", str(public().place)]) == 0
    out = capsys.readouterr().out
    assert "were taken over" in out
    assert "published again" in out
    assert main(["log", "continue", str(home / "nothing")]) == 2
    assert Client().get("/log/checkpoint").status_code == 200
