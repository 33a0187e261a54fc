"""One evil file costs one refusal: children with limits, on files that hang, eat and kill."""

import os
import signal
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from PIL import Image
from tests.media.pictures import FIXTURES, drawn, png_of, saved

from pictogame.media.child import Children
from pictogame.media.errors import Refused, Retry
from pictogame.media.pipeline import Crop, Derived
from pictogame.media.sniff import Kind

GOOD = FIXTURES / "cameras" / "leica-t-chain.jpg"


def derive_good(children: Children, folder: Path) -> Derived:
    folder.mkdir(exist_ok=True)
    return children.derive(GOOD, Kind.JPEG, Crop(4, 3), folder)


def children_of(pid: int) -> set[int]:
    """Processes that `pid` started and that are not gone, zombies included."""
    found = set()
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                stat = (entry / "stat").read_text()
            except OSError:
                continue
            if int(stat.rpartition(")")[2].split()[1]) == pid:
                found.add(int(entry.name))
    return found


def wait_until(condition: Callable[[], bool]) -> None:
    give_up = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < give_up
        time.sleep(0.02)


@pytest.fixture
def pipe_that_hangs(tmp_path: Path) -> Path:
    """A file that is never read to its end: opening it waits for a writer that does not come."""
    path = tmp_path / "hangs"
    os.mkfifo(path)
    return path


def test_a_file_that_hangs_ends_after_the_deadline_and_the_next_picture_is_made(
    pipe_that_hangs: Path, tmp_path: Path
) -> None:
    with Children(slots=1, wall_seconds=2) as children, pytest.raises(Retry, match="too long"):
        children.derive(pipe_that_hangs, Kind.JPEG, Crop(4, 3), tmp_path)
    with Children(slots=1) as children:
        assert len(derive_good(children, tmp_path).renditions) == 4


def test_a_picture_that_needs_too_much_memory_is_refused_and_the_next_one_is_made(tmp_path: Path) -> None:
    hungry = tmp_path / "hungry"
    hungry.write_bytes(saved(Image.new("RGB", (5000, 5000), (9, 99, 9)), "AVIF", speed=10))
    with Children(slots=1, memory_bytes=400_000_000) as children:
        with pytest.raises(Refused, match=r"too hard|damaged"):
            children.derive(hungry, Kind.AVIF, Crop(4, 3), tmp_path)
        small = tmp_path / "small"
        small.write_bytes(saved(drawn(), "PNG"))
        assert children.derive(small, Kind.PNG, Crop(4, 3), tmp_path).colours


def test_a_picture_that_needs_too_much_processor_time_is_refused(tmp_path: Path) -> None:
    slow = tmp_path / "slow"
    slow.write_bytes(png_of(9_000, 6_600, depth=16, colour_type=6))
    with Children(slots=1, cpu_seconds=0.1) as children, pytest.raises(Refused, match="too hard"):
        children.derive(slow, Kind.PNG, Crop(4, 3), tmp_path)


def test_the_largest_that_is_accepted_is_made_within_the_limits(children: Children, tmp_path: Path) -> None:
    large = tmp_path / "large"
    large.write_bytes(png_of(9_000, 6_600, depth=16, colour_type=6, row=b"\x20\x80\xff\xff" * 18_000))
    assert len(children.derive(large, Kind.PNG, Crop(4, 3), tmp_path).renditions) == 4


def test_a_decoded_size_that_is_not_the_announced_one_is_refused(children: Children, tmp_path: Path) -> None:
    """Small in the header that was read, a bomb in the one that the decoder reads."""
    lying = tmp_path / "lying"
    lying.write_bytes(png_of(30_000, 30_000, rows=10))
    with pytest.raises(Refused, match="60 megapixels"):
        children.derive(lying, Kind.PNG, Crop(4, 3), tmp_path)


def test_a_child_that_was_killed_from_outside_is_replaced_and_the_picture_may_be_tried_again(
    pipe_that_hangs: Path, tmp_path: Path
) -> None:
    before = children_of(os.getpid())
    with Children(slots=1) as children, ThreadPoolExecutor(1) as pool:
        (victim,) = children_of(os.getpid()) - before
        asked = pool.submit(children.derive, pipe_that_hangs, Kind.JPEG, Crop(4, 3), tmp_path)
        # Once it holds the pipe open it is in the middle of its job.
        with pipe_that_hangs.open("wb"):
            os.kill(victim, signal.SIGKILL)
            with pytest.raises(Retry):
                asked.result(20)
        assert len(derive_good(children, tmp_path).renditions) == 4
        assert victim not in children_of(os.getpid())


