import pytest

from pictogame.games import rules
from pictogame.games.errors import BadText


def test_a_title_is_one_tidy_line() -> None:
    assert rules.clean_title("  A cat,\n\t in   pieces\u2028! ") == "A cat, in pieces !"


def test_markup_in_a_title_is_text() -> None:
    raw = "<script>alert(1)</script> & ]]> <!-- -->"
    assert rules.clean_title(raw) == raw


def test_overrides_are_taken_out_and_marks_that_languages_need_stay() -> None:
    assert rules.clean_title("cat\u202egpj.exe\u2066\u2069") == "catgpj.exe"
    arabic = "قط\u200fة"
    assert rules.clean_title(arabic) == arabic
    family = "👩\u200d👧"
    assert rules.clean_title(family) == family


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("cat\u202egpj", True),
        ("a\u0000b", True),
        ("\ufeffa", True),
        (" a \n b ", False),
        ("قط\u200fة", False),
        ("", False),
    ],
)
def test_what_is_taken_out_of_words_can_be_asked(raw: str, expected: bool) -> None:
    assert rules.holds_unwanted(raw) is expected


def test_letters_and_their_accents_are_composed() -> None:
    assert rules.clean_title("Cafe\u0301") == "Café"


@pytest.mark.parametrize("raw", ["\u202e\u202e", "\u200b\u200d", "\u0007"])
def test_a_title_in_which_nothing_can_be_seen_is_refused(raw: str) -> None:
    with pytest.raises(BadText, match="only invisible characters"):
        rules.clean_title(raw)


def test_an_empty_title_is_no_title() -> None:
    assert rules.clean_title("   ") == ""


@pytest.mark.parametrize(
    ("clean", "sentence"),
    [
        (rules.clean_title, "A title has room for 120 characters, and yours has 10,000: shorten it."),
        (rules.clean_message, "The message at the end has room for 280 characters, and yours has 10,000: shorten it."),
        (rules.clean_alt, "A picture's description has room for 240 characters, and yours has 10,000: shorten it."),
    ],
)
def test_ten_thousand_characters_get_one_sentence(clean: object, sentence: str) -> None:
    assert callable(clean)
    with pytest.raises(BadText) as caught:
        clean("x" * 10_000)
    assert caught.value.sentence == sentence


def test_a_title_of_exactly_its_limit_is_kept() -> None:
    assert len(rules.clean_title("é" * 120)) == 120


def test_nothing_that_xml_forbids_is_left() -> None:
    for code in range(0x11_0000):
        kept = rules.clean_text(f"a{chr(code)}b")
        allowed = code >= 0x20 and not 0xD800 <= code <= 0xDFFF and code not in {0xFFFE, 0xFFFF}
        assert allowed or len(kept) == 2 or kept == "a b", hex(code)


def test_a_file_name_loses_its_folders() -> None:
    assert rules.clean_name("C:\\Users\\me\\cat\u202e.jpg") == "cat.jpg"
    assert rules.clean_name("../../etc/passwd") == "passwd"
    assert len(rules.clean_name("n" * 500)) == 200


def test_a_language_may_name_its_region() -> None:
    assert rules.clean_language("DE_at", ["en", "de"]) == "de"
    with pytest.raises(BadText, match="Games speak en, de, and “tlh” is none of them"):
        rules.clean_language("tlh", ["en", "de"])
