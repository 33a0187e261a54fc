"""Every key of the bucket, and its headers as a function of the key, so that a folder and S3 serve the same. Pure.

>>> game_xml_key("b5tq7nzk3xw2mc")
'g/b5tq7nzk3xw2mc.xml'
>>> headers(Key("g/b5tq7nzk3xw2mc.xml")).content_encoding
'gzip'
"""

import re
import zlib
from functools import lru_cache
from types import MappingProxyType
from typing import NamedTuple

from pictogame.lib.types import GameId, Key, Sha256

POINTER_MAX_AGE = 60
"""Seconds that a cache may keep a pointer, unless settings say otherwise."""

PREFIXES = ("r", "m", "g", "s", "live")
"""The folders of the bucket that anybody may read. Besides them there is `embed.js`."""

EMBED_KEY = Key("embed.js")

_EXTENSIONS = {"image/avif": "avif", "image/jpeg": "jpg", "image/webp": "webp", "image/png": "png"}
CONTENT_TYPES = {
    "js": "text/javascript; charset=utf-8",
    "css": "text/css; charset=utf-8",
    "xml": "application/xml; charset=utf-8",
    "html": "text/html; charset=utf-8",
    "json": "application/json",
    "avif": "image/avif",
    "jpg": "image/jpeg",
    "webp": "image/webp",
    "png": "image/png",
}
"""By the ending of the key."""

FOREVER = "public, max-age=31536000, immutable"
# A year in browsers, but a day in shared caches: what is taken down leaves them by itself.
PICTURE = "public, max-age=31536000, s-maxage=86400, immutable"

_SMALL = 3800
"""Bytes within which a window of 4 KB reaches everything (it keeps 262 for itself)."""

_RUNTIME = re.compile(r"r/[0-9a-f]{12}/[a-z0-9][a-z0-9.-]*\.(?:js|css|json)")
_MEDIA = re.compile(r"m/([0-9a-f]{64})(?:-([1-9][0-9]*))?\.([a-z]+)")
_ID = "[a-z2-7]{14}"

PATTERNS = MappingProxyType(
    {
        "page": rf"g/{_ID}\.html",
        "xml": rf"g/{_ID}\.xml",
        "oembed": rf"g/{_ID}\.json",
        "card": rf"g/{_ID}\.jpg",
        "picture": rf"m/[0-9a-f]{{64}}(?:-[1-9][0-9]*)?\.(?:{'|'.join(_EXTENSIONS.values())})",
        "runtime": _RUNTIME.pattern,
        "scores": rf"s/{_ID}\.json",
        "live": rf"live/{_ID}/(?:head|[0-9]+)\.json",
        "embed": r"embed\.js",
    }
)
"""What a key is, by a regular expression that the whole key matches: written so that RE2 reads it as Python does."""
_KINDS = {kind: re.compile(pattern, re.ASCII) for kind, pattern in PATTERNS.items()}
TEMPLATE_PATTERN = r"r/[0-9a-f]{12}/[a-z0-9-]+\.js"
NO_TEMPLATES = ("/loader.js", "/finale.js")
"""A runtime key of that pattern is a template's script, unless it ends so."""
_TEMPLATE = re.compile(TEMPLATE_PATTERN)
_OF_GAME = re.compile(
    r"(?:g/([a-z2-7]{14})\.(?:html|xml|json|jpg)|s/([a-z2-7]{14})\.json|live/([a-z2-7]{14})/[a-z0-9.-]+)"
)


class Headers(NamedTuple):
    """What an object is stored and served with."""

    content_type: str
    cache_control: str
    content_encoding: str | None


def is_runtime_key(key: str) -> bool:
    """Whether it is the key of a runtime object, as the build's manifest gives them.

    >>> is_runtime_key("r/0a1b2c3d4e5f/jigsaw.de.json"), is_runtime_key("r/loader.js")
    (True, False)
    """
    return _RUNTIME.fullmatch(key) is not None


