"""What games use of the bucket."""

from collections.abc import Collection, Mapping
from datetime import datetime

from django.db.models import Min, Sum

from pictogame.publishing.models import Use


def of_games(ids: Collection[str]) -> Mapping[str, tuple[int, datetime]]:
    """Bytes that each game uses in the bucket, and since when its oldest object lies there; absent if it uses none.

    The runtime, which belongs to all games, is left out.
    """
    rows = (
        Use.objects.filter(game__in=list(ids), until=None, object__state="stored")
        .exclude(object__key__startswith="r/")
        .values("game_id")
        .annotate(size=Sum("object__size"), since=Min("object__stored_at"))
    )
    return {row["game_id"]: (row["size"], row["since"]) for row in rows if row["since"]}
