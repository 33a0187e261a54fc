"""Pictures and their crops."""

from pictogame.office.admin.reading import ReadingAdmin


class PictureAdmin(ReadingAdmin):
    """Every picture."""

    list_display = ("sha256", "kind", "state")


class CropAdmin(ReadingAdmin):
    """Every crop."""

    list_display = ("id", "picture", "state")
