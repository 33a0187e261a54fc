"""Games that play inside the studio: previews of drafts, and samples."""

import re
from pathlib import Path

from django.test import Client
from tests.cast import a_picture, process_all
from tests.studio.conftest import Mine

from pictogame.catalog import queries as catalog
from pictogame.games import actions, describing, queries
from pictogame.games.document import write
from pictogame.games.reading import read
from pictogame.media.models import Rendition
from pictogame.media.vault import vault
from pictogame.studio import samples
from pictogame.studio.addresses import preview_base
from pictogame.studio.maker import description_for_preview, maker_of


def page_of(client: Client, mine: Mine) -> str:
    return client.get(preview_base(mine.game.id) + f"g/{mine.game.id}.html").content.decode()


def inline_xml(html: str) -> bytes:
    found = re.search(r'<script type="application/xml" id="game">\n(.*?)</script>', html, re.DOTALL)
    assert found
    return found[1].encode()


def test_a_preview_is_the_draft_with_its_own_pictures(client: Client, mine: Mine) -> None:
    process_all()
    described = read(inline_xml(page_of(client, mine)))
    assert described == describing.description_of(queries.newest_of(mine.game))
    assert not maker_of(mine.game, mine.secret).preview.example


def test_samples_stand_in_until_there_are_enough_pictures(client: Client, mine: Mine, cards: Mine) -> None:
    assert maker_of(mine.game, mine.secret).preview.example
    assert maker_of(mine.game, mine.secret).preview.waiting
    actions.add_picture(game=cards.game, picture=a_picture(5), name="5.jpg")
    process_all()
    described = read(inline_xml(page_of(client, cards)))
    own = [picture for picture in described.pictures if not samples.is_sample(picture)]
    assert len(own) == 1
    assert len(described.pictures) >= 3


def test_a_preview_changes_its_address_with_what_it_shows_and_only_then(mine: Mine) -> None:
    process_all()
    before = maker_of(mine.game, mine.secret).preview.url
    assert maker_of(mine.game, mine.secret).preview.url == before
    actions.change(game=mine.game, skin="felt")
    assert maker_of(mine.game, mine.secret).preview.url != before


def test_everything_that_a_preview_names_is_there_and_may_be_used_by_an_opaque_frame(
    client: Client, mine: Mine, data: Path
) -> None:
    process_all()
    for rendition in Rendition.objects.all():
        rendition.sha256 = vault().keep(f"bytes of {rendition.pk}".encode())
        rendition.save()
    described = description_for_preview(queries.newest_of(mine.game))
    named = [described.loader_src, described.skin_src, described.template_src, f"../{catalog.manifest().finale}"]
    named += [source.src for picture in described.pictures for source in picture.sources]
    assert len(named) == 7
    for src in named:
        answer = client.get(preview_base(mine.game.id) + src.removeprefix("../"))
        assert answer.status_code == 200, src
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
        assert "immutable" in answer.headers["Cache-Control"]


def test_a_preview_in_another_language_holds_what_it_says(client: Client, mine: Mine) -> None:
    assert 'id="strings"' not in page_of(client, mine)
    actions.change(game=mine.game, language="de")
    assert '{"play": "jigsaw.de.json of the tests"}' in page_of(client, mine)


def test_a_preview_serves_nothing_of_other_games(client: Client, mine: Mine, cards: Mine, data: Path) -> None:
    process_all()
    name = Rendition.objects.filter(role="small").first()
    assert name
    assert client.get(f"{preview_base(cards.game.id)}m/{name.sha256}.avif").status_code == 404
    assert client.get(f"{preview_base(mine.game.id)}r/../manifest.json").status_code == 404
    assert client.get(f"{preview_base(mine.game.id)}g/{cards.game.id}.html").status_code == 404


def test_a_frame_is_opaque_and_stays_at_home(client: Client, mine: Mine) -> None:
    for address in (preview_base(mine.game.id) + f"g/{mine.game.id}.html", "/samples/jigsaw/g/sample.html"):
        policy = client.get(address).headers["Content-Security-Policy"]
        assert policy == "frame-ancestors 'self'; sandbox allow-scripts"


def test_a_sample_names_pictures_that_ship(client: Client, db: None, runtime: Path) -> None:
    for template in ("jigsaw", "pairs"):
        described = read(inline_xml(client.get(f"/samples/{template}/g/sample.html").content.decode()))
        assert described.pictures
        for picture in described.pictures:
            for source in picture.sources:
                answer = client.get(f"/samples/{template}/{source.src.removeprefix('../')}")
                assert answer.status_code == 200
                assert answer.headers["Content-Type"] == "image/avif"
        assert client.get(f"/samples/{template}/m/../samples.json").status_code == 404
        assert read(write(described)) == described


def test_every_sample_is_what_its_list_says() -> None:
    for one in samples.samples():
        across, down = (int(side) for side in one.ratio.split(":"))
        assert abs(one.width / one.height - across / down) < 0.01
        assert len(one.colours) == 16
        assert 1000 < (samples.FOLDER / one.file).stat().st_size < 100_000
