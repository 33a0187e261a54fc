"""Edits without end, and somebody who reads meanwhile, as a widget does that has nothing cached.

Each revision bears one mark in everything that it shows: title, words of the picture, option and picture. So a reader
can tell whether what he was given is of one revision. Run by test_reader.py in an installation of its own.
"""

import argparse
import json
import random
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

from tests.breaking import parts
from tests.breaking.nursery import Nursery
from tests.breaking.reading import NotReadable, Playing, Reader, named_by, title_in

GAMES = 3
PICTURES = 5
PIECES = ("6", "12", "24")
CALM_SECONDS = 60


class Editor:
    """A creator who can't leave it."""

    def __init__(self, seed: int) -> None:
        from tests.breaking.load import picture_bytes

        from pictogame.games import actions
        from pictogame.media import actions as media

        self._rng = random.Random(seed)
        self._uploads = [picture_bytes(seed * 1000 + number) for number in range(PICTURES)]
        self._last = 0
        self.games = []
        for _ in range(GAMES):
            game = actions.create(template="jigsaw", title="Mark 0", options={"pieces": 6}).game
            picture = media.receive(chunks=[self._uploads[0]]).picture
            actions.add_picture(game=game, picture=picture, name="0.jpg", alt="Mark 0")
            actions.publish(game=game)
            self.games.append(game)

    def prepare(self) -> dict[str, list[str]]:
        """Has every picture processed before the first edit; gives the hashes of their forms by number."""
        from pictogame.lib.hashing import sha256_of
        from pictogame.media import actions as media
        from pictogame.media.models import Crop, Rendition

        self._pictures = [media.receive(chunks=[upload]).picture for upload in self._uploads]
        for picture in self._pictures:
            media.want(picture=picture, ratio="4:3")
        end = time.monotonic() + CALM_SECONDS
        while Crop.objects.filter(state="wanted").exists() or not all(map(_is_published, self.games)):
            if time.monotonic() > end:
                raise AssertionError("The pictures were not prepared.")
            time.sleep(0.05)
        forms = Rendition.objects.exclude(role="card")
        return {
            str(number): sorted(forms.filter(crop__picture__sha256=sha256_of(upload)).values_list("sha256", flat=True))
            for number, upload in enumerate(self._uploads)
        }

    def edit(self) -> None:
        """One edit of one game; returns at a moment of its own: before, while or after it is published."""
        from pictogame.games import actions

        self._last += 1
        mark = self._last
        game = self._rng.choice(self.games)
        pieces = int(PIECES[mark % len(PIECES)])
        draft = actions.change(game=game, title=f"Mark {mark}", options={"pieces": pieces})
        actions.remove_picture(game=game, slot_picture_id=draft.pictures.get().pk)
        actions.add_picture(game=game, picture=self._pictures[mark % PICTURES], name="a.jpg", alt=f"Mark {mark}")
        actions.publish(game=game)
        wait = self._rng.choice([0, 0.005, 0.02, None])
        end = time.monotonic() + (CALM_SECONDS if wait is None else wait)
        while time.monotonic() < end and not (wait is None and _is_published(game)):
            time.sleep(0.002)


def _is_published(game: Any) -> bool:
    from pictogame.games.models import Game

    return Game.objects.filter(pk=game.pk, due_at=None, published__isnull=False).exists()


def read(place: Path) -> None:
    """The reader's life, in a process of its own: what he saw lies in a file in the end."""
    from pictogame.jobs import loop

    asked = json.loads((place / "asked").read_text())
    seen: Counter[str] = Counter()
    marks: set[str] = set()
    wrong: list[str] = []
    by_mark: dict[str, bytes] = {}
    with loop.stopped_by_signals() as stop, Reader(asked["address"]) as reader:
        while not stop.is_set():
            for game_id in asked["games"]:
                try:
                    playing = reader.game(game_id)
                except NotReadable as error:
                    wrong.append(f"{game_id}: {error}")
                    continue
                seen["games read"] += 1
                seen["files read"] += len(playing.files) + 3
                marks |= {f"{game_id} {playing.title}", f"{game_id} {playing.page_title}"}
                wrong += mixed(game_id, playing, asked["forms"], by_mark)
    (place / "read").write_text(json.dumps({**seen, "revisions seen": len(marks), "wrong": wrong}))


def mixed(game_id: str, playing: Playing, forms: dict[str, list[str]], by_mark: dict[str, bytes]) -> list[str]:
    """What shows that something is not of one revision. `by_mark` is what was seen of each so far."""
    from xml.etree import ElementTree as ET

    from pictogame.lib.hashing import sha256_of

    wrong: list[str] = []
    for what, data in (("description", playing.xml), ("page", playing.inline)):
        tree = ET.fromstring(data)
        title = title_in(tree)
        number = int(title.removeprefix("Mark "))
        pictures = [(one.get("alt"), len(one)) for one in tree.iterfind("{*}picture")]
        options = {one.get("name"): one.get("value") for one in tree.iterfind("{*}option")}
        hashes = sorted(key[2:66] for key in named_by(game_id, tree) if key.startswith("m/"))
        if pictures != [(title, len(hashes))] or options["pieces"] != PIECES[number % len(PIECES)]:
            wrong.append(f"{game_id}: its {what} says {title}, {pictures}, {options}")
        if hashes != forms[str(number % PICTURES)]:
            wrong.append(f"{game_id}: its {what} says {title} and names other pictures")
        body = data.partition(b"?>\n")[2] or data
        if by_mark.setdefault(f"{game_id} {title}", body.rstrip()) != body.rstrip():
            wrong.append(f"{game_id}: two descriptions of {title}")
    wrong += [
        f"{key} holds other bytes than its name says"
        for key, data in playing.files.items()
        if key.startswith("m/") and sha256_of(data) != key[2:66]
    ]
    return wrong


def edit_and_read(*, seed: int, edits: int, log: Path) -> dict[str, Any]:
    """Edits while a reader reads; gives what both did and what is wrong."""
    roles = {**parts.ROLES, "reader": lambda: read(log.parent)}
    with parts.installation(roles, log=log) as (nursery, address):
        from django.db import connection

        several = 1 if connection.vendor == "sqlite" else 2
        editor = Editor(seed)
        worker = nursery.start("worker")
        publishers = [nursery.start("publisher") for _ in range(several)]
        forms = editor.prepare()
        nursery.end(worker)
        asked = {"address": address, "games": [game.pk for game in editor.games], "forms": forms}
        (log.parent / "asked").write_text(json.dumps(asked))
        reader = nursery.start("reader")
        began = time.monotonic()
        for _ in range(edits):
            editor.edit()
        seconds = round(time.monotonic() - began, 1)
        _end(nursery, [reader, *publishers])
        return {
            "seed": seed,
            "edits": edits,
            "seconds": seconds,
            **json.loads((log.parent / "read").read_text()),
            "unforeseen": parts.unforeseen(log),
        }


def _end(nursery: Nursery, pids: list[int]) -> None:
    for pid in pids:
        if code := nursery.end(pid):
            raise AssertionError(f"A process that was asked to end ended with {code}.")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.breaking.editing", description=__doc__)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    parser.add_argument("--edits", type=int, default=500)
    parser.add_argument("--log", type=Path, required=True)
    arguments = parser.parse_args()
    parts.obey_sigterm()
    json.dump(edit_and_read(seed=arguments.seed, edits=arguments.edits, log=arguments.log), sys.stdout)
    return 0


if __name__ == "__main__":
    sys.exit(main())
