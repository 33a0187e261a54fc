"""What the outside world sees of a game: its page, its oEmbed answer, the code that embeds it. Pure.

All of it is made from the description that game.xml is made from, so they can't disagree. `docs/formats/page.md` is
the format.
"""

from functools import lru_cache
from html import escape
from json.encoder import encode_basestring
from types import MappingProxyType
from urllib.parse import quote

from pictogame.games.document import DescribedPicture, Description

BAR_HEIGHT = 52
"""CSS pixels that the bar under the board takes."""
LONGEST_SIDE = 640
"""CSS pixels of the board's longer side, as embedded where there is room."""
CARD_SIZE = (1200, 630)

# What the loader's choice of a source goes by (`core/pictures.ts`): a tested pair of numbers.
ENOUGH = 0.85
SHARPEST = 2

_RIGHT_TO_LEFT = frozenset({"ar", "fa", "he", "ur"})

_quoted = encode_basestring
"""A text as JSON has it."""

_DESCRIPTION = MappingProxyType(
    {
        "en": "A little game made of pictures. Play it right here.",
        "de": "Ein kleines Spiel aus Bildern. Hier gleich spielen.",
        "fr": "Un petit jeu fait de photos. Jouez-y ici même.",
        "es": "Un pequeño juego hecho con fotos. Juega aquí mismo.",
        "ar": "لعبة صغيرة مصنوعة من الصور. العبها هنا مباشرة.",
    }
)
_NO_SCRIPT = MappingProxyType(
    {
        "en": "Switch JavaScript on to play.",
        "de": "Zum Spielen bitte JavaScript einschalten.",
        "fr": "Activez JavaScript pour jouer.",
        "es": "Activa JavaScript para jugar.",
        "ar": "فعّل جافا سكريبت للعب.",
    }
)


def page(
    game: Description, *, bucket_url: str, site_url: str, xml: bytes, strings: bytes = b"", listed: bool = False
) -> bytes:
    """The page that plays a game, `g/<id>.html`: HTML in UTF-8 with `xml`, the bytes of its game.xml, inline.

    `strings` is the content of the file that game.xml names as its strings, JSON: it is inline too, so that a game in
    another language than English asks for nothing more.

    `bucket_url` is the absolute address under which g/, m/ and r/ lie, without a slash at its end; nothing else is
    ever asked. `site_url` is where "Make your own" leads; empty for nowhere. Search engines are asked to stay away
    unless it is `listed`.
    """
    bucket = _address(bucket_url)
    here = f"{bucket}/g/{game.id}"
    title = escape(game.title)
    words = _DESCRIPTION.get(game.language, _DESCRIPTION["en"])
    shown = escape(next((picture.alt for picture in game.pictures if picture.alt), game.title))
    direction = ' dir="rtl"' if game.language.split("-")[0] in _RIGHT_TO_LEFT else ""
    make = f' data-make="{_constant(site_url)}"' if site_url else ""
    robots = "" if listed else '<meta name="robots" content="noindex">\n'
    # `<` means nothing in JSON but in a text, where it may be said otherwise: so no text can end the element.
    held = strings.decode().replace("<", "\\u003c")
    said = f'<script type="application/json" id="strings">\n{held}</script>\n' if held else ""
    inline = xml.decode().partition("?>\n")[2]
    return (
        f'<!doctype html>\n<html class="pg-page" lang="{_constant(game.language)}"{direction}{make}>\n<head>\n'
        '<meta charset="utf-8">\n<meta name="referrer" content="same-origin">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy(game, bucket_url=bucket)}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="color-scheme" content="light dark">\n'
        f"<title>{title}</title>\n"
        f'<link rel="stylesheet" href="{_constant(game.skin_src)}" crossorigin>\n'
        f'<link rel="modulepreload" href="{_constant(game.template_src)}" crossorigin>\n'
        f"{_preloads(game.pictures)}"
        f'<script type="module" src="{_constant(game.loader_src)}" crossorigin></script>\n'
        f'<meta name="description" content="{words}">\n{robots}'
        f'<link rel="canonical" href="{here}.html">\n'
        f'<link rel="alternate" type="application/json+oembed" href="{here}.json" title="{title}">\n'
        f'<meta property="og:type" content="website">\n<meta property="og:site_name" content="Pictogame">\n'
        f'<meta property="og:title" content="{title}">\n<meta property="og:description" content="{words}">\n'
        f'<meta property="og:url" content="{here}.html">\n<meta property="og:image" content="{here}.jpg">\n'
        f'<meta property="og:image:width" content="{CARD_SIZE[0]}">\n'
        f'<meta property="og:image:height" content="{CARD_SIZE[1]}">\n'
        f'<meta property="og:image:alt" content="{shown}">\n<meta name="twitter:card" content="summary_large_image">\n'
        f'</head>\n<body bgcolor="#{_ground(game.pictures)}">\n'
        f'<main id="play"><noscript><h1>{title}</h1><p>{_NO_SCRIPT.get(game.language, _NO_SCRIPT["en"])}</p>'
        f'<img src="{game.id}.jpg" alt="{shown}" width="600" height="315"></noscript></main>\n'
        f'<script type="application/xml" id="game">\n{inline}</script>\n{said}</body>\n</html>\n'
    ).encode()


