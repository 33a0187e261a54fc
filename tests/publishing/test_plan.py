"""The plan as a table: what is wanted, what is held, and what there is to do."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pictogame.bucket.keys import media_key
from pictogame.lib.types import Key, Sha256
from pictogame.publishing.plan import Delete, Held, Put, Rank, State, Wanted, plan, usable_media_key

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
GRACE = timedelta(days=1, minutes=1)
LATER = NOW + GRACE

A, B = Sha256("a" * 64), Sha256("b" * 64)
LEAF, OTHER = Key(f"m/{A}.avif"), Key(f"m/{B}.avif")
XML, PAGE = Key("g/b5tq7nzk3xw2mc.xml"), Key("g/b5tq7nzk3xw2mc.html")
RUNTIME = Key("r/0a1b2c3d4e5f/loader.js")


def wants(key: Key, sha256: Sha256 = A, rank: Rank = Rank.LEAF) -> Wanted:
    return Wanted(key, sha256, rank)


def holds(
    key: Key, sha256: Sha256 = A, state: State = "stored", *, used: bool = True, until: datetime | None = None
) -> Held:
    return Held(key, sha256, state, used, until)


TABLE: list[tuple[str, list[Wanted], list[Held], timedelta, list[Put | Delete]]] = [
    ("nothing wanted, nothing held", [], [], GRACE, []),
    ("a new object is put", [wants(LEAF)], [], GRACE, [Put(LEAF, Rank.LEAF)]),
    ("what lies there is left alone", [wants(LEAF)], [holds(LEAF)], GRACE, []),
    ("what another game stored is left alone", [wants(LEAF)], [holds(LEAF, used=False)], GRACE, []),
    (
        "what was only intended is put again",
        [wants(LEAF)],
        [holds(LEAF, state="intended")],
        GRACE,
        [Put(LEAF, Rank.LEAF)],
    ),
    (
        "other bytes under a pointer are put",
        [wants(XML, B, Rank.POINTER)],
        [holds(XML, A)],
        GRACE,
        [Put(XML, Rank.POINTER)],
    ),
    (
        "what is named comes before what names it",
        [wants(PAGE, A, Rank.PAGE), wants(XML, A, Rank.POINTER), wants(LEAF), wants(RUNTIME)],
        [],
        GRACE,
        [Put(LEAF, Rank.LEAF), Put(RUNTIME, Rank.LEAF), Put(XML, Rank.POINTER), Put(PAGE, Rank.PAGE)],
    ),
    ("what is not wanted any more is deleted late", [], [holds(LEAF)], GRACE, [Delete(LEAF, LATER)]),
    ("what is put off already is left so", [], [holds(LEAF, until=LATER)], GRACE, []),
    ("a takedown deletes at once", [], [holds(LEAF)], timedelta(0), [Delete(LEAF, NOW)]),
    ("a takedown brings forward what was put off", [], [holds(LEAF, until=LATER)], timedelta(0), [Delete(LEAF, NOW)]),
    ("what only others use is no business of this game", [], [holds(LEAF, used=False)], GRACE, []),
    ("objects of the runtime are never deleted", [], [holds(RUNTIME)], timedelta(0), []),
    (
        "what was intended and never written is deleted too",
        [],
        [holds(LEAF, state="intended")],
        GRACE,
        [Delete(LEAF, LATER)],
    ),
    ("what is being deleted is not deleted twice", [], [holds(LEAF, state="deleting")], GRACE, []),
    (
        "a picture changes places with another",
        [wants(OTHER, B), wants(XML, B, Rank.POINTER)],
        [holds(LEAF), holds(XML, A)],
        GRACE,
        [Put(OTHER, Rank.LEAF), Put(XML, Rank.POINTER), Delete(LEAF, LATER)],
    ),
]


@pytest.mark.parametrize(
    ("wanted", "held", "grace", "expected"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE]
)
def test_the_plan(wanted: list[Wanted], held: list[Held], grace: timedelta, expected: list[Put | Delete]) -> None:
    assert plan(wanted, held, now=NOW, grace=grace) == expected


@pytest.mark.parametrize("state", ["deleting", "gone"])
def test_a_claimed_key_is_never_written_again(state: State) -> None:
    with pytest.raises(ValueError, match="never written again"):
        plan([wants(LEAF)], [holds(LEAF, state=state, used=False)], now=NOW, grace=GRACE)


KEYS = [LEAF, OTHER, XML, PAGE, RUNTIME]
states = st.sampled_from(["intended", "stored", "deleting", "gone"])
helds = st.dictionaries(
    st.sampled_from(KEYS), st.builds(lambda s, b, u: (b, s, u), states, st.sampled_from([A, B]), st.booleans())
)
wanteds = st.dictionaries(st.sampled_from(KEYS), st.sampled_from([A, B]))


@given(wanteds, helds, st.sampled_from([GRACE, timedelta(0)]))
def test_a_plan_carried_out_leaves_nothing_to_do(
    want: dict[Key, Sha256], have: dict[Key, tuple[Sha256, State, bool]], grace: timedelta
) -> None:
    wanted = [wants(key, sha256) for key, sha256 in want.items()]
    held = {
        key: holds(key, sha256, "stored" if key in want and state in {"deleting", "gone"} else state, used=used)
        for key, (sha256, state, used) in have.items()
    }
    for step in plan(wanted, held.values(), now=NOW, grace=grace):
        if isinstance(step, Put):
            held[step.key] = holds(step.key, want[step.key])
        else:
            held[step.key] = holds(step.key, held[step.key].sha256, held[step.key].state, until=step.at)
    assert plan(wanted, held.values(), now=NOW, grace=grace) == []
    assert all(held[key].state == "stored" and held[key].sha256 == sha256 for key, sha256 in want.items())


def test_the_same_bytes_get_the_next_key_after_a_delete() -> None:
    first, second = media_key(A, "image/avif"), media_key(A, "image/avif", 1)
    assert usable_media_key(A, "image/avif", []) == first
    assert usable_media_key(A, "image/avif", [holds(first)]) == first
    assert usable_media_key(A, "image/avif", [holds(first, state="intended")]) == first
    assert usable_media_key(A, "image/avif", [holds(first, state="deleting")]) == second
    assert usable_media_key(A, "image/avif", [holds(second), holds(first, state="gone")]) == second
    gone = [holds(media_key(A, "image/avif", number), state="gone") for number in range(11)]
    assert usable_media_key(A, "image/avif", gone) == media_key(A, "image/avif", 11)
