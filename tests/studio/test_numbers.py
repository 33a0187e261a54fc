"""A creator's numbers: who sees them, what they say, and what stands there before the first visit."""

import csv
import json
import re
from datetime import UTC, date, datetime, timedelta
from io import StringIO
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from tests.studio.conftest import Mine

from pictogame.games import actions
from pictogame.games.actions import Created
from pictogame.games.models import Game
from pictogame.stats.models import GameDay, GameHost, GameHour, GameMonth, Source


def counted(game: Game, *widgets: int, until: date | None = None) -> None:
    """Widgets by day, the last of them today; and so by month, as logs are counted."""
    until = until or timezone.now().date()
    for back, many in enumerate(reversed(widgets)):
        day = until - timedelta(days=back)
        sums = {"widgets": many, "first_plays": many // 2, "requests": many * 6, "bytes": many * 50_000}
        GameDay.objects.create(game=game, day=day, **sums)
        month, _ = GameMonth.objects.get_or_create(game=game, month=day.replace(day=1))
        for name, more in sums.items():
            setattr(month, name, getattr(month, name) + more)
        month.save()


def text_of(html: bytes) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html.decode()))


def test_a_stranger_sees_no_numbers(client: Client, mine: Mine) -> None:
    for name in ("numbers", "numbers-csv", "numbers-json"):
        assert client.get(mine.at(name)).status_code == 200
        assert client.get(mine.as_a_stranger(name)).status_code == 404


def test_the_page_is_kept_by_no_cache_and_found_by_nobody(client: Client, mine: Mine) -> None:
    answer = client.get(mine.at("numbers"))
    assert "no-store" in answer.headers["Cache-Control"]
    assert answer.headers["X-Robots-Tag"] == "noindex"


@pytest.mark.parametrize(
    ("published", "sentence"), [(False, "your game isn't on the web"), (True, "send the link to somebody")]
)
def test_before_the_first_visit_it_says_what_will_be_there(
    client: Client, mine: Mine, *, published: bool, sentence: str
) -> None:
    if published:
        actions.publish(game=mine.game)
    said = client.get(mine.at("numbers")).content.decode()
    assert "No visits counted yet" in said
    assert sentence in said
    assert "data-chart" not in said


def test_numbers_are_there_without_a_script_as_tables(client: Client, mine: Mine) -> None:
    counted(mine.game, 1200, 3, 40)
    html = client.get(mine.at("numbers")).content
    said = text_of(html)
    assert "1,243 widgets shown" in said
    assert "Out of the bucket 62.1 MB in 7,458 requests" in said
    rows = re.findall(r'<th scope="row" data-at="([0-9-]+)">.*?data-value="(\d+)"', html.decode())
    today = timezone.now().date()
    days = {at: int(many) for at, many in rows if "-" in at}
    assert len(days) == 30
    assert days[(today - timedelta(days=2)).isoformat()] == 1200 * 50_000  # The last chart over days is of bytes.
    assert list(days) == sorted(days, reverse=True)


def test_each_chart_has_its_words_and_its_table(client: Client, mine: Mine) -> None:
    counted(mine.game, 7)
    html = client.get(mine.at("numbers")).content.decode()
    charts = re.findall(r'role="img" aria-labelledby="([\w-]+)" data-chart="([\w-]+)"', html)
    assert len(charts) == 3
    for words, table in charts:
        assert re.search(rf'id="{words}">[^<]{{10,}}\.</p>', html)
        assert f'<table id="{table}">' in html


def test_the_library_of_charts_is_loaded_on_pages_of_numbers_alone(client: Client, mine: Mine) -> None:
    assert b"islands/charts.js" in client.get(mine.at("numbers")).content
    for address in ("/", "/mine/", mine.at("edit")):
        assert b"charts.js" not in client.get(address).content


