"""Pictures and their crops."""

from pictogame.media.models import Crop, Picture
from pictogame.office.admin.reading import ReadingAdmin


class PictureAdmin(ReadingAdmin[Picture]):
    """Every picture."""

    list_display = ("sha256", "kind", "state")


class CropAdmin(ReadingAdmin[Crop]):
    """Every crop."""

    list_display = ("id", "picture", "state")