def game_of(key: str) -> GameId | None:
    """The game whose page, description, score board or live page this is the key of; None for all other keys.

    >>> game_of("g/b5tq7nzk3xw2mc.xml"), game_of("live/b5tq7nzk3xw2mc/head.json"), game_of("g/logo.jpg")
    ('b5tq7nzk3xw2mc', 'b5tq7nzk3xw2mc', None)
    """
    found = _OF_GAME.fullmatch(key)
    return GameId(found[1] or found[2] or found[3]) if found else None


def media_hash(key: str) -> Sha256 | None:
    """The hash of the rendition that lies under this key; None when it is no media key.

    >>> media_hash(media_key(Sha256("ab" * 32), "image/avif", 2)) == "ab" * 32
    True
    """
    found = _MEDIA.fullmatch(key)
    return Sha256(found[1]) if found and found[3] in _EXTENSIONS.values() else None


def is_ours(key: str) -> bool:
    """Whether Pictogame may have written it: what else lies in a bucket is somebody else's.

    >>> [key for key in ("r/0a1b2c3d4e5f/loader.js", "embed.js", "favicon.ico", "m/cat.jpg") if is_ours(key)]
    ['r/0a1b2c3d4e5f/loader.js', 'embed.js']
    """
    return is_runtime_key(key) or key == EMBED_KEY or media_hash(key) is not None or game_of(key) is not None


def kind_of(key: str) -> str | None:
    """Which of PATTERNS the key matches; None for what is no key of ours.

    >>> kind_of("g/b5tq7nzk3xw2mc.html"), kind_of("wp-login.php")
    ('page', None)
    """
    return next((kind for kind, pattern in _KINDS.items() if pattern.fullmatch(key)), None)


def is_template_key(key: str) -> bool:
    """Whether it is the script of a template, which every play needs and a browser keeps.

    >>> is_template_key("r/0a1b2c3d4e5f/jigsaw.js"), is_template_key("r/0a1b2c3d4e5f/loader.js")
    (True, False)
    """
    return _TEMPLATE.fullmatch(key) is not None and not key.endswith(NO_TEMPLATES)


def media_key(sha256: Sha256, media_type: str, generation: int = 0) -> Key:
    """The key of a rendition. `generation` counts how often its key was used up by a delete.

    >>> media_key(Sha256("ab" * 32), "image/avif")[-10:], media_key(Sha256("ab" * 32), "image/jpeg", 2)[-10:]
    ('babab.avif', 'abab-2.jpg')
    """
    ending = _EXTENSIONS[media_type]
    return Key(f"m/{sha256}.{ending}" if generation == 0 else f"m/{sha256}-{generation}.{ending}")


def generation_of(key: str) -> int:
    """Which generation of its bytes a media key is.

    >>> generation_of(media_key(Sha256("ab" * 32), "image/avif", 3))
    3
    """
    found = _MEDIA.fullmatch(key)
    if not found:
        raise ValueError(f"{key!r} is no media key.")
    return int(found[2] or 0)


def next_generation(key: str) -> Key:
    """The media key that the same bytes get when this one was used up by a delete.

    >>> next_generation(media_key(Sha256("ab" * 32), "image/avif", 2)) == media_key(Sha256("ab" * 32), "image/avif", 3)
    True
    """
    stem, _, ending = key.partition(".")
    return Key(f"{stem.partition('-')[0]}-{generation_of(key) + 1}.{ending}")


def game_xml_key(game_id: GameId | str) -> Key:
    """The description of a game."""
    return Key(f"g/{game_id}.xml")


def game_page_key(game_id: GameId | str) -> Key:
    """The page that plays a game; what people embed."""
    return Key(f"g/{game_id}.html")


def game_oembed_key(game_id: GameId | str) -> Key:
    """What sites that know oEmbed ask for."""
    return Key(f"g/{game_id}.json")


def game_card_key(game_id: GameId | str) -> Key:
    """The picture beside a link to a game."""
    return Key(f"g/{game_id}.jpg")


