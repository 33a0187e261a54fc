import io
from importlib import resources

from PIL import Image, ImageChops, ImageStat

from pictogame.games import artwork

DEMO = resources.files("pictogame.games.demo")


def test_the_picture_of_building_blocks_is_what_the_script_draws() -> None:
    drawn = Image.open(io.BytesIO(artwork.building_blocks()))
    kept = Image.open(io.BytesIO(DEMO.joinpath("building-blocks.jpg").read_bytes()))
    assert drawn.size == kept.size == (artwork.SIDE, artwork.SIDE)
    # Versions of Pillow differ by a shade, never by a shape.
    assert max(ImageStat.Stat(ImageChops.difference(drawn, kept)).mean) < 1.0


def test_every_demo_picture_is_small_and_has_its_rights_told() -> None:
    rights = DEMO.joinpath("LICENCES.md").read_text(encoding="utf-8")
    pictures = [entry for entry in DEMO.iterdir() if entry.name.endswith(".jpg")]
    assert len(pictures) == 8
    for picture in pictures:
        assert f"| {picture.name} |" in rights
        assert len(picture.read_bytes()) < 300_000
        assert Image.open(io.BytesIO(picture.read_bytes())).getexif() == {}