def policy(game: Description, *, bucket_url: str) -> str:
    """The page's Content-Security-Policy: the bucket's own address with path, and nothing else.

    `'self'` is no use: the page plays in sandboxed frames, whose origin is opaque.
    """
    bucket = _address(bucket_url)
    return (
        f"default-src 'none'; script-src {bucket}/r/; style-src {bucket}/r/; "
        f"img-src {bucket}/m/ {bucket}/g/{game.id}.jpg; connect-src {bucket}/r/ {bucket}/g/; "
        "base-uri 'none'; form-action 'none'"
    )


def size(frame: tuple[int, int]) -> tuple[int, int]:
    """Width and height in CSS pixels of the widget, bar included, for a board of the ratio `frame`."""
    across, down = frame
    scale = LONGEST_SIDE / max(across, down)
    return round(across * scale), round(down * scale) + BAR_HEIGHT


def page_url(game_id: str, *, bucket_url: str) -> str:
    """The address of a game's page: what people share."""
    return f"{_address(bucket_url)}/g/{game_id}.html"


def embed_code(game_id: str, title: str, *, frame: tuple[int, int], bucket_url: str) -> str:
    """The iframe to paste into any page: its room is reserved before anything is loaded."""
    width, height = size(frame)
    return (
        f'<iframe src="{page_url(game_id, bucket_url=bucket_url)}" title="{escape(title)}" '
        f'width="{width}" height="{height}" '
        f'style="aspect-ratio:{width}/{height};width:100%;max-width:{width}px;height:auto;border:0" loading="lazy" '
        'allow="fullscreen; clipboard-write" allowfullscreen referrerpolicy="strict-origin-when-cross-origin"></iframe>'
    )


def oembed(
    game: Description, *, frame: tuple[int, int], bucket_url: str, site_url: str, cache_age: int = 86400
) -> bytes:
    """The oEmbed answer, `g/<id>.json`: of type rich, the embed code within. Nothing has to be asked of a server."""
    width, height = size(frame)
    bucket = _address(bucket_url)
    html = embed_code(game.id, game.title, frame=frame, bucket_url=bucket_url)
    # Written as text, like game.xml: an encoder that walks through a dictionary takes three times as long.
    return (
        f'{{"version":"1.0","type":"rich","title":{_quoted(game.title)},"provider_name":"Pictogame",'
        f'"provider_url":{_quoted(site_url)},"cache_age":{cache_age},"html":{_quoted(html)},'
        f'"width":{width},"height":{height},"thumbnail_url":{_quoted(f"{bucket}/g/{game.id}.jpg")},'
        f'"thumbnail_width":{CARD_SIZE[0]},"thumbnail_height":{CARD_SIZE[1]}}}\n'
    ).encode()


def _preloads(pictures: tuple[DescribedPicture, ...]) -> str:
    """Preloads the one picture of a game where it is certain which source the loader will choose, and says nothing
    elsewhere.

    The loader takes the smallest source of the best kind that has 0.85 of the pixels wanted, screens counted as two
    per CSS pixel at most. A picture is never wider than the window, nor than the window is high times its ratio.
    """
    if len(pictures) != 1:
        return ""
    picture = pictures[0]
    best = [source for source in picture.sources if source.type == picture.sources[0].type]
    if len(best) == 1:
        return _preload(best[0].src, best[0].type, "")
    if len(best) != 2:
        return ""
    small = min(best, key=lambda source: source.width)
    # The widest picture, in CSS pixels, for which the small source is enough, at one pixel and at two or more.
    single, double = (int(small.width / ENOUGH / density) for density in (1, SHARPEST))
    return _preload(small.src, small.type, f"(max-width:{double}px),(max-width:{single}px) and (max-resolution:1dppx)")


def _preload(src: str, kind: str, media: str) -> str:
    when = f' media="{media}"' if media else ""
    return f'<link rel="preload" as="image" href="{escape(src)}" type="{kind}"{when} crossorigin>\n'


def _ground(pictures: tuple[DescribedPicture, ...]) -> str:
    """The mean of the first picture's colours: what the window shows before anything is loaded, never white."""
    colours = pictures[0].colours if pictures else ("fff9f0",)
    parts, count = bytes.fromhex("".join(colours)), len(colours)
    return f"{sum(parts[::3]) // count:02x}{sum(parts[1::3]) // count:02x}{sum(parts[2::3]) // count:02x}"


@lru_cache(maxsize=8)
def _address(url: str) -> str:
    """An address that neither a policy nor an attribute can mistake. There is one, and every page names it often."""
    return quote(url.rstrip("/"), safe="/:@%!$()*+-._~[]=")


@lru_cache(maxsize=256)
def _constant(text: str) -> str:
    """For attributes that many pages share: addresses of the runtime and the studio, languages."""
    return escape(text)
