"""The search index: FTS5 on SQLite, tsvector under GIN on PostgreSQL."""

from typing import Any

from django.db import migrations


def create(apps: Any, schema_editor: Any) -> None:
    if schema_editor.connection.vendor == "sqlite":
        schema_editor.execute("CREATE VIRTUAL TABLE cases_search USING fts5(pairs, tokenize='ascii')")
    else:
        schema_editor.execute(
            "CREATE TABLE cases_search (case_id bigint PRIMARY KEY, pairs tsvector NOT NULL)"
        )
        schema_editor.execute("CREATE INDEX cases_search_pairs ON cases_search USING gin (pairs)")


def drop(apps: Any, schema_editor: Any) -> None:
    schema_editor.execute("DROP TABLE cases_search")


class Migration(migrations.Migration):
    dependencies = [("cases", "0001_initial")]
    operations = [migrations.RunPython(create, drop)]
