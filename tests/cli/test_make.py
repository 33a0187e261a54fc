"""A game comes out, whole, on a data folder of its own; what goes wrong leaves everything that was there."""

import time
from pathlib import Path

from django.conf import settings
from PIL import Image
from pytest_django import Settings
from tests.cli.conftest import Command
from tests.story.installation import ROOT, Installation

from pictogame.games import reading
from pictogame.games.document import Description
from pictogame.games.models import Game


def _published(bucket: Path, game_id: str) -> Description:
    """What the page of a game says that it is."""
    page = (bucket / "g" / f"{game_id}.html").read_text(encoding="utf-8")
    return reading.read(page.partition('id="game">\n')[2].partition("</script>")[0].encode())


def test_a_picture_becomes_a_game_with_nothing_else_running(here: Installation) -> None:
    said = here.run_json(
        "make", "cat.jpg", "-t", "jigsaw", "--set", "pieces=12", "--title", "A cat, <b>in</b> pieces", "--alt", "A cat"
    )
    bucket = here.folder / "data" / "bucket"
    assert said["state"] == "in_bucket"
    assert said["page"] == f"{here.bucket_url}/g/{said['id']}.html"
    assert said["xml"] == f"{here.bucket_url}/g/{said['id']}.xml"
    assert said["edit"].startswith(f"{here.site_url}/")
    assert f'src="{said["page"]}"' in said["embed"]
    game = _published(bucket, said["id"])
    assert (game.title, game.template, game.options["pieces"]) == ("A cat, <b>in</b> pieces", "jigsaw", 12)
    assert game.pictures[0].alt == "A cat"
    for source in game.pictures[0].sources:
        assert (bucket / "g" / source.src).stat().st_size > 0
    for reference in (game.loader_src, game.template_src, game.skin_src):
        assert (bucket / "g" / reference).exists()


def test_loops_that_run_elsewhere_do_the_work(here: Installation) -> None:
    first = here.run_json("make", "cat.jpg", "-t", "jigsaw", "--wait", "0")
    assert first["state"] == "processing"
    assert not (here.folder / "data" / "bucket" / "g").exists()
    here.start("worker", "publisher")
    end = time.monotonic() + 60
    lock = here.folder / "data" / "publisher.lock"
    # `make` publishes by itself while nobody else does, and then the publisher would find one at work.
    while not lock.exists() or lock.read_text().strip() != str(here.pid("publisher")):
        assert time.monotonic() < end
        time.sleep(0.05)
    second = here.run_json("make", "coffee.jpg", "-t", "swap")
    assert second["state"] == "in_bucket"
    # Two pictures are made at a time, so the second may be ready before the first.
    while here.run_json("status", first["id"])["state"] != "in_bucket":
        assert time.monotonic() < end
        time.sleep(0.2)


def test_a_person_reads_where_to_go(command: Command) -> None:
    ended = command("make", "cat.jpg", "-t", "jigsaw")
    assert ended.code == 0
    assert "“Jigsaw” plays from the bucket." in ended.out
    assert any(line.startswith("<iframe ") and line.endswith("</iframe>") for line in ended.out.splitlines())


def test_a_hand_written_game_xml_makes_a_game(command: Command, data: Path) -> None:
    folder = data / "mine"
    folder.mkdir()
    (data / "cat.jpg").rename(folder / "cat.jpg")
    (folder / "game.xml").write_text(
        '<game xmlns="urn:pictogame:game:1" lang="de"><title>Eine Katze</title><message>Miau</message>'
        '<template name="jigsaw"/><skin name="felt"/><option name="pieces" value="6"/>'
        '<option name="shape" value="1:1"/><picture file="cat.jpg" alt="Eine Katze" focus="0.4 0.5"/></game>',
        encoding="utf-8",
    )
    said = command("make", "mine/game.xml", "--title", "Unsere Katze", "--json").said
    game = _published(data / "bucket", said["id"])
    assert (game.title, game.message, game.language, game.skin) == ("Unsere Katze", "Miau", "de", "felt")
    assert game.strings_src is not None
    assert game.options["shape"] == "1:1"
    assert game.pictures[0].width == game.pictures[0].height


