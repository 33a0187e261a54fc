"""The lists of what there is, by package."""

from django.contrib.admin import AdminSite

from pictogame.bucket.models import BucketObject
from pictogame.games.models import Game
from pictogame.media.models import Crop, Picture
from pictogame.office.admin.bucket import ObjectAdmin
from pictogame.office.admin.games import GameAdmin
from pictogame.office.admin.media import CropAdmin, PictureAdmin


def register(site: AdminSite) -> None:
    """Makes the site show them."""
    site.register(Game, GameAdmin)
    site.register(Picture, PictureAdmin)
    site.register(Crop, CropAdmin)
    site.register(BucketObject, ObjectAdmin)
