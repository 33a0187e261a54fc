import json
import re
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urljoin

import pytest
from hypothesis import given
from tests.games.examples import a_game, a_picture, games

from pictogame.games import document, page, reading
from pictogame.games.document import Description, Source

BUCKET = "http://127.0.0.1:9000/shelf"
SITE = "http://localhost:8000"
ROOT = Path(__file__).resolve().parents[2]


class Elements(HTMLParser):
    """Every element with its attributes, and the text of each by tag."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str]]] = []
        self.texts: dict[str, str] = {}
        self._open: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, {name: value or "" for name, value in attrs}))
        self._open.append(tag)

    def handle_data(self, data: str) -> None:
        if self._open:
            tag = self._open[-1]
            self.texts[tag] = self.texts.get(tag, "") + data

    def handle_endtag(self, tag: str) -> None:
        while self._open and self._open.pop() != tag:
            pass

    def all(self, tag: str, **having: str) -> list[dict[str, str]]:
        return [
            attributes
            for name, attributes in self.found
            if name == tag and all(attributes.get(key.rstrip("_")) == value for key, value in having.items())
        ]

    def meta(self, name: str) -> str:
        found = [
            one for one in self.all("meta") if name in {one.get("property"), one.get("name"), one.get("http-equiv")}
        ]
        assert len(found) == 1, name
        return found[0]["content"]


def _page(game: Description, **changes: object) -> str:
    said = {"bucket_url": BUCKET, "site_url": SITE, "xml": document.write(game), **changes}
    return page.page(game, **said).decode()  # type: ignore[arg-type]


def _inline(html: str) -> bytes:
    found = re.search(r'<script type="application/xml" id="game">\n(.*?)</script>', html, re.DOTALL)
    assert found
    return found[1].encode()


@given(games)
def test_the_page_carries_the_very_description(game: Description) -> None:
    assert reading.read(_inline(_page(game))) == game


@given(games)
def test_no_words_become_elements(game: Description) -> None:
    plain = Elements(_page(a_game(pictures=game.pictures[:1], language=game.language, strings_src=game.strings_src)))
    said = Elements(
        _page(
            a_game(title=game.title, pictures=game.pictures[:1], language=game.language, strings_src=game.strings_src)
        )
    )
    assert [tag for tag, _ in said.found] == [tag for tag, _ in plain.found]
    assert said.texts["title"] == game.title


def test_hostile_words_come_out_as_they_were_written() -> None:
    hostile = "\"></title></script><script>alert(1)</script><img src=x onerror=alert(1)>\u2028 ' <!--"
    html = _page(a_game(title=hostile, message=hostile, pictures=(a_picture(alt=hostile),)))
    elements = Elements(html)
    assert elements.texts["title"] == hostile
    assert elements.meta("og:title") == hostile
    assert elements.meta("og:image:alt") == hostile
    assert len(elements.all("script")) == 2
    assert "<!--" not in html


def test_the_policy_names_the_bucket_with_its_path_and_nothing_else() -> None:
    policy = Elements(_page(a_game())).meta("Content-Security-Policy")
    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
    assert rules["default-src"] == "'none'"
    named = [source for name, rule in rules.items() if name != "default-src" for source in rule.split()]
    assert all(source == "'none'" or source.startswith(f"{BUCKET}/") for source in named)
    assert not {"'self'", "'unsafe-inline'", "data:", "*"} & set(named)


def test_an_address_can_not_add_to_the_policy() -> None:
    game = a_game()
    plain = page.policy(game, bucket_url="https://games.example/a")
    policy = page.policy(game, bucket_url="https://games.example/a; script-src *, x")
    assert [rule.split()[0] for rule in policy.split(";")] == [rule.split()[0] for rule in plain.split(";")]
    assert "," not in policy


def test_everything_that_the_page_asks_for_lies_in_the_bucket() -> None:
    game = a_game(language="de", strings_src="../r/3d4e5f607182/jigsaw.de.json")
    elements = Elements(_page(game, strings=b'{"play":"Spielen"}'))
    asked = [one["href"] for one in elements.all("link") if one["rel"] not in {"canonical", "alternate"}]
    asked += [one["src"] for tag, one in elements.found if tag in {"script", "img"} and "src" in one]
    assert len(asked) == 5
    for reference in asked:
        assert urljoin(f"{BUCKET}/g/{game.id}.html", reference).startswith(f"{BUCKET}/")


def test_the_page_holds_what_it_says_and_no_text_in_it_ends_the_element() -> None:
    words = {"play": "</script><b>Spielen</b>", "won": "Geschafft!"}
    html = _page(a_game(language="de"), strings=json.dumps(words).encode())
    elements = Elements(html)
    assert not elements.all("b")
    assert elements.all("script", id="strings") == [{"type": "application/json", "id": "strings"}]
    held = re.search(r'id="strings">\n(.*?)</script>', html, re.DOTALL)
    assert held
    assert json.loads(held[1]) == words
    assert 'id="strings"' not in _page(a_game())


def test_modules_pictures_and_texts_are_asked_for_in_cors_mode() -> None:
    elements = Elements(_page(a_game(language="de", strings_src="../r/3d4e5f607182/jigsaw.de.json")))
    assert not elements.all("link", as_="fetch")
    loaded = (
        elements.all("link", rel="modulepreload")
        + elements.all("link", rel="preload")
        + elements.all("script", type="module")
    )
    assert len(loaded) == 3
    assert all("crossorigin" in one for one in loaded)


def test_links_to_the_game_show_its_card() -> None:
    elements = Elements(_page(a_game()))
    here = f"{BUCKET}/g/b5tq7nzk3xw2mc"
    assert elements.meta("og:image") == f"{here}.jpg"
    assert (elements.meta("og:image:width"), elements.meta("og:image:height")) == ("1200", "630")
    assert elements.meta("og:url") == elements.all("link", rel="canonical")[0]["href"] == f"{here}.html"
    assert elements.meta("twitter:card") == "summary_large_image"
    discovery = elements.all("link", rel="alternate", type="application/json+oembed")[0]
    assert discovery["href"] == f"{here}.json"


def test_search_engines_stay_away_from_games_that_are_not_listed() -> None:
    assert Elements(_page(a_game())).meta("robots") == "noindex"
    assert not Elements(_page(a_game(), listed=True)).all("meta", name="robots")


def test_an_arabic_page_reads_from_the_right() -> None:
    assert Elements(_page(a_game(language="ar"))).all("html")[0]["dir"] == "rtl"
    assert "dir" not in Elements(_page(a_game(language="de"))).all("html")[0]


def test_make_your_own_leads_to_the_site_or_nowhere() -> None:
    assert Elements(_page(a_game())).all("html")[0]["data-make"] == SITE
    assert "data-make" not in Elements(_page(a_game(), site_url="")).all("html")[0]


def test_the_first_colour_is_that_of_the_picture() -> None:
    assert Elements(_page(a_game())).all("body")[0]["bgcolor"] == "#604e40"


def test_without_script_there_is_the_card() -> None:
    html = _page(a_game())
    assert "<noscript><h1>A cat, in pieces</h1>" in html
    assert 'src="b5tq7nzk3xw2mc.jpg"' in html


def test_a_page_of_one_picture_is_small() -> None:
    assert len(_page(a_game(title="T" * 120, message="M" * 280)).encode()) < 5000


# --- The one picture that is loaded ahead ---


def _chosen(sources: list[Source], width: float, density: float) -> Source:
    """What the loader chooses (core/pictures.ts) among sources of one kind."""
    wanted = page.ENOUGH * width * min(density, page.SHARPEST)
    enough = [source for source in sources if source.width >= wanted]
    return min(enough, key=lambda source: source.width) if enough else max(sources, key=lambda source: source.width)


def test_the_loader_chooses_by_the_numbers_that_the_page_knows() -> None:
    text = (ROOT / "runtime" / "core" / "pictures.ts").read_text(encoding="utf-8")
    assert f"const ENOUGH = {page.ENOUGH};" in text
    assert f"const SHARPEST = {page.SHARPEST};" in text


def test_what_is_loaded_ahead_is_what_the_loader_chooses() -> None:
    game = a_game()
    preload = Elements(_page(game)).all("link", rel="preload", as_="image")[0]
    media = re.fullmatch(r"\(max-width:(\d+)px\),\(max-width:(\d+)px\) and \(max-resolution:1dppx\)", preload["media"])
    assert media
    sources = [source for source in game.pictures[0].sources if source.type == "image/avif"]
    ahead = 0
    for density in (0.5, 0.75, 1, 1.1, 1.25, 1.5, 2, 2.625, 3, 4):
        for width in range(200, 2600, 1):
            if width <= int(media[1]) or (width <= int(media[2]) and density <= 1):
                ahead += 1
                # The picture may be narrower than the window, never wider.
                for shown in (width, width * 0.5):
                    assert _chosen(sources, shown, density).src == preload["href"], (density, width)
    assert ahead > 2500


def test_a_picture_with_one_source_is_always_loaded_ahead() -> None:
    picture = a_picture()
    only = (picture.sources[1], picture.sources[2])
    game = a_game(pictures=(type(picture)(picture.slot, picture.alt, 640, 480, picture.colours, only),))
    preload = Elements(_page(game)).all("link", rel="preload", as_="image")[0]
    assert preload["href"] == only[0].src
    assert "media" not in preload


def test_of_many_pictures_none_is_loaded_ahead() -> None:
    assert not Elements(_page(a_game(pictures=(a_picture(), a_picture())))).all("link", rel="preload", as_="image")


# --- oEmbed and the code ---


@pytest.mark.parametrize(("frame", "size"), [((4, 3), (640, 532)), ((1, 1), (640, 692)), ((3, 4), (480, 692))])
def test_the_room_for_the_widget_is_known_before_it_loads(frame: tuple[int, int], size: tuple[int, int]) -> None:
    assert page.size(frame) == size
    frames = Elements(page.embed_code("b5tq7nzk3xw2mc", "A cat", frame=frame, bucket_url=BUCKET)).all("iframe")
    assert (int(frames[0]["width"]), int(frames[0]["height"])) == size
    assert f"aspect-ratio:{size[0]}/{size[1]}" in frames[0]["style"]
    assert frames[0]["loading"] == "lazy"
    assert "allowfullscreen" in frames[0]
    assert frames[0]["title"] == "A cat"


def test_the_oembed_answer_holds_all_that_its_readers_need() -> None:
    game = a_game(title='"A" <b>cat</b>')
    said = json.loads(page.oembed(game, frame=(4, 3), bucket_url=BUCKET, site_url=SITE))
    assert (said["version"], said["type"], said["width"], said["height"]) == ("1.0", "rich", 640, 532)
    assert said["title"] == game.title
    assert said["provider_url"] == SITE
    assert said["thumbnail_url"] == f"{BUCKET}/g/{game.id}.jpg"
    frames = Elements(said["html"])
    assert [tag for tag, _ in frames.found] == ["iframe"]
    assert frames.all("iframe")[0]["title"] == game.title