def test_a_refused_picture_makes_no_game_and_loses_none(command: Command, data: Path) -> None:
    kept = command("make", "cat.jpg", "-t", "jigsaw", "--json").said
    Image.new("RGB", (1, 1)).save(data / "tiny.png")
    (data / "page.png").write_text("<!doctype html><p>Hello</p>")
    (data / "empty.jpg").touch()
    ended = command("make", "car.jpg", "tiny.png", "page.png", "empty.jpg", "-t", "pairs", "--json")
    assert ended.code == ended.said["code"] == 3
    assert [one["file"] for one in ended.said["pictures"]] == ["tiny.png", "page.png", "empty.jpg"]
    assert all(one["error"].endswith(".") for one in ended.said["pictures"])
    assert Game.objects.count() == 1
    assert command("status", kept["id"], "--json").said["state"] == "in_bucket"


def test_a_picture_that_stops_half_way_is_said_by_name(command: Command, data: Path) -> None:
    (data / "half.jpg").write_bytes((data / "car.jpg").read_bytes()[:9000])
    ended = command("make", "half.jpg", "-t", "jigsaw")
    assert ended.sentence.startswith("half.jpg: ")
    assert ended.code == 3
    assert not (data / "bucket" / "g").exists()
    assert not Game.objects.filter(deleted_at=None).exists()


def test_the_same_picture_twice_is_said_and_kept_once(command: Command, data: Path) -> None:
    said = command("make", "cat.jpg", "coffee.jpg", "car.jpg", "cat.jpg", "-t", "pairs", "--json").said
    assert said["notes"] == ["cat.jpg is already in this game, so it is kept once."]
    assert len(_published(data / "bucket", said["id"]).pictures) == 3


def test_too_few_different_pictures_make_no_game(command: Command) -> None:
    ended = command("make", "cat.jpg", "cat.jpg", "car.jpg", "-t", "pairs")
    assert ended.sentence == (
        "cat.jpg is already in this game, so it is kept once. Pairs needs 1 more picture before it can be published."
    )
    assert ended.code == 1
    assert not Game.objects.filter(deleted_at=None).exists()
    said = command("make", "cat.jpg", "cat.jpg", "car.jpg", "-t", "pairs", "--json").said
    assert (said["error"], said["code"]) == (ended.sentence, 1)
    assert said["notes"] == ["cat.jpg is already in this game, so it is kept once."]


def test_what_is_animated_gives_its_first_frame_and_that_is_said(command: Command, data: Path) -> None:
    frames = [Image.new("RGB", (400, 320), colour) for colour in ("red", "green", "blue")]
    frames[0].save(data / "moving.gif", save_all=True, append_images=frames[1:])
    notes = command("make", "moving.gif", "-t", "jigsaw", "--json").said["notes"]
    assert len(notes) == 1
    assert notes[0].startswith("moving.gif: ")


def test_a_small_picture_gets_the_advice_that_the_studio_gives(command: Command, data: Path) -> None:
    for name, side in (("small", 60), ("fair", 320), ("tiny", 8)):
        Image.linear_gradient("L").resize((side, side)).save(data / f"{name}.png")
    soft = "This picture is small and may look soft: {} pixels on each side look better."
    pairs = command("make", "cat.jpg", "small.png", "car.jpg", "tiny.png", "-t", "pairs", "--json").said
    assert pairs["notes"] == [f"small.png: {soft.format(160)}", f"tiny.png: {soft.format(160)}"]
    jigsaw = ("-t", "jigsaw", "--json", "--set")
    assert command("make", "small.png", *jigsaw, "pieces=6").said["notes"] == [f"small.png: {soft.format(320)}"]
    assert command("make", "fair.png", *jigsaw, "pieces=6").said["notes"] == []
    assert command("make", "tiny.png", *jigsaw, "pieces=24").said["notes"] == [
        "Your picture is too small for 24 pieces: try 6."
    ]
    unmade = command("make", "tiny.png", *jigsaw, "pieces=12", "--wait", "0").said
    assert len(unmade["notes"]) == 1


