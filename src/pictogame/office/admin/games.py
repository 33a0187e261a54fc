"""Games."""

from pictogame.office.admin.reading import ReadingAdmin


class GameAdmin(ReadingAdmin):
    """Every game."""

    list_display = ("id", "created_at", "published_at")
