"""Kills and stops publishers and workers at random moments while creators work, and looks what is left in the end.

`python -m tests.breaking.killing --world servers --kills 200 --seed 7` runs it by hand and prints what came of it, as
JSON. Run by test_killing.py. The seed decides everything that is done, and to whom; the moments are the machine's.
"""

import argparse
import json
import os
import random
import sys
import tempfile
import time
from collections import Counter
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from tests.breaking.nursery import Nursery
from tests.breaking.parts import LEASE_SECONDS, ROLES, installation, obey_sigterm, unforeseen

LONGEST_LIFE = 0.3
"""Seconds from the moment at which there is work to the kill, or until it waits for it to be begun."""
AT_WORK = 0.5
"""Share of those whose end waits until they work: by chance alone, few of those that were just started would."""
WORK_SECONDS = 2.0
SETTLE_SECONDS = 180


class Killer:
    """Rounds of work and death."""

    def __init__(self, *, seed: int, kills: int, stops: int, nursery: Nursery) -> None:
        from django.db import connection
        from tests.breaking.load import Load

        self.load = Load(seed)
        self.said: Counter[str] = Counter()
        self._rng = random.Random(seed)
        self._nursery = nursery
        self._alone = connection.vendor == "sqlite"
        several = 1 if self._alone else 2
        self._living = [(role, nursery.start(role)) for role in ("publisher", "worker") for _ in range(several)]
        self._fates = ["kill"] * kills + ["stop"] * stops
        self._rng.shuffle(self._fates)
        self._hands = ThreadPoolExecutor(1, thread_name_prefix="creators")

    def run(self) -> None:
        """Everything that the seed has in store. Work goes on while somebody dies."""
        for turn, fate in enumerate(self._fates):
            if turn == len(self._fates) // 2:
                # Of so few games as a quick run makes, chance may delete none.
                self._hands.submit(self.load.delete)
            work = self._hands.submit(self._work, self._rng.randint(1, 4))
            # Three of four are publishers: a worker's crop is made in a process of its own, which outlives it or not.
            role = self._rng.choice(["publisher", "publisher", "publisher", "worker"])
            number = self._rng.choice([at for at, (name, _) in enumerate(self._living) if name == role])
            moment, at_work = self._rng.uniform(0, LONGEST_LIFE), self._rng.random() < AT_WORK
            time.sleep(moment)
            if at_work:
                _wait_for_work(role)
            if fate == "kill":
                self._kill(number)
                work.result(60)
            else:
                self._stop(number, work)
        self._hands.submit(_hang_up).result(60)
        self._hands.shutdown()

    def settle(self) -> None:
        """Nobody is hurt any more; everything that is left to do is done, and all end when they are asked to."""
        from tests.breaking.end_state import calm_down

        seconds = calm_down(self._all_live, rest=lambda: self._end("worker"), seconds=SETTLE_SECONDS)
        self.said["seconds to calm down"] = round(seconds)
        self._end("publisher")

    def _end(self, role: str) -> None:
        for pid in [pid for name, pid in self._living if name == role]:
            if code := self._nursery.end(pid):
                raise AssertionError(f"A {role} that was asked to end ended with {code}.")
        self._living = [(name, pid) for name, pid in self._living if name != role]

    def tidy(self) -> list[str]:
        """What was left unfinished is removed by those who start two days later; gives what is not."""
        left = left_behind()
        self.said["unfinished files left by the killed"] = len(left)
        long_ago = time.time() - 2 * 86_400
        for path in left:
            os.utime(path, (long_ago, long_ago))
        for role in ROLES:
            pid = self._nursery.start(role)
            end = time.monotonic() + 5
            while left_behind() and time.monotonic() < end:
                time.sleep(0.05)
            self._nursery.end(pid)
        return [f"{path} was left behind" for path in left_behind()]

    def _work(self, times: int) -> None:
        self.load.act(times)

    def _kill(self, number: int) -> None:
        role, pid = self._living[number]
        held = _tokens(role)
        self._nursery.kill(pid)
        self.said[f"{role}s killed"] += 1
        if held & _tokens(role):
            self.said[f"{role}s killed at work"] += 1
        self._living[number] = (role, self._nursery.start(role))

    def _stop(self, number: int, work: "Future[None]") -> None:
        """Stopped for longer than its lease; meanwhile the others take over, or nobody may."""
        role, pid = self._living[number]
        if self._alone:
            work.result(60)  # Who sleeps may hold the one lock that SQLite has: nothing else could be done.
            work = self._hands.submit(self._work, 0)
        held = _tokens(role)
        self._nursery.stop(pid)
        self.said[f"{role}s stopped"] += 1
        self.said[f"{role}s stopped at work"] += bool(held)
        if self._alone and role == "publisher":
            other = self._nursery.start(role)
            if self._nursery.ended(other, seconds=20) != 1:
                raise AssertionError("Beside a publisher that sleeps, a second one worked on the same SQLite database.")
            self.said["second publishers refused"] += 1
        time.sleep(LEASE_SECONDS + 0.5)
        self._nursery.wake(pid)
        work.result(60)

    def _all_live(self) -> None:
        for role, pid in self._living:
            code = self._nursery.ended(pid)
            if code is not None:
                raise AssertionError(f"A {role} ended by itself, with {code}.")


