"""The lists of what there is, by package."""

from django.contrib.admin import AdminSite
from django.contrib.admin.models import LogEntry

from pictogame.bucket.models import BucketObject
from pictogame.games.models import Game
from pictogame.media.models import Crop, Picture
from pictogame.office.admin.bucket import ObjectAdmin, UseAdmin
from pictogame.office.admin.games import GameAdmin
from pictogame.office.admin.media import CropAdmin, PictureAdmin
from pictogame.office.admin.publishing import DeedAdmin, ReceiptAdmin
from pictogame.publishing.models import Receipt, Use


def register(site: AdminSite) -> None:
    """Makes the site show them."""
    site.register(Game, GameAdmin)
    site.register(Picture, PictureAdmin)
    site.register(Crop, CropAdmin)
    site.register(BucketObject, ObjectAdmin)
    site.register(Use, UseAdmin)
    site.register(Receipt, ReceiptAdmin)
    site.register(LogEntry, DeedAdmin)