def test_a_year_is_told_by_the_week(client: Client, mine: Mine) -> None:
    counted(mine.game, *[1] * 365)
    html = client.get(mine.at("numbers") + "?days=365").content.decode()
    assert "365 widgets shown, most in the week of" in html
    weeks = html.count("data-at") - 24
    assert weeks in {2 * 53, 2 * 54}


@pytest.mark.parametrize("days", [30, 365])
def test_a_day_or_week_that_still_goes_on_is_told_so(client: Client, mine: Mine, days: int) -> None:
    counted(mine.game, *[1] * 365)
    html = client.get(mine.at("numbers") + f"?days={days}").content.decode()
    today = timezone.now().date()
    newest = today if days == 30 else today - timedelta(days=today.weekday())
    begun = re.findall(r'<tr data-so-far><th scope="row" data-at="([0-9-]+)">([^<]*)</th>', html)
    assert begun == [(newest.isoformat(), f"{newest.day} {newest:%b}, so far")] * 2


def test_an_unknown_span_is_the_shortest(client: Client, mine: Mine) -> None:
    counted(mine.game, *[1] * 100)
    assert "30 widgets shown" in client.get(mine.at("numbers") + "?days=7000").content.decode()


def test_places_are_hosts_alone_and_their_names_are_no_markup(client: Client, mine: Mine) -> None:
    counted(mine.game, 10)
    today = timezone.now().date()
    for host, many in (("blog.example.org", 6), ("<b>evil", 1), ("", 3)):
        GameHost.objects.create(game=mine.game, month=today.replace(day=1), host=host, widgets=many)
    html = client.get(mine.at("numbers")).content.decode()
    assert "<bdi>blog.example.org</bdi></th><td>6</td><td>60 %</td>" in html
    assert "<bdi>other pages</bdi></th><td>3</td><td>30 %</td>" in html
    assert "<b>evil" not in html


def test_hosts_beyond_the_first_ones_stand_in_one_row_and_are_all_saved(client: Client, mine: Mine) -> None:
    counted(mine.game, 200)
    month = timezone.now().date().replace(day=1)
    hosts = [f"blog{number}.example.org" for number in range(20)]
    GameHost.objects.bulk_create(GameHost(game=mine.game, month=month, host=host, widgets=10) for host in hosts)
    html = client.get(mine.at("numbers")).content.decode()
    assert html.count(".example.org</bdi>") == 12
    assert "<bdi>8 more hosts</bdi></th><td>80</td><td>40 %</td>" in html
    saved = client.get(mine.at("numbers-json")).json()["hosts"]
    assert {one["host"] for one in saved} == set(hosts)


def test_a_single_visit_is_told_in_the_singular(client: Client, mine: Mine) -> None:
    counted(mine.game, 1)
    now = datetime.combine(timezone.now().date(), datetime.min.time(), UTC)
    GameHour.objects.create(game=mine.game, hour=now, widgets=1)
    GameDay.objects.update(requests=1, first_plays=1)
    said = text_of(client.get(mine.at("numbers")).content)
    assert "in 1 request " in said
    assert "1 widget shown, most on" in said
    assert "; 1 first play, most on" in said
    assert "1 widget shown; most from 0:00" in said


def test_the_best_hour_is_of_all_days_together(client: Client, mine: Mine) -> None:
    counted(mine.game, 10)
    today = datetime.combine(timezone.now().date(), datetime.min.time(), UTC)
    for back, hour, many in ((1, 20, 5), (2, 20, 5), (3, 9, 8)):
        GameHour.objects.create(game=mine.game, hour=today - timedelta(days=back) + timedelta(hours=hour), widgets=many)
    assert "Best hour 20:00 20:00 to 21:00 UTC, in the last 30 days" in text_of(client.get(mine.at("numbers")).content)
    assert "18 widgets shown; most from" in text_of(client.get(mine.at("numbers")).content)
    year = text_of(client.get(mine.at("numbers") + "?days=365").content)
    assert "18 widgets shown in the last 35 days; most from 20:00" in year
    assert "Best hour 20:00 20:00 to 21:00 UTC, in the last 35 days" in year


