"""Hosts of a game are kept by the month; indexes that nothing reads go."""

from itertools import groupby

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import Sum
from django.db.models.functions import TruncMonth

MOST = 100
AT_ONCE = 1000


def add_up(apps, schema_editor):  # noqa: ARG001  Django gives it.
    """The days' hosts by month; of each game and month the MOST that show most, the rest under ''."""
    rows = (
        apps.get_model("stats", "GameHostOfDay")
        .objects.annotate(month=TruncMonth("day"))
        .values_list("game_id", "month", "host")
        .annotate(many=Sum("widgets"))
        .order_by("game_id", "month", "-many", "host")
    )
    row_of = apps.get_model("stats", "GameHost")
    made = []
    for (game, month), hosts in groupby(rows.iterator(), key=lambda row: row[:2]):
        kept, rest = {}, 0
        for _, _, host, many in hosts:
            if host and len(kept) < MOST:
                kept[host] = many
            else:
                rest += many
        made += [row_of(game_id=game, month=month, host=host, widgets=many) for host, many in kept.items()]
        made += [row_of(game_id=game, month=month, host="", widgets=rest)] if rest else []
        if len(made) > AT_ONCE:
            row_of.objects.bulk_create(made)
            made = []
    row_of.objects.bulk_create(made)


class Migration(migrations.Migration):
    dependencies = [
        ("games", "0001_initial"),
        ("stats", "0002_stored_day"),
    ]

    operations = [
        migrations.RenameModel("GameHost", "GameHostOfDay"),
        migrations.CreateModel(
            name="GameHost",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "game_id", "month", "host", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("month", models.DateField()),
                ("host", models.CharField(blank=True, max_length=100)),
                ("widgets", models.PositiveBigIntegerField(default=0)),
                (
                    "game",
                    models.ForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="games.game"
                    ),
                ),
            ],
        ),
        migrations.RunPython(add_up, migrations.RunPython.noop),
        migrations.DeleteModel("GameHostOfDay"),
        migrations.RemoveIndex(model_name="gameday", name="stats_gameday_top"),
        migrations.RemoveIndex(model_name="gamemonth", name="stats_gamemonth_heaviest"),
        migrations.RemoveIndex(model_name="gamehour", name="stats_gamehour_top"),
        migrations.AddIndex(model_name="gamehour", index=models.Index(fields=["hour"], name="stats_gamehour_old")),
    ]
