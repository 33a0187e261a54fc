"""Objects of the bucket."""

from pictogame.office.admin.reading import ReadingAdmin


class ObjectAdmin(ReadingAdmin):
    """Every key that was ever in the bucket."""

    list_display = ("key", "state", "size", "stored_at", "delete_after")
