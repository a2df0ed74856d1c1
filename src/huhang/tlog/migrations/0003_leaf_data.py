"""Leaves keep their data, which the public log shows, in place of its hash.

The data of an entry's leaf is computed again. That of a cover leaf was never kept: it gets other random
bytes, and the roots that follow from them are computed anew. No checkpoint was ever signed before this
migration, so nobody outside holds one of the old roots.
"""

from django.db import migrations, models

from huhang.kernel.guard import unguarded
from huhang.kernel.manifest import leaf
from huhang.tlog.actions import cover_leaf
from huhang.tlog.tree import Range, leaf_hash


def fill(apps, schema_editor):
    Leaf, Tick = apps.get_model("tlog", "Leaf"), apps.get_model("tlog", "Tick")
    Entry = apps.get_model("kernel", "Entry")
    tree = Range()
    with unguarded():
        _fill(Leaf, Tick, Entry, tree)


def _fill(Leaf, Tick, Entry, tree):
    for tick in Tick.objects.order_by("number"):
        for start in range(tree.size, tick.size, 5_000):
            leaves = list(Leaf.objects.filter(index__gte=start, index__lt=min(start + 5_000, tick.size)).order_by("index"))
            entries = {seq: leaf(bytes(r), manifest.encode()) for seq, r, manifest in
                       Entry.objects.filter(seq__in=[x.seq for x in leaves if x.seq]).values_list("seq", "r", "manifest")}
            for row in leaves:
                row.data = entries[row.seq] if row.seq else cover_leaf()
            Leaf.objects.bulk_update(leaves, ["data"], batch_size=1_000)
            tree.extend([leaf_hash(row.data) for row in leaves])
        tick.root, tick.peaks = tree.root(), b"".join(tree.peaks)
        tick.save(update_fields=["root", "peaks"])


class Migration(migrations.Migration):

    dependencies = [
        ('tlog', '0002_row_ids'),
        ('kernel', '0003_entry_by_moment'),
    ]

    operations = [
        migrations.AddField('leaf', 'data', models.BinaryField(default=b"")),
        migrations.RunPython(fill, migrations.RunPython.noop),
        migrations.AlterField('leaf', 'data', models.BinaryField()),
        migrations.RemoveField('leaf', 'hash'),
    ]
