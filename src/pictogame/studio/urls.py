"""Addresses of the studio. The list of them, with what each is for, is docs/studio.md."""

from django.urls import URLPattern, path, register_converter

from pictogame.studio.converters import GameIdConverter, NameConverter, SecretConverter, TokenConverter
from pictogame.studio.views import account, home, make, numbers, pictures, play, receipt, rest, share, versions

register_converter(GameIdConverter, "game")
register_converter(SecretConverter, "secret")
register_converter(TokenConverter, "token")
register_converter(NameConverter, "name")

app_name = "studio"
_EDIT = "g/<game:game_id>/edit/<secret:secret>/"
_PREVIEW = "preview/<game:game_id>/<token:token>/"
_VERSION = f"{_PREVIEW}v/<int:number>/"
_SAMPLE = "samples/<name:template>/"

urlpatterns: list[URLPattern] = [
    path("", home.home, name="home"),
    path("templates/", home.templates, name="templates"),
    path("mine/", home.mine, name="mine"),
    path("mine/numbers/", numbers.mine, name="mine-numbers"),
    path("account/", account.account, name="account"),
    path("account/delete/", account.delete, name="account-delete"),
    path("make/<name:template>/", make.new, name="new"),
    path(_EDIT, make.edit, name="edit"),
    path(f"{_EDIT}change/", make.change, name="change"),
    path(f"{_EDIT}template/", make.template, name="change-template"),
    path(f"{_EDIT}progress/", make.progress, name="progress"),
    path(f"{_EDIT}publish/", make.publish, name="publish"),
    path(f"{_EDIT}pictures/", pictures.pictures, name="pictures"),
    path(f"{_EDIT}pictures/order/", pictures.arrange, name="arrange"),
    path(f"{_EDIT}pictures/<int:pk>/", pictures.describe, name="describe"),
    path(f"{_EDIT}pictures/<int:pk>/remove/", pictures.remove, name="remove"),
    path(f"{_EDIT}pictures/<int:pk>/whole/", pictures.whole, name="whole"),
    path(f"{_EDIT}share/", share.share, name="share"),
    path(f"{_EDIT}share/state/", share.state, name="state"),
    path(f"{_EDIT}numbers/", numbers.numbers, name="numbers"),
    path(f"{_EDIT}numbers/days.csv", numbers.as_csv, name="numbers-csv"),
    path(f"{_EDIT}numbers/numbers.json", numbers.as_json, name="numbers-json"),
    path(f"{_EDIT}list/", share.listing, name="listing"),
    path(f"{_EDIT}keep/", share.keep, name="keep"),
    path(f"{_EDIT}link/", share.link, name="link"),
    path(f"{_EDIT}unpublish/", rest.unpublish, name="unpublish"),
    path(f"{_EDIT}again/", rest.again, name="again"),
    path(f"{_EDIT}versions/", versions.versions, name="versions"),
    path(f"{_EDIT}versions/discard/", versions.discard, name="discard"),
    path(f"{_EDIT}versions/<int:number>/", versions.version, name="version"),
    path(f"{_EDIT}versions/<int:number>/back/", versions.bring_back, name="bring-back"),
    path(f"{_EDIT}delete/", share.delete, name="delete"),
    path(f"{_EDIT}receipt/", receipt.receipt, name="receipt"),
    path(f"{_EDIT}receipt/state/", receipt.receipt_state, name="receipt-state"),
    path(f"{_EDIT}receipt/receipt.txt", receipt.receipt_text, name="receipt-text"),
    path(f"{_EDIT}receipt/receipt.json", receipt.receipt_json, name="receipt-json"),
    path(_PREVIEW, play.nothing, name="preview-base"),
    path(f"{_PREVIEW}g/<game:name>.html", play.preview_page, name="preview-page"),
    path(f"{_PREVIEW}m/<str:name>", play.preview_media, name="preview-media"),
    path(f"{_PREVIEW}r/<path:name>", play.runtime, name="preview-runtime"),
    path(_VERSION, play.nothing, name="version-base"),
    path(f"{_VERSION}g/<game:name>.html", play.preview_page, name="version-page"),
    path(f"{_VERSION}m/<str:name>", play.preview_media, name="version-media"),
    path(f"{_VERSION}r/<path:name>", play.runtime, name="version-runtime"),
    path(f"{_SAMPLE}g/sample.html", play.sample_page, name="sample-page"),
    path(f"{_SAMPLE}m/<str:name>", play.sample_media, name="sample-media"),
    path(f"{_SAMPLE}r/<path:name>", play.runtime, name="sample-runtime"),
]