def scores_key(game_id: GameId | str) -> Key:
    """The score board of a game."""
    return Key(f"s/{game_id}.json")


def embed_key() -> Key:
    """The script that a host page may include; its address never changes."""
    return EMBED_KEY


def live_key(game_id: GameId | str, name: str) -> Key:
    """A part of a live page: `head.json`, or a segment with a number in its name.

    >>> live_key("b5tq7nzk3xw2mc", "head.json")
    'live/b5tq7nzk3xw2mc/head.json'
    """
    return Key(f"live/{game_id}/{name}")


def ending_of(key: str) -> str:
    """What stands behind the last dot."""
    return key.rpartition(".")[2]


def is_gzipped(key: str) -> bool:
    """Whether the object is stored compressed.

    Never brotli, which browsers refuse over plain http; pages and oEmbed answers stay plain for crawlers.

    >>> [key for key in ("g/a.xml", "g/a.html", "g/a.json", "r/0/a.de.json", "embed.js") if is_gzipped(key)]
    ['g/a.xml', 'r/0/a.de.json', 'embed.js']
    """
    ending = ending_of(key)
    return ending in {"js", "css", "xml"} or (ending == "json" and key.startswith("r/"))


def cache_control(key: str, *, pointer_max_age: int = POINTER_MAX_AGE) -> str:
    """How long caches may keep the object.

    >>> cache_control("g/a.html", pointer_max_age=5)
    'public, max-age=5'
    >>> cache_control("live/a/head.json"), cache_control("live/a/000001.json") == FOREVER
    ('public, max-age=2', True)
    """
    folder = key.partition("/")[0]
    if folder == "r":
        return FOREVER
    if folder == "m":
        return PICTURE
    if folder == "live":
        return "public, max-age=2" if key.rpartition("/")[2].startswith("head.") else FOREVER
    return f"public, max-age={pointer_max_age}"


def headers(key: str, *, pointer_max_age: int = POINTER_MAX_AGE) -> Headers:
    """Everything that the object is stored and served with. `pointer_max_age` in seconds.

    >>> headers("m/aa.avif").content_type, headers("r/0/jigsaw.js").cache_control
    ('image/avif', 'public, max-age=31536000, immutable')
    """
    folder, slash, _ = key.partition("/")
    return _headers(folder if slash else "", "/head." in key, ending_of(key), pointer_max_age)


@lru_cache(maxsize=128)
def _headers(folder: str, is_head: bool, ending: str, pointer_max_age: int) -> Headers:  # noqa: FBT001
    """There are few kinds of object and many of each."""
    if ending not in CONTENT_TYPES:
        raise ValueError(f"An object with the ending {ending!r} is of no kind that lies in the bucket.")
    like = f"{folder}/{'head' if is_head else '0'}.{ending}" if folder else f"embed.{ending}"
    return Headers(
        CONTENT_TYPES[ending],
        cache_control(like, pointer_max_age=pointer_max_age),
        "gzip" if is_gzipped(like) else None,
    )


def encode(key: str, data: bytes) -> bytes:
    """The bytes as they are stored: compressed where the key says so. The same bytes give the same result.

    >>> encode("embed.js", b"1;") == encode("embed.js", b"1;"), encode("g/a.html", b"<p>")
    (True, b'<p>')
    """
    if not is_gzipped(key):
        return data
    # zlib with a gzip header of its own: no time, no name. What is small needs no window of 32 KB, whose making takes
    # longer than the compressing: all of it fits into one of 4 KB, and the bytes that come out are the same.
    window, memory = (28, 6) if len(data) <= _SMALL else (31, 8)
    squeeze = zlib.compressobj(9, zlib.DEFLATED, window, memory)
    return squeeze.compress(data) + squeeze.flush()


def decode(key: str, data: bytes) -> bytes:
    """What `encode` was given.

    >>> decode("embed.js", encode("embed.js", b"1;"))
    b'1;'
    """
    return zlib.decompress(data, wbits=31) if is_gzipped(key) else data
