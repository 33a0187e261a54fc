"""Thousands of bad files: each one is taken, or refused in a sentence; none ends a process, hangs or eats memory.

The quick lane asks 1,500 of them for their header and decodes some; the full one sends thousands all the way, and lets
atheris look for worse ones.
"""

import io
import logging
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.media.corpus.mutator import Mutant, mutant, mutants
from tests.media.corpus.seeds import seeds

from pictogame.lib.types import Sha256
from pictogame.media import actions, sniff
from pictogame.media.child import Children
from pictogame.media.errors import Refused, too_hard
from pictogame.media.models import Picture
from pictogame.media.pipeline import Crop
from pictogame.media.sniff import Header, Kind, read_header
from pictogame.media.vault import vault

logger = logging.getLogger(__name__)

ROOT = Path(__file__).parents[2]
MOST_GROWTH = 24_000_000
"""Bytes that the parent may grow by while thousands of files pass: what one of them and its answer take."""


def header_or_sentence(one: Mutant) -> Header | str:
    """What the header check says; whatever else it does is shown with the number that makes the file again."""
    try:
        return read_header(io.BytesIO(one.data))
    except Refused as refused:
        return refused.sentence
    except BaseException as error:
        raise AssertionError(f"{one.name}: {error!r}") from error


def in_pieces(data: bytes) -> Iterator[bytes]:
    yield from (data[at : at + 65_536] for at in range(0, len(data), 65_536))


def resident() -> int:
    """Bytes of memory of this process."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def test_the_same_number_makes_the_same_file() -> None:
    files = seeds()
    assert [mutant(number, files) for number in range(40)] == [mutant(number, files) for number in range(40)]


def test_every_seed_is_what_its_name_says() -> None:
    kinds = set(Kind)
    for name, data in seeds().items():
        kind = name.rpartition(".")[2]
        if kind in kinds:
            assert read_header(io.BytesIO(data)).kind == kind
        else:
            with pytest.raises(Refused):
                read_header(io.BytesIO(data))


def test_1500_bad_files_get_a_header_that_makes_sense_or_a_sentence() -> None:
    said: Counter[str] = Counter()
    for one in mutants(1_500):
        found = header_or_sentence(one)
        if isinstance(found, str):
            assert found.endswith("."), one.name
            assert len(found) < 200, one.name
            said["refused"] += 1
        else:
            assert min(found.width, found.height) >= sniff.LEAST_SIDE, one.name
            assert found.width * found.height <= sniff.MOST_PIXELS, one.name
            said[found.kind] += 1
    # The mutator is neither too wild nor too tame: all kinds still get through, and half of the files do not.
    assert set(said) == {*Kind, "refused"}
    assert 500 < said["refused"] < 1_100


def test_bad_files_that_pass_for_pictures_cost_one_answer_each(children: Children, tmp_path: Path) -> None:
    answers: Counter[str] = Counter()
    for one in mutants(140, first=10_000):
        if one.seed != "phone.heic" and isinstance(header := header_or_sentence(one), Header):
            answers[_decoded(children, one, header.kind, tmp_path)] += 1
    assert answers.total() > 40
    assert answers["made"] > 10
    assert too_hard().sentence not in answers


@pytest.mark.servers
@pytest.mark.django_db
def test_thousands_of_bad_uploads_leave_the_parent_as_it_was(data: Path, children: Children, tmp_path: Path) -> None:
    count, answers, deadly = int(os.environ.get("CORPUS_FILES", "2000")), Counter[str](), []
    least, most = 0, 0
    for one in mutants(count, first=20_000):
        received = _received(one)
        if isinstance(received, str):
            assert received.endswith("."), one.name
            answers["refused at once"] += 1
        else:
            assert vault().read(Sha256(received.sha256)) == one.data
            answer = _decoded(children, one, Kind(received.kind), tmp_path)
            answers["made" if answer == "made" else "refused when decoded"] += 1
            if answer == too_hard().sentence:
                deadly.append(one.name)
        if one.number - 20_000 == count // 5:
            least = resident()
        most = max(most, resident())
    logger.info("%s; %.0f MB after a fifth, at most %.0f MB", dict(answers), least / 1e6, most / 1e6)
    assert answers.total() == count
    assert not deadly
    assert most - least < MOST_GROWTH
    kept = {path.name for path in (data / "vault").rglob("*") if path.is_file()}
    assert kept == set(Picture.objects.values_list("sha256", flat=True))


@pytest.mark.servers
def test_atheris_finds_no_file_that_the_header_checks_cannot_stand(tmp_path: Path) -> None:
    options = ["-seed=1", "-runs=200000", "-max_total_time=60", "-max_len=12000", "-timeout=5", "-rss_limit_mb=1024"]
    run = subprocess.run(
        [sys.executable, "-m", "tests.media.corpus.fuzz_headers", str(tmp_path / "files"), *options],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'src'}"},
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )
    assert run.returncode == 0, run.stderr[-3000:]
    assert "Done" in run.stderr


def _received(one: Mutant) -> Picture | str:
    """The picture that it became, or the sentence."""
    try:
        return actions.receive(chunks=in_pieces(one.data), declared_size=len(one.data)).picture
    except Refused as refused:
        return refused.sentence


def _decoded(children: Children, one: Mutant, kind: Kind, folder: Path) -> str:
    """The sentence, or "made". A `Retry` is let through: a file must never look like nobody's fault."""
    path = folder / "original"
    path.write_bytes(one.data)
    try:
        made = children.derive(path, kind, Crop(4, 3), folder)
    except Refused as refused:
        return refused.sentence
    assert len(made.colours) == 16, one.name
    return "made"
