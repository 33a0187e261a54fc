"""Descriptions of games, and a strategy that gives any."""

from hypothesis import strategies as st

from pictogame.games import rules
from pictogame.games.document import DescribedPicture, Description, Source

HASH = "9f" * 32


def a_picture(slot: str = "picture", alt: str = "A tabby cat looks up") -> DescribedPicture:
    return DescribedPicture(
        slot=slot,
        alt=alt,
        width=1280,
        height=960,
        colours=("5d4a3b", "6b5847", "7a6655", "3f3329") * 4,
        sources=(
            Source(f"../m/{HASH}.avif", "image/avif", 1280, 960),
            Source(f"../m/{HASH}-1.avif", "image/avif", 640, 480),
            Source(f"../m/{HASH}.jpg", "image/jpeg", 960, 720),
        ),
    )


def a_game(**changes: object) -> Description:
    said: dict[str, object] = {
        "id": "b5tq7nzk3xw2mc",
        "language": "en",
        "seed": 271828,
        "title": "A cat, in pieces",
        "template": "jigsaw",
        "template_src": "../r/0a1b2c3d4e5f/jigsaw.js",
        "skin": "paper",
        "skin_src": "../r/1b2c3d4e5f60/skin-paper.css",
        "loader_src": "../r/2c3d4e5f6071/loader.js",
        "options": {"pieces": 24, "turned": True, "shape": "4:3"},
        "pictures": (a_picture(),),
        "measure": "time",
        "better": "lower",
        **changes,
    }
    return Description(**said)  # type: ignore[arg-type]


def _said(clean: object, limit: int) -> st.SearchStrategy[str]:
    return st.text(max_size=limit).map(rules.clean_text).filter(lambda text: len(text) <= limit)


games = st.builds(
    a_game,
    language=st.sampled_from(["en", "de", "ar"]),
    seed=st.integers(0, 2**31 - 1),
    title=_said(rules.clean_title, 120).filter(bool),
    message=_said(rules.clean_message, 280),
    strings_src=st.none() | st.just("../r/3d4e5f607182/jigsaw.de.json"),
    options=st.dictionaries(
        st.from_regex(r"[a-z][a-z0-9_]{0,10}", fullmatch=True),
        st.booleans() | st.integers(-999_999, 999_999) | st.sampled_from(["4:3", "soft", "a&b", '"<>']),
        max_size=5,
    ),
    pictures=st.lists(st.builds(a_picture, alt=_said(rules.clean_alt, 240)), min_size=1, max_size=12).map(tuple),
)
