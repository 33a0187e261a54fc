"""Games."""

from pictogame.games.models import Game
from pictogame.office.admin.reading import ReadingAdmin


class GameAdmin(ReadingAdmin[Game]):
    """Every game."""

    list_display = ("id", "created_at", "published_at")