def test_a_line_for_each_day_can_be_saved(client: Client, mine: Mine) -> None:
    counted(mine.game, 5, 7)
    answer = client.get(mine.at("numbers-csv") + "?days=90")
    lines = list(csv.reader(StringIO(answer.content.decode())))
    assert answer.headers["Content-Disposition"] == f'attachment; filename="pictogame-{mine.game.id}.csv"'
    assert lines[0] == ["day", "widgets", "first_plays", "requests", "bytes", "not_modified", "errors"]
    assert len(lines) == 91
    assert lines[-1] == [timezone.now().date().isoformat(), "7", "3", "42", "350000", "0", "0"]


def test_everything_can_be_saved_for_a_program(client: Client, mine: Mine) -> None:
    counted(mine.game, 5, 7)
    said = client.get(mine.at("numbers-json")).json()
    assert said["total"]["widgets"] == sum(day["widgets"] for day in said["days"]) == 12
    assert len(said["days"]) == 30
    assert len(said["hours_utc"]) == 24


def test_it_says_how_it_counts_and_when_it_last_did(client: Client, mine: Mine) -> None:
    Source.objects.create(
        head_sha256="0" * 64, marks="", tail_sha256="0" * 64, tail_size=1, format="s3", place="origin", name="a.log",
        state="read",
    )  # fmt: skip
    said = text_of(client.get(mine.at("numbers")).content)
    assert "No cookie, no tracking: counted from the bucket's own log" in said
    assert "The log was read last on" in said


# --- All games of a device ---------------------------------------------------------------------------------------


def link(created: Created | Mine) -> str:
    return f"/g/{created.game.id}/edit/{created.secret}/"


def test_all_games_of_a_device_are_added_up(client: Client, mine: Mine, cards: Mine) -> None:
    counted(mine.game, 10)
    counted(cards.game, 30)
    html = client.post("/mine/numbers/", {"games": json.dumps([link(mine), link(cards)])}).content
    said = text_of(html)
    assert "2 games of this device" in said
    assert "40 widgets shown" in said
    titles = re.findall(r'<a href="/g/(\w+)/edit/\w+/numbers/\?days=30"><bdi>', html.decode())
    assert titles == [cards.game.id, mine.game.id]
    assert re.search(r'class="words" title="([^"]+)"><a [^>]+><bdi>\1</bdi>', html.decode())


def test_a_year_of_many_games_is_told_by_the_month_and_adds_up(client: Client, mine: Mine, cards: Mine) -> None:
    counted(mine.game, *range(1, 366))
    counted(cards.game, *[1] * 400)
    more = [link(actions.create(template="pairs")) for _ in range(15)]
    sent = {"games": json.dumps([link(mine), link(cards), *more]), "days": "365"}
    html = client.post("/mine/numbers/", sent).content.decode()
    today = timezone.now().date()
    since = today - timedelta(days=364)
    days = [since + timedelta(days=number) for number in range(365)]
    brought = {day: number + 2 for number, day in enumerate(days)}
    table = re.search(r'<table id="chart-plays-table">.*?</table>', html, re.DOTALL)
    assert table
    rows = {at: int(many) for at, many in re.findall(r'data-at="([0-9-]+)">[^<]*</th><td data-value="(\d+)"', table[0])}
    for at, many in rows.items():
        assert many == sum(brought[day] for day in days if day.replace(day=1).isoformat() == at)
    assert f'<th scope="row" data-at="{min(rows)}">{since:%b %Y}</th>' in html
    assert sum(rows.values()) == sum(brought.values())
    each = re.findall(r'numbers/\?days=365"><bdi>[^<]*</bdi></a></th><td>([\d,]+)</td>', html)
    assert [int(many.replace(",", "")) for many in each] == [sum(range(1, 366)), 365, *[0] * 15]
    lines = list(csv.DictReader(StringIO(client.post("/mine/numbers/", {**sent, "as": "csv"}).content.decode())))
    assert [int(line["widgets"]) for line in lines] == list(brought.values())