def _tokens(role: str) -> set[str]:
    """The leases that run."""
    from django.db.models.functions import Now

    from pictogame.games.models import Game
    from pictogame.media.models import Crop

    rows = Game.objects.all() if role == "publisher" else Crop.objects.all()
    return set(rows.filter(lease_until__gt=Now()).exclude(lease_token="").values_list("lease_token", flat=True))


def _wait_for_work(role: str) -> None:
    """Until one of them has work in hand; not for long, since there may be none."""
    end = time.monotonic() + WORK_SECONDS
    while not _tokens(role) and time.monotonic() < end:
        time.sleep(0.005)


def _hang_up() -> None:
    from django.db import connection

    connection.close()


def left_behind() -> list[Path]:
    """Files that processes which were killed did not finish: where everybody's temporary files lie, and in stores."""
    from django.conf import settings

    places = [Path(tempfile.gettempdir())]
    places += [Path(urlsplit(url).path) / ".unfinished" for url in (settings.BUCKET, settings.VAULT) if url[0] == "f"]
    # A folder may go while it is looked at, which `rglob` does not bear.
    walks = (walk for place in places for walk in os.walk(place))
    return sorted(Path(folder) / name for folder, folders, files in walks for name in (*folders, *files))


def break_it(*, seed: int, kills: int, stops: int, log: Path) -> dict[str, Any]:
    """Does it all; gives what was done and what is wrong."""
    with installation(ROLES, log=log) as (nursery, address):
        from tests.breaking.end_state import complaints

        began = time.monotonic()
        killer = Killer(seed=seed, kills=kills, stops=stops, nursery=nursery)
        killer.run()
        broken = round(time.monotonic() - began, 1)
        killer.settle()
        wrong = [*complaints(killer.load, address), *killer.tidy()]
        return {
            "seed": seed,
            "seconds": broken,
            "said": dict(killer.said),
            "load": dict(killer.load.done),
            "games": Counter(wish.state for wish in killer.load.wishes.values()),
            "unforeseen": unforeseen(log),
            "wrong": wrong,
        }


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.breaking.killing", description=__doc__)
    parser.add_argument("--world", choices=["here", "embedded", "servers"], default="embedded")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    parser.add_argument("--kills", type=int, default=40)
    parser.add_argument("--stops", type=int, default=2)
    parser.add_argument("--log", type=Path)
    arguments = parser.parse_args()
    if arguments.world != "here":
        from tests.breaking.worlds import by_hand

        with by_hand(arguments.world) as world:
            numbers = [f"--{name}={getattr(arguments, name)}" for name in ("seed", "kills", "stops")]
            log = arguments.log or world.folder / "log"
            done = world.process("tests.breaking.killing", "--world=here", f"--log={log}", *numbers, seconds=900)
            end = log.read_text(errors="replace")[-4000:] if done.returncode else ""
            sys.stdout.write(f"{done.stdout}\n{done.stderr}{end}")
            return done.returncode
    obey_sigterm()
    said = break_it(seed=arguments.seed, kills=arguments.kills, stops=arguments.stops, log=arguments.log)
    json.dump(said, sys.stdout)
    return 0


if __name__ == "__main__":
    sys.exit(main())
