"""Uploads into the vault, and out of it."""

import hashlib
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.db.models.functions import Now
from tests.media.erasing import erase
from tests.media.pictures import FIXTURES, drawn, moving, png_of, saved

from pictogame.lib.types import Sha256
from pictogame.media import actions
from pictogame.media.errors import Refused, TooManyCrops
from pictogame.media.models import Crop, Picture, Rendition
from pictogame.media.vault import Vault, vault

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("data")]


def in_pieces(data: bytes, size: int = 1000) -> Iterator[bytes]:
    yield from (data[at : at + size] for at in range(0, len(data), size))


def vault_files(data: Path) -> set[str]:
    return {path.name for path in (data / "vault").rglob("*") if path.is_file()}


def test_an_upload_leaves_a_row_and_its_bytes_in_the_vault(data: Path) -> None:
    upload = (FIXTURES / "cameras" / "phone.heic").read_bytes()
    received = actions.receive(chunks=in_pieces(upload), name="IMG_0001.HEIC", declared_size=len(upload))
    picture = Picture.objects.get()
    assert received.fresh
    assert received.picture == picture
    assert (picture.kind, picture.width, picture.height, picture.size) == ("heic", 3024, 4032, len(upload))
    assert picture.sha256 == hashlib.sha256(upload).hexdigest()
    assert (picture.state, picture.note) == ("received", "")
    assert vault().read(Sha256(picture.sha256)) == upload
    assert vault_files(data) == {picture.sha256}


def test_the_same_bytes_are_one_picture(data: Path) -> None:
    upload = saved(drawn(), "PNG")
    first = actions.receive(chunks=[upload], name="a.png")
    again = actions.receive(chunks=[upload], name="b.jpg")
    assert again.picture == first.picture
    assert not again.fresh
    assert len(vault_files(data)) == 1


def test_what_moves_is_said() -> None:
    assert actions.receive(chunks=[moving("GIF")]).picture.note == "Your GIF moves; its first picture is used."
    assert actions.receive(chunks=[moving("WEBP")]).picture.note == "Your picture moves; its first picture is used."


@pytest.mark.parametrize(
    ("upload", "word"),
    [
        (b"", "empty"),
        (b'<svg xmlns="http://www.w3.org/2000/svg"/>' + bytes(100), "SVG"),
        (b"<!doctype html><title>x</title>" + bytes(100), "web page"),
        (png_of(30_000, 30_000, rows=1), "60 megapixels"),
        (png_of(1, 1), "one pixel"),
        (saved(drawn(), "JPEG")[:30], "cut off"),
    ],
    ids=["empty", "svg", "html", "bomb", "pixel", "cut"],
)
def test_what_can_not_be_a_picture_leaves_nothing_behind(upload: bytes, word: str, data: Path) -> None:
    with pytest.raises(Refused, match=word):
        actions.receive(chunks=in_pieces(upload), name="cat.png")
    assert not Picture.objects.exists()
    assert vault_files(data) == set()


def test_a_file_that_is_too_large_is_refused_before_it_is_read_to_its_end(data: Path) -> None:
    read = 0

    def endless() -> Iterator[bytes]:
        nonlocal read
        yield saved(drawn(), "PNG")
        while True:
            read += 1
            yield bytes(1_000_000)

    with pytest.raises(Refused, match="30 MB"):
        actions.receive(chunks=endless(), name="cat.png")
    assert read == 30
    with pytest.raises(Refused, match="30 MB"):
        actions.receive(chunks=endless(), name="cat.png", declared_size=100_000_000)
    assert read == 30
    assert vault_files(data) == set()


def test_a_video_is_refused_after_its_first_bytes() -> None:
    def video() -> Iterator[bytes]:
        yield b"\0\0\0\x20ftypisom\0\0\0\0isomavc1" + bytes(64)
        raise AssertionError

    with pytest.raises(Refused, match="video"):
        actions.receive(chunks=video(), name="cat.png")


def test_an_upload_that_broke_off_is_refused() -> None:
    upload = saved(drawn(), "PNG")
    with pytest.raises(Refused, match="cut off"):
        actions.receive(chunks=[upload[:-10]], declared_size=len(upload))


def test_a_picture_that_was_refused_before_is_refused_with_the_same_sentence() -> None:
    upload = saved(drawn(), "PNG")
    picture = actions.receive(chunks=[upload]).picture
    Picture.objects.filter(pk=picture.pk).update(state="refused", refusal="It is damaged.")
    with pytest.raises(Refused, match="It is damaged"):
        actions.receive(chunks=[upload])


