import pytest
from pytest_django import DjangoAssertNumQueries
from tests.cast import a_picture, process_all

from pictogame.games import actions, describing, document, queries, reading
from pictogame.games.actions import Created
from pictogame.games.errors import NotReady, PictureUnusable
from pictogame.games.parts import Parts, parts_of, parts_of_many
from pictogame.lib.errors import Problem
from pictogame.lib.types import Key
from pictogame.media.models import Crop


def test_a_description_says_what_the_rows_say(jigsaw: Created) -> None:
    revision = actions.publish(game=jigsaw.game)
    process_all()
    said = describing.description_of(revision)
    assert (said.id, said.title, said.template, said.skin) == (jigsaw.game.id, "A cat, in pieces", "jigsaw", "paper")
    assert said.options == {"pieces": 12, "turned": False, "shape": "4:3", "frame_rate": 4}
    assert said.loader_src == f"../{revision.runtime['loader']}"
    assert said.strings_src is None
    picture = said.pictures[0]
    assert (picture.slot, picture.alt, picture.width, picture.height) == ("picture", "A tabby cat", 1280, 960)
    assert [(one.type, one.width) for one in picture.sources] == [
        ("image/avif", 1280),
        ("image/avif", 640),
        ("image/jpeg", 960),
    ]
    assert len(picture.colours) == 16
    assert reading.read(document.write(said)) == said


def test_the_card_is_a_part_but_no_source(jigsaw: Created) -> None:
    process_all()
    parts = parts_of(queries.newest_of(jigsaw.game))
    assert parts.card is not None
    assert parts.card.width == 1200
    assert parts.card.sha256 not in {rendition.sha256 for rendition in parts.renditions}
    assert len(parts.renditions) == 3


def test_keys_are_the_publishers_to_choose(jigsaw: Created) -> None:
    process_all()
    parts = parts_of(queries.newest_of(jigsaw.game))
    said = describing.describe(parts, key_of=lambda sha256, kind: Key(f"m/{sha256}-7.{kind.partition('/')[2]}"))
    assert all("-7." in source.src for source in said.pictures[0].sources)


def test_a_game_without_a_title_is_called_by_its_template(pairs: Created) -> None:
    actions.change(game=pairs.game, title="")
    assert describing.description_of(queries.newest_of(pairs.game)).title == "Pairs"


def test_a_game_is_not_described_before_its_pictures_are_ready(pairs: Created) -> None:
    for number in range(3):
        actions.add_picture(game=pairs.game, picture=a_picture(number + 10), name=f"{number}.jpg")
    draft = queries.newest_of(pairs.game)
    with pytest.raises(NotReady):
        describing.description_of(draft)
    assert describing.description_of(draft, ready_only=True).pictures == ()
    process_all()
    Crop.objects.filter(picture__sha256__endswith="b").update(state=Crop.State.REFUSED, problem="It is torn.")
    with pytest.raises(PictureUnusable, match=r"1\.jpg: It is torn\."):
        describing.description_of(draft)
    assert len(describing.description_of(draft, ready_only=True).pictures) == 2


def test_any_number_of_games_takes_two_queries(
    db: None, jigsaw: Created, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    revisions = [actions.publish(game=jigsaw.game)]
    for number in range(20):
        created = actions.create(template="jigsaw")
        actions.add_picture(game=created.game, picture=a_picture(number + 10), name="p.jpg")
        revisions.append(actions.publish(game=created.game))
    process_all()
    with django_assert_num_queries(2):
        found = parts_of_many(revisions)
    assert all(isinstance(one, Parts) for one in found.values())
    assert len(found) == 21


def test_one_bad_game_does_not_spoil_the_others(jigsaw: Created, pairs: Created) -> None:
    process_all()
    actions.add_picture(game=pairs.game, picture=a_picture(30), name="late.jpg")
    found = parts_of_many([queries.newest_of(jigsaw.game), queries.newest_of(pairs.game)])
    good, bad = found.values()
    assert isinstance(good, Parts)
    assert isinstance(bad, Problem)


def test_the_board_takes_its_ratio_from_picture_or_template(jigsaw: Created, pairs: Created) -> None:
    actions.change(game=jigsaw.game, options={"shape": "3:4"})
    assert queries.frame_of(queries.newest_of(jigsaw.game)) == (3, 4)
    assert queries.frame_of(queries.newest_of(pairs.game)) == (5, 4)
