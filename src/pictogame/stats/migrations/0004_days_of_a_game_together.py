"""What is told of many games by the day is read from a place for each game, and no longer from one for each day.

On SQLite the rows lie in the order of their key. PostgreSQL keeps no order: there the index of the key holds the sums as
well, and autovacuum comes often enough that the newest days are read from it, too.
"""

from django.db import migrations

TABLE, KEY = "stats_gameday", "game_id, day"
SUMS = "widgets, first_plays, requests, bytes, not_modified, errors"
IN_ORDER = " WITHOUT ROWID"
OFTEN = ("autovacuum_vacuum_scale_factor", "autovacuum_vacuum_insert_scale_factor")


def together(apps, schema_editor):  # noqa: ARG001  Django gives it.
    """As this version has them."""
    if schema_editor.connection.vendor == "sqlite":
        _copied(schema_editor, lambda statement: statement + IN_ORDER)
    else:
        _with_key(schema_editor, f"({KEY}) INCLUDE ({SUMS})")
        schema_editor.execute(f"ALTER TABLE {TABLE} SET ({', '.join(f'{name} = 0.02' for name in OFTEN)})")


def apart(apps, schema_editor):  # noqa: ARG001  Django gives it.
    """As Django makes them."""
    if schema_editor.connection.vendor == "sqlite":
        _copied(schema_editor, lambda statement: statement.removesuffix(IN_ORDER))
    else:
        _with_key(schema_editor, f"({KEY})")
        schema_editor.execute(f"ALTER TABLE {TABLE} RESET ({', '.join(OFTEN)})")


def _with_key(schema_editor, key):
    schema_editor.execute(
        f"ALTER TABLE {TABLE} DROP CONSTRAINT {TABLE}_pkey, ADD CONSTRAINT {TABLE}_pkey PRIMARY KEY {key}"
    )


def _copied(schema_editor, changed):
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("SELECT sql FROM sqlite_master WHERE type = 'table' AND name = %s", [TABLE])
        (statement,) = cursor.fetchone()
        cursor.execute(changed(statement.replace(f'"{TABLE}"', f'"new_{TABLE}"', 1)))
        cursor.execute(f'INSERT INTO "new_{TABLE}" SELECT * FROM "{TABLE}" ORDER BY {KEY}')
        cursor.execute(f'DROP TABLE "{TABLE}"')
        cursor.execute(f'ALTER TABLE "new_{TABLE}" RENAME TO "{TABLE}"')


class Migration(migrations.Migration):
    dependencies = [("stats", "0003_hosts_by_month")]

    operations = [migrations.RunPython(together, apart)]
