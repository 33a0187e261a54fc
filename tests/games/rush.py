"""Many hands on one game at the same time, on a database of its own. Prints as JSON what came of it.

Run by test_concurrency.py.
"""

import json
import os
import sys
import threading
from collections import Counter
from collections.abc import Callable
from datetime import timedelta

import django
from django.core.management import call_command
from django.db.models.functions import Now

HANDS = 8


def at_once(act: Callable[[int], object]) -> Counter[str]:
    """Lets every hand act at the same time, each on its own connection; counts the ends by the class of the problem."""
    from django.db import connection

    from pictogame.lib.errors import Problem

    ends: Counter[str] = Counter()
    barrier = threading.Barrier(HANDS)

    def hand(number: int) -> None:
        try:
            connection.ensure_connection()
            barrier.wait(30)
            act(number)
            ends["done"] += 1
        except Problem as problem:
            ends[type(problem).__name__] += 1
        except Exception as error:
            ends[repr(error)] += 1
        finally:
            connection.close()

    threads = [threading.Thread(target=hand, args=(number,)) for number in range(HANDS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return ends


def rush() -> dict[str, object]:
    from tests.cast import a_picture, process_all

    from pictogame.games import actions, queries
    from pictogame.games.models import Game, Revision, SlotPicture
    from pictogame.media.models import Crop

    pairs = actions.create(template="pairs").game
    same = a_picture(1)
    others = [a_picture(number + 10) for number in range(HANDS)]
    said: dict[str, object] = {}

    said["same picture"] = at_once(lambda number: actions.add_picture(game=pairs, picture=same, name="same"))
    said["other pictures"] = at_once(lambda number: actions.add_picture(game=pairs, picture=others[number], name="x"))
    said["positions"] = sorted(SlotPicture.objects.values_list("position", flat=True))
    said["last places"] = at_once(
        lambda number: actions.add_picture(game=pairs, picture=a_picture(number + 30), name="x", slot="cards")
    )
    said["cards"] = SlotPicture.objects.filter(slot="cards").count()
    said["crops"] = Crop.objects.filter(picture=same).count()

    said["publish"] = at_once(lambda number: actions.publish(game=pairs))
    said["revisions"] = Revision.objects.count()
    process_all()

    said["drafts"] = at_once(lambda number: actions.open_draft(game=pairs))
    said["open"] = Revision.objects.filter(frozen_at=None).count()
    said["copied"] = queries.newest_of(pairs).pictures.count()

    said["words"] = at_once(
        lambda number: actions.change(game=pairs, title="T") if number % 2 else actions.change(game=pairs, message="M")
    )
    newest = queries.newest_of(pairs)
    said["kept"] = [newest.title, newest.message]

    revision = actions.publish(game=pairs)

    def edit_or_finish(number: int) -> None:
        if number:
            actions.change(game=pairs, title=f"Title {number}")
            actions.publish(game=pairs)
        else:
            actions.mark_published(game=pairs, revision=revision)

    said["publish while publishing"] = at_once(edit_or_finish)
    game = Game.objects.get(pk=pairs.pk)
    said["still due"] = game.due_at is not None
    said["wanted is newest"] = game.wanted_id == queries.newest_of(pairs).pk

    said["delete while changing"] = at_once(
        lambda number: actions.change(game=pairs, title="No") if number else actions.delete(game=pairs)
    )
    said["words left"] = [*Revision.objects.exclude(title="", message="").values_list("title", flat=True)]
    return said


def crop_in_two_hands() -> int:
    """One hand moves a picture back to a point that it left a day ago; before that is committed, another clears crops
    away that nobody uses. Gives how many crops there are at last around that point.
    """
    from django.db import connection, transaction
    from tests.cast import a_picture

    from pictogame.games import actions, leftovers
    from pictogame.media.models import Crop

    game = actions.create(template="jigsaw").game
    row = actions.add_picture(game=game, picture=a_picture(50), name="x", focus=(100, 500))
    actions.describe_picture(game=game, slot_picture_id=row.pk, focus=(200, 500))
    Crop.objects.update(wanted_at=Now() - timedelta(hours=25))
    unused, _ = leftovers.unused_crops(after=0, limit=100, hours=24)

    def clear() -> None:
        leftovers.drop_crops(crops=unused, hours=24)
        connection.close()

    other = threading.Thread(target=clear)
    with transaction.atomic():
        actions.describe_picture(game=game, slot_picture_id=row.pk, focus=(100, 500))
        other.start()
        other.join(1)  # PostgreSQL lets it pass; SQLite lets one write at a time.
    other.join(60)
    return Crop.objects.filter(pk__in=unused, focus_x=100).count()


if __name__ == "__main__":
    os.environ["DJANGO_SETTINGS_MODULE"] = "pictogame.config.settings"
    django.setup()
    call_command("migrate", verbosity=0)
    json.dump({**rush(), "crop in two hands": crop_in_two_hands()}, sys.stdout)
