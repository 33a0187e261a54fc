"""Objects of the bucket."""

from pictogame.bucket.models import BucketObject
from pictogame.office.admin.reading import ReadingAdmin


class ObjectAdmin(ReadingAdmin[BucketObject]):
    """Every key that was ever in the bucket."""

    list_display = ("key", "state", "size", "stored_at", "delete_after")