def test_no_process_is_left_behind(pipe_that_hangs: Path, tmp_path: Path) -> None:
    before = children_of(os.getpid())
    pool = ThreadPoolExecutor(2)
    with Children(slots=2) as children:
        asked = pool.submit(children.derive, pipe_that_hangs, Kind.JPEG, Crop(4, 3), tmp_path)
        derive_good(children, tmp_path / "good")
        assert len(children_of(os.getpid()) - before) == 2
    assert children_of(os.getpid()) - before == set()
    with pytest.raises(Retry):
        asked.result(20)
    pool.shutdown()


def test_children_end_when_their_parent_is_killed() -> None:
    script = (
        "import time\nfrom pictogame.media.child import Children\n"
        "with Children(slots=2):\n    print('up', flush=True)\n    time.sleep(60)\n"
    )
    source = str(Path(__file__).parents[2] / "src")
    with subprocess.Popen(
        [sys.executable, "-c", script], stdout=subprocess.PIPE, env={**os.environ, "PYTHONPATH": source}
    ) as parent:
        assert parent.stdout
        parent.stdout.readline()
        orphans = children_of(parent.pid)
        assert len(orphans) == 2
        parent.kill()
    wait_until(lambda: not any(is_running(pid) for pid in orphans))


def is_running(pid: int) -> bool:
    """It exists, and is no zombie that an outer init has yet to reap."""
    try:
        return "State:\tZ" not in (Path("/proc") / str(pid) / "status").read_text()
    except OSError:
        return False


def test_more_pictures_than_children_are_all_made(tmp_path: Path) -> None:
    with Children(slots=2) as children, ThreadPoolExecutor(6) as pool:
        made = list(pool.map(lambda number: derive_good(children, tmp_path / str(number)), range(6)))
    first = {rendition.role: rendition.path.read_bytes() for rendition in made[0].renditions}
    for one in made:
        assert {rendition.role: rendition.path.read_bytes() for rendition in one.renditions} == first


def test_an_interrupted_question_is_never_answered_by_the_next_picture(tmp_path: Path) -> None:
    """Ctrl-C in the middle of a picture: the child still owes its answer, so it must not be asked again."""
    with Children(slots=1) as children:
        threading.Timer(0.3, signal.pthread_kill, (threading.main_thread().ident, signal.SIGINT)).start()
        pipe = tmp_path / "pipe"
        os.mkfifo(pipe)
        with pytest.raises(KeyboardInterrupt):
            children.derive(pipe, Kind.JPEG, Crop(4, 3), tmp_path)
        small = tmp_path / "small"
        small.write_bytes(saved(Image.new("RGB", (64, 64), (9, 200, 9)), "PNG"))
        assert children.derive(small, Kind.PNG, Crop(1, 1), tmp_path).renditions[0].width == 64


def test_when_all_is_closed_a_picture_is_told_to_come_later(tmp_path: Path) -> None:
    children = Children(slots=1)
    with pytest.raises(Retry):
        derive_good(children, tmp_path)
    with children:
        derive_good(children, tmp_path)
    with pytest.raises(Retry):
        derive_good(children, tmp_path)


def test_a_folder_that_is_not_there_is_not_the_fault_of_the_picture(children: Children, tmp_path: Path) -> None:
    with pytest.raises(Retry):
        children.derive(GOOD, Kind.JPEG, Crop(4, 3), tmp_path / "nowhere")


def test_an_avif_whose_stream_is_larger_than_it_says_costs_one_refusal(children: Children, tmp_path: Path) -> None:
    data = saved(Image.new("RGB", (3000, 3000), (9, 99, 9)), "AVIF", speed=10)
    size = data.index(b"ispe") + 8
    lying = tmp_path / "lying"
    lying.write_bytes(data[:size] + struct.pack(">II", 64, 64) + data[size + 8 :])
    with pytest.raises(Refused):
        children.derive(lying, Kind.AVIF, Crop(4, 3), tmp_path)
