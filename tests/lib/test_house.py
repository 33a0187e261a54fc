"""The colours of the house stand once, and every page that wears them brings them."""

import re
from pathlib import Path

PACKAGE = Path(__file__).parents[2] / "src" / "pictogame"
TOKENS = PACKAGE / "lib" / "static" / "house" / "tokens.css"
SHEETS = [path for path in PACKAGE.glob("*/static/*/*.css") if path != TOKENS]


def _defined(sheet: Path) -> set[str]:
    return set(re.findall(r"^\s*(--[\w-]+):", sheet.read_text(encoding="utf-8"), re.MULTILINE))


def test_no_other_sheet_says_again_what_the_house_says() -> None:
    assert {"base.css", "tokens.css", "numbers.css"} <= {path.name for path in SHEETS}
    assert {path.name: _defined(path) & _defined(TOKENS) for path in SHEETS if _defined(path) & _defined(TOKENS)} == {}


def test_every_colour_has_a_light_and_a_dark_side() -> None:
    colours = re.findall(r"^  (--[\w-]+): (.*(?:#|rgb\().*);$", TOKENS.read_text(encoding="utf-8"), re.MULTILINE)
    assert len(colours) > 20
    one_sided = [name for name, value in colours if not re.fullmatch(r"var\(--light, .+\) var\(--dark, .+\)", value)]
    assert one_sided == ["--on-sun"]


def test_whatever_links_a_sheet_of_studio_or_office_links_the_house_first() -> None:
    heads = [path.read_text(encoding="utf-8") for path in PACKAGE.glob("*/templates/**/*.html")]
    dressed = [head for head in heads if "studio/base.css" in head or "office/tokens.css" in head]
    assert len(dressed) == 3
    for head in dressed:
        assert head.index("house/tokens.css") < min(
            head.find(name) for name in ("studio/base.css", "office/tokens.css") if name in head
        )