@pytest.mark.parametrize("days", [30, 90, 365])
def test_each_of_several_games_has_its_part_of_the_sum(client: Client, mine: Mine, cards: Mine, days: int) -> None:
    counted(mine.game, *[3] * 400)
    counted(cards.game, *[5] * 20)
    sent = {"games": json.dumps([link(mine), link(cards)]), "days": str(days)}
    html = client.post("/mine/numbers/", sent).content.decode()
    assert f"{3 * days + 100:,} widgets shown" in text_of(html.encode())
    each = re.findall(r'numbers/\?days=\d+"><bdi>[^<]*</bdi></a></th><td>([\d,]+)</td>', html)
    assert [int(many.replace(",", "")) for many in each] == sorted([3 * days, 100], reverse=True)


def test_several_games_are_told_in_the_plural(client: Client, mine: Mine, cards: Mine) -> None:
    counted(cards.game, 30)
    now = datetime.combine(timezone.now().date(), datetime.min.time(), UTC)
    GameHour.objects.create(game=cards.game, hour=now, widgets=30)
    said = text_of(client.post("/mine/numbers/", {"games": json.dumps([link(mine), link(cards)])}).content)
    for words in ("Where they are shown", "When they are played", "What they weighed", "one of your games was opened"):
        assert words in said
    assert "Best hour 0:00 0:00 to 1:00 UTC, in the last 7 days" in said
    assert "Where it is shown" in text_of(client.get(cards.at("numbers")).content)


def test_a_wrong_link_among_them_opens_nothing(client: Client, mine: Mine, cards: Mine) -> None:
    counted(cards.game, 30)
    wrong = f"/g/{cards.game.id}/edit/{'a' * 32}/"
    sent = json.dumps([link(mine), wrong, 7, None, "/g/", {"a": 1}])
    said = text_of(client.post("/mine/numbers/", {"games": sent}).content)
    assert "1 game of this device" in said
    assert "30" not in re.findall(r"(\d+) widgets shown", said)


@pytest.mark.parametrize("sent", ["", "{", "7", "null", '{"a": 1}', "[" * 200])
def test_a_list_that_is_none_is_an_empty_one(client: Client, db: None, runtime: object, sent: str) -> None:
    answer = client.post("/mine/numbers/", {"games": sent})
    assert answer.status_code == 200
    assert "No visits counted yet" in answer.content.decode()


def test_a_deleted_game_is_left_out(client: Client, mine: Mine) -> None:
    actions.delete(game=mine.game)
    said = client.post("/mine/numbers/", {"games": json.dumps([link(mine)])}).content.decode()
    assert "0 games of this device" in said


def test_all_of_them_can_be_saved(client: Client, mine: Mine) -> None:
    counted(mine.game, 10)
    sent = {"games": json.dumps([link(mine)])}
    assert client.post("/mine/numbers/", {**sent, "as": "csv"}).content.decode().count("\r\n") == 31
    answer = client.post("/mine/numbers/", {**sent, "as": "json"})
    assert answer.json()["total"]["widgets"] == 10
    assert "no-store" in answer.headers["Cache-Control"]


def test_the_list_is_in_no_address(client: Client, mine: Mine) -> None:
    answer = client.get("/mine/numbers/", {"games": json.dumps([link(mine)])})
    assert answer.status_code == 302
    assert answer.headers["Location"] == "/mine/"


def test_many_games_take_few_queries(
    client: Client, db: None, runtime: object, django_assert_max_num_queries: Any
) -> None:
    games = [actions.create(template="pairs") for _ in range(20)]
    for created in games:
        counted(created.game, 3)
    with django_assert_max_num_queries(12):
        client.post("/mine/numbers/", {"games": json.dumps([link(one) for one in games])})
