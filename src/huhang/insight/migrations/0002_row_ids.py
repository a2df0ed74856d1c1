"""Row ids are SQLite's rowids; the facts, a read model, are made anew with theirs, in one index."""

from typing import Any

import huhang.kernel.rows
from django.db import migrations, models
from huhang.kernel.guard import unguarded


def anew(apps: Any, schema_editor: Any) -> None:
    """Make the table again and let the worker follow the log from its beginning."""
    fact = apps.get_model("insight", "CaseFact")
    schema_editor.delete_model(fact)
    schema_editor.create_model(fact)
    with unguarded():
        apps.get_model("kernel", "Cursor").objects.filter(name="read models").update(seq=0)


class Migration(migrations.Migration):
    dependencies = [
        ("insight", "0001_initial"),
        ("cases", "0003_row_ids"),
        ("kernel", "0002_row_ids"),
    ]

    operations = [
        migrations.AlterField(
            model_name="bulletin",
            name="id",
            field=huhang.kernel.rows.RowId(primary_key=True, serialize=False),
        ),
        migrations.RemoveIndex(model_name="casefact", name="fact_received"),
        migrations.RemoveIndex(model_name="casefact", name="fact_closed"),
        migrations.RemoveIndex(model_name="casefact", name="fact_stopped"),
        migrations.AddField(
            model_name="casefact", name="reported_at", field=models.DateTimeField(null=True)
        ),
        migrations.AddIndex(
            model_name="casefact",
            index=models.Index(
                fields=[
                    "state",
                    "kind",
                    "channel",
                    "behaviour",
                    "unit_id",
                    "finding",
                    "rating",
                    "governed",
                    "reopened",
                    "received_at",
                    "reported_at",
                    "closed_at",
                    "due_on",
                    "stopped_on",
                ],
                name="fact_grouped",
            ),
        ),
        migrations.RunPython(anew, migrations.RunPython.noop),
    ]