def test_words_that_are_cleaned_are_kept_clean_and_that_is_said(command: Command, data: Path) -> None:
    Image.linear_gradient("L").resize((400, 400)).save(data / "fair.png")
    arguments = ("make", "fair.png", "-t", "jigsaw", "--title", "cat\u202egpj", "--alt", "A\u0007 cat", "--json")
    said = command(*arguments, "--message", "You\n won").said
    assert said["title"] == "catgpj"
    assert said["notes"] == [
        "Characters that can't be seen, or that turn text around, were taken out of the title and the alt text."
    ]


def test_a_deleted_game_is_gone_from_the_bucket(command: Command, data: Path) -> None:
    one = command("make", "cat.jpg", "-t", "jigsaw", "--title", "Our cat", "--json").said
    other = command("make", "car.jpg", "-t", "jigsaw", "--json").said
    pictures = {source.src for picture in _published(data / "bucket", one["id"]).pictures for source in picture.sources}
    said = command("delete", one["id"], "--yes", "--json").said
    assert (said["id"], said["deleted"], said["in_bucket"]) == (one["id"], True, False)
    assert not (data / "bucket" / "g" / f"{one['id']}.xml").exists()
    assert "Our cat" not in (data / "bucket" / "g" / f"{one['id']}.html").read_text()
    assert not any((data / "bucket" / "g" / src).exists() for src in pictures)
    assert command("status", other["id"], "--json").said["state"] == "in_bucket"
    ended = command("delete", one["id"], "--yes")
    assert (ended.code, ended.sentence) == (
        5,
        "There is no game here. Perhaps it was deleted, or the link is not whole.",
    )


def test_a_bucket_that_can_not_be_written_is_said(command: Command, data: Path, settings: Settings) -> None:
    (data / "file").touch()
    settings.BUCKET = (data / "file" / "bucket").as_uri()
    ended = command("make", "cat.jpg", "-t", "jigsaw", "--json")
    assert ended.code == ended.said["code"] == 4
    assert ended.said["error"].endswith(".")
    assert Game.objects.get(deleted_at=None).pk == ended.said["id"]
    assert ended.said["id"] in ended.said["edit"]


def test_a_wait_that_ends_early_still_shows_the_edit_link(command: Command, data: Path) -> None:
    ended = command("make", "cat.jpg", "-t", "jigsaw", "--wait", "0.001")
    assert ended.code == 4
    assert f"edit   {settings.SITE_URL}/g/{Game.objects.get().pk}/edit/" in ended.out
    assert "The game is made, but not in the bucket after 0.001 seconds." in ended.err


def test_who_does_not_wait_is_told_where_it_stands(command: Command, data: Path) -> None:
    said = command("make", "cat.jpg", "-t", "jigsaw", "--wait", "0", "--json").said
    assert said["state"] == "processing"
    assert command("status", said["id"]).out.startswith("“Jigsaw” has its pictures prepared: http")
    assert not (data / "bucket" / "g").exists()


def test_the_demo_is_made_once(command: Command, settings: Settings) -> None:
    settings.RUNTIME_DIST = ROOT / "runtime" / "dist"
    first = command("demo", "--json").said
    assert [one["state"] for one in first["games"]] == ["in_bucket"] * 3
    assert first["games"][0]["title"] == "Building blocks"
    assert Game.objects.filter(listed=True).count() == 3
    assert command("demo", "--json").said == first
    assert command("delete", first["games"][1]["id"], "--yes").code == 0
    assert [one["title"] for one in command("demo", "--json").said["games"]] == ["Building blocks", "Six pairs"]