def test_a_crop_is_wanted_once() -> None:
    picture = actions.receive(chunks=[saved(drawn(), "PNG")]).picture
    first = actions.want(picture=picture, ratio="4:3", focus_x=500, focus_y=400)
    assert actions.want(picture=picture, ratio="4:3", focus_x=500, focus_y=400) == first
    assert actions.want(picture=picture, ratio="1:1", focus_x=500, focus_y=400) != first
    first.refresh_from_db()
    assert first.state == Crop.State.WANTED
    assert first.due_at is not None


def test_a_spot_may_be_moved_often_and_not_without_end() -> None:
    picture = actions.receive(chunks=[saved(drawn(), "PNG")]).picture
    for place in range(actions.MOST_MOVES):
        actions.check_moves(picture=picture, focus_x=place, focus_y=500)
        actions.want(picture=picture, ratio="4:3", focus_x=place)
    with pytest.raises(TooManyCrops, match="can be moved again in 60 minutes") as refused:
        actions.check_moves(picture=picture, focus_x=999, focus_y=500)
    assert 3000 < refused.value.seconds <= 3600
    actions.check_moves(picture=picture, focus_x=7, focus_y=500)
    actions.check_moves(picture=actions.receive(chunks=[saved(drawn(), "WEBP")]).picture, focus_x=999, focus_y=500)
    Crop.objects.filter(focus_x=0).update(wanted_at=Now() - timedelta(hours=1))
    actions.check_moves(picture=picture, focus_x=999, focus_y=500)


@pytest.mark.parametrize(("ratio", "focus"), [("4/3", 500), ("0:1", 500), ("4:", 500), ("4:3", 1001), ("4:3", -1)])
def test_a_crop_that_makes_no_sense_is_no_row(ratio: str, focus: int) -> None:
    picture = actions.receive(chunks=[saved(drawn(), "PNG")]).picture
    with pytest.raises(ValueError, match="No crop"):
        actions.want(picture=picture, ratio=ratio, focus_x=focus)
    assert not Crop.objects.exists()


def test_a_forgotten_picture_is_gone_with_all_that_was_made_of_it_alone(data: Path) -> None:
    gone = actions.receive(chunks=[saved(drawn(), "PNG")]).picture
    stays = actions.receive(chunks=[saved(drawn(), "WEBP")]).picture
    shared, own = vault().keep(b"the same rendition"), vault().keep(b"of the first alone")
    for picture, role, sha256 in ((gone, "large", shared), (gone, "card", own), (stays, "large", shared)):
        crop = actions.want(picture=picture, ratio="4:3")
        Rendition.objects.create(
            crop=crop, role=role, sha256=sha256, media_type="image/avif", width=4, height=3, size=18
        )
    forgotten = actions.forget(picture=gone)
    assert {one.sha256: one.original for one in forgotten} == {gone.sha256: True, shared: False, own: False}
    assert list(Picture.objects.all()) == [stays]
    erase()
    assert vault_files(data) == {stays.sha256, shared}
    assert actions.forget(picture=gone) == []
    assert actions.receive(chunks=[saved(drawn(), "PNG")]).fresh


def test_a_picture_that_is_forgotten_while_it_comes_again_is_kept_all_the_same(data: Path) -> None:
    before = actions.receive(chunks=[saved(drawn(), "PNG")]).picture

    def meanwhile() -> Iterator[bytes]:
        yield saved(drawn(), "PNG")
        actions.forget(picture=before)

    again = actions.receive(chunks=meanwhile())
    assert list(Picture.objects.all()) == [again.picture]
    erase()
    assert vault_files(data) == {again.picture.sha256}


def test_bytes_never_stay_without_a_row(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The row goes between the moment when it was found and the moment when the bytes are there."""
    before = actions.receive(chunks=[saved(drawn(), "PNG")]).picture
    keep = Vault.keep
    forgotten: list[Picture] = []

    def slow(private: Vault, what: bytes | Path) -> Sha256:
        if not forgotten:
            forgotten.append(before)
            actions.forget(picture=before)
        return keep(private, what)

    monkeypatch.setattr(Vault, "keep", slow)
    again = actions.receive(chunks=[saved(drawn(), "PNG")])
    assert again.fresh
    assert list(Picture.objects.all()) == [again.picture]
    erase()
    assert vault_files(data) == {again.picture.sha256}
