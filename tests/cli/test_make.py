"""Real commands on a data folder of their own, nothing else running: a game comes out, whole."""

import json
from pathlib import Path

from PIL import Image
from tests.story.installation import Installation

from pictogame.games import reading


def _bucket(here: Installation) -> Path:
    return here.folder / "data" / "bucket"


def test_a_picture_becomes_a_game_with_nothing_else_running(here: Installation) -> None:
    said = here.run_json(
        "make", "cat.jpg", "-t", "jigsaw", "--set", "pieces=12", "--title", "A cat, <b>in</b> pieces", "--alt", "A cat"
    )
    assert said["state"] == "in_bucket"
    assert said["page"] == f"{here.bucket_url}/g/{said['id']}.html"
    assert said["xml"] == f"{here.bucket_url}/g/{said['id']}.xml"
    assert said["edit"].startswith(f"{here.site_url}/")
    assert f'src="{said["page"]}"' in said["embed"]
    page = (_bucket(here) / "g" / f"{said['id']}.html").read_text()
    assert "A cat, &lt;b&gt;in&lt;/b&gt; pieces" in page
    inline = page.partition('id="game">\n')[2].partition("</script>")[0]
    game = reading.read(inline.encode())
    assert (game.template, game.options["pieces"], game.pictures[0].alt) == ("jigsaw", 12, "A cat")
    for source in game.pictures[0].sources:
        assert (_bucket(here) / "g" / source.src).stat().st_size > 0
    for reference in (game.loader_src, game.template_src, game.skin_src):
        assert (_bucket(here) / "g" / reference).exists()


def test_a_person_reads_where_to_go(here: Installation) -> None:
    done = here.run("make", "cat.jpg", "-t", "sliding")
    assert done.returncode == 0, done.stderr
    assert "“Sliding puzzle” plays from the bucket." in done.stdout
    assert any(line.startswith("<iframe ") and line.endswith("</iframe>") for line in done.stdout.splitlines())


def test_a_hand_written_game_xml_makes_a_game(here: Installation) -> None:
    folder = here.folder / "mine"
    folder.mkdir()
    (here.folder / "cat.jpg").rename(folder / "cat.jpg")
    (folder / "game.xml").write_text(
        '<game xmlns="urn:pictogame:game:1" lang="de"><title>Eine Katze</title><message>Miau</message>'
        '<template name="jigsaw"/><skin name="wood"/><option name="pieces" value="6"/>'
        '<option name="shape" value="1:1"/>'
        '<picture file="cat.jpg" alt="Eine Katze" focus="0.4 0.5"/></game>'
    )
    said = here.run_json("make", "mine/game.xml", "--title", "Unsere Katze")
    page = (_bucket(here) / "g" / f"{said['id']}.html").read_text()
    game = reading.read(page.partition('id="game">\n')[2].partition("</script>")[0].encode())
    assert (game.title, game.message, game.language, game.skin) == ("Unsere Katze", "Miau", "de", "wood")
    assert game.strings_src is not None
    assert game.options["shape"] == "1:1"
    assert game.pictures[0].width == game.pictures[0].height


def test_a_refused_picture_makes_no_game_and_loses_none(here: Installation, tiny: Path) -> None:
    kept = here.run_json("make", "cat.jpg", "-t", "jigsaw")
    (here.folder / "page.png").write_text("<!doctype html><p>Hello</p>")
    (here.folder / "empty.jpg").touch()
    (here.folder / "half.jpg").write_bytes((here.folder / "car.jpg").read_bytes()[:9000])
    done = here.run("make", "car.jpg", "tiny.png", "page.png", "empty.jpg", "-t", "memory", "--json")
    said = json.loads(done.stdout)
    assert done.returncode == said["code"] == 3
    assert [one["file"] for one in said["pictures"]] == ["tiny.png", "page.png", "empty.jpg"]
    assert all(one["error"].endswith(".") for one in said["pictures"])
    done = here.run("make", "half.jpg", "-t", "jigsaw")
    assert done.returncode == 3
    assert done.stdout == ""
    assert "half.jpg: " in done.stderr
    assert here.run_json("status", kept["id"])["state"] == "in_bucket"
    assert len(list((_bucket(here) / "g").glob("*.html"))) == 1


def test_the_same_picture_twice_is_said_and_kept_once(here: Installation) -> None:
    said = here.run_json("make", "cat.jpg", "coffee.jpg", "car.jpg", "cat.jpg", "-t", "memory")
    assert said["notes"] == ["cat.jpg is already in this game, so it is kept once."]
    assert said["state"] == "in_bucket"


def test_what_is_animated_gives_its_first_frame_and_that_is_said(here: Installation) -> None:
    frames = [Image.new("RGB", (400, 300), colour) for colour in ("red", "green", "blue")]
    frames[0].save(here.folder / "moving.gif", save_all=True, append_images=frames[1:])
    said = here.run_json("make", "moving.gif", "-t", "jigsaw")
    assert len(said["notes"]) == 1
    assert said["notes"][0].startswith("moving.gif: ")


def test_loops_that_run_elsewhere_do_the_work(here: Installation) -> None:
    said = here.run_json("make", "cat.jpg", "-t", "jigsaw", "--wait", "0")
    assert said["state"] == "processing"
    assert not (_bucket(here) / "g").exists()
    here.start("worker", "publisher")
    again = here.run_json("make", "coffee.jpg", "-t", "swap")
    assert again["state"] == "in_bucket"
    for _ in range(200):
        if here.run_json("status", said["id"])["state"] == "in_bucket":
            break
    assert (_bucket(here) / "g" / f"{said['id']}.html").exists()


def test_a_deleted_game_is_gone_from_the_bucket(here: Installation) -> None:
    one = here.run_json("make", "cat.jpg", "-t", "jigsaw")
    other = here.run_json("make", "cat.jpg", "-t", "swap")
    media = {path.name for path in (_bucket(here) / "m").iterdir()}
    said = here.run_json("delete", one["id"], "--yes")
    assert said == {"id": one["id"], "deleted": True, "in_bucket": False}
    assert not (_bucket(here) / "g" / f"{one['id']}.xml").exists()
    assert "A cat" not in (_bucket(here) / "g" / f"{one['id']}.html").read_text()
    assert {path.name for path in (_bucket(here) / "m").iterdir()} <= media
    assert here.run_json("status", other["id"])["state"] == "in_bucket"
    assert here.run("delete", one["id"], "--yes").returncode == 5


def test_a_bucket_that_can_not_be_written_is_said_and_the_game_is_kept(here: Installation) -> None:
    (here.folder / "bucket-file").write_text("")
    here.environment["PICTOGAME_BUCKET"] = (here.folder / "bucket-file" / "bucket").as_uri()
    done = here.run("make", "cat.jpg", "-t", "jigsaw", "--json", "--wait", "20")
    said = json.loads(done.stdout)
    assert done.returncode == said["code"]
    assert done.returncode in {1, 4}
    assert "Traceback" not in done.stderr


def test_the_demo_is_made_once(here: Installation) -> None:
    first = here.run_json("demo")
    assert [one["state"] for one in first["games"]] == ["in_bucket"] * 3
    assert first["games"][0]["title"] == "Building blocks"
    assert here.run_json("demo") == first
    here.run_json("delete", first["games"][1]["id"], "--yes")
    assert [one["title"] for one in here.run_json("demo")["games"]] == ["Building blocks", "Six of a pair"]
