"""The search index holds what lists are filtered by: it is made anew by following the log from its beginning."""

from typing import Any

from django.db import migrations

from huhang.kernel.guard import unguarded


def begin_anew(apps: Any, schema_editor: Any) -> None:
    if schema_editor.connection.vendor == "sqlite":
        schema_editor.execute("DROP TABLE cases_search")
        schema_editor.execute("CREATE VIRTUAL TABLE cases_search USING fts5(pairs, tokenize='ascii')")
    else:
        schema_editor.execute("TRUNCATE cases_search")
    with unguarded():
        apps.get_model("kernel", "Cursor").objects.filter(name="read models").update(seq=0)


class Migration(migrations.Migration):
    dependencies = [("cases", "0006_duties"), ("kernel", "0002_row_ids")]
    operations = [migrations.RunPython(begin_anew, migrations.RunPython.noop)]
