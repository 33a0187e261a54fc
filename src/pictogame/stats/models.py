"""Sums by day, hour and month, and the logs that they come from. Never an address, a user agent or a full referrer.

`docs/stats.md` defines every number. Keys are composite, without a number of their own: a site with 100,000 games has
millions of these rows, and none is ever named from elsewhere.
"""

from django.db import models
from django.db.models import F, Q

from pictogame.games.models import Game


class Place(models.TextChoices):
    """Where a log was written. A request that a shared cache answers is in the log of the edge alone."""

    ORIGIN = "origin", "the bucket itself"
    EDGE = "edge", "the shared cache before it"


class Source(models.Model):
    """A log that was read, known by what it holds and not by its name: renamed, moved or compressed it is the same."""

    class State(models.TextChoices):
        READ = "read", "is counted to its end"
        TORN = "torn", "ends within a line or a compressed block; the rest is counted when it comes"
        FAILED = "failed", "could not be read further"

    head_sha256 = models.CharField(max_length=64, db_index=True)
    """Hash of its bytes, uncompressed, to the end of the first line that is no heading (4,096 at most)."""
    marks = models.TextField()
    """16 hex digits for each end of a line within its first 4,096 bytes: hashes of all that is before it."""
    tail_sha256 = models.CharField(max_length=64)
    """Hash of the last `tail_size` bytes before `bytes_done`: a log that grew still has them there."""
    tail_size = models.PositiveIntegerField()
    last_lines = models.BinaryField(default=b"")
    """Keyed hashes and lengths of the last lines before `bytes_done` of a file, 12 bytes each: if it is cut and goes on
    otherwise, they tell where.
    """
    format = models.CharField(max_length=20)
    place = models.CharField(max_length=6, choices=Place.choices)
    name = models.CharField(max_length=300)
    """Where it was seen last, without query or credentials."""
    state = models.CharField(max_length=6, choices=State.choices)
    bytes_done = models.PositiveBigIntegerField(default=0)
    """Uncompressed bytes that are in the sums: always whole lines."""
    lines_done = models.PositiveBigIntegerField(default=0)
    """All lines before that offset: counted, foreign, unknown and headings."""
    unknown_lines = models.PositiveBigIntegerField(default=0)
    """Lines that could not be read; they are in no sum."""
    foreign_lines = models.PositiveBigIntegerField(default=0)
    """Lines of another bucket or host; they are in no sum."""
    strange_times = models.PositiveBigIntegerField(default=0)
    """Lines of an impossible time, counted on the day on which they were read."""
    example = models.CharField(max_length=300, blank=True, default="")
    """An unknown line with addresses, names and secrets masked."""
    problem = models.CharField(max_length=500, blank=True, default="")
    found_at = models.DateTimeField(auto_now_add=True)
    read_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["head_sha256", "tail_sha256", "bytes_done"], name="stats_source_once"),
            models.CheckConstraint(condition=Q(state__in=["read", "torn", "failed"]), name="stats_source_state_known"),
            models.CheckConstraint(condition=Q(place__in=["origin", "edge"]), name="stats_source_place_known"),
            models.CheckConstraint(
                condition=Q(lines_done__gte=F("unknown_lines") + F("foreign_lines")), name="stats_source_lines_add_up"
            ),
        ]
        indexes = [models.Index(fields=["-read_at"], name="stats_source_by_time")]

    def __str__(self) -> str:
        return f"{self.name} ({self.state})"


class Address(models.Model):
    """A file or object that was looked at: while size and time stay, it is not opened again. A shortcut."""

    address_sha256 = models.CharField(max_length=64, primary_key=True)
    size = models.PositiveBigIntegerField()
    """As stored, compressed or not."""
    modified_at = models.DateTimeField()
    source = models.ForeignKey(Source, null=True, on_delete=models.CASCADE, related_name="addresses")
    """Null while it holds no whole line yet."""

    def __str__(self) -> str:
        return self.address_sha256


class Sums(models.Model):
    """What people's browsers asked for. Programs stand apart, and our own checks are in the site's sums alone.

    `requests` = page + xml + picture + card + oembed + runtime + other, and so for bytes.
    """

    widgets = models.PositiveBigIntegerField(default=0)
    """Widgets served: GET of the player page, or of the game.xml where the page did not ask for it, with 200 or 304."""
    first_plays = models.PositiveBigIntegerField(default=0)
    """Templates fetched (GET, 200): a browser that had nothing of it."""
    requests = models.PositiveBigIntegerField(default=0)
    bytes = models.PositiveBigIntegerField(default=0)
    """Bytes of answers, as the log counts them."""
    not_modified = models.PositiveBigIntegerField(default=0)
    """Answers 304, among the requests."""
    errors = models.PositiveBigIntegerField(default=0)
    """Answers 400 to 599, among the requests."""
    edge_requests = models.PositiveBigIntegerField(default=0)
    """Those of the requests that a log of the edge tells of."""
    edge_hits = models.PositiveBigIntegerField(default=0)
    """Those of them that the shared cache answered by itself."""
    bot_requests = models.PositiveBigIntegerField(default=0)
    bot_bytes = models.PositiveBigIntegerField(default=0)
    """Of programs on the kept list; in none of the numbers above."""

    page_requests = models.PositiveBigIntegerField(default=0)
    page_bytes = models.PositiveBigIntegerField(default=0)
    xml_requests = models.PositiveBigIntegerField(default=0)
    xml_bytes = models.PositiveBigIntegerField(default=0)
    picture_requests = models.PositiveBigIntegerField(default=0)
    picture_bytes = models.PositiveBigIntegerField(default=0)
    card_requests = models.PositiveBigIntegerField(default=0)
    card_bytes = models.PositiveBigIntegerField(default=0)
    oembed_requests = models.PositiveBigIntegerField(default=0)
    oembed_bytes = models.PositiveBigIntegerField(default=0)
    runtime_requests = models.PositiveBigIntegerField(default=0)
    runtime_bytes = models.PositiveBigIntegerField(default=0)
    other_requests = models.PositiveBigIntegerField(default=0)
    other_bytes = models.PositiveBigIntegerField(default=0)

    class Meta:
        abstract = True


class HourSums(models.Model):
    """The few numbers that are kept by the hour."""

    widgets = models.PositiveBigIntegerField(default=0)
    first_plays = models.PositiveBigIntegerField(default=0)
    requests = models.PositiveBigIntegerField(default=0)
    bytes = models.PositiveBigIntegerField(default=0)
    errors = models.PositiveBigIntegerField(default=0)

    class Meta:
        abstract = True


class GameDay(Sums):
    """A game on a day (UTC) on which anything was asked of it."""

    pk = models.CompositePrimaryKey("game_id", "day")
    game = models.ForeignKey(Game, on_delete=models.CASCADE, related_name="+", db_index=False)
    day = models.DateField()

    def __str__(self) -> str:
        return f"{self.game_id} on {self.day}"


class GameMonth(Sums):
    """A game in a month: the same as its days' sums, written in the same transaction.

    For lists of the most played, and for long looks back over many games: a month is read instead of its days.
    """

    pk = models.CompositePrimaryKey("game_id", "month")
    game = models.ForeignKey(Game, on_delete=models.CASCADE, related_name="+", db_index=False)
    month = models.DateField()
    """The first day of the month."""

    class Meta:
        indexes = [models.Index(fields=["month", "-widgets"], name="stats_gamemonth_top")]

    def __str__(self) -> str:
        return f"{self.game_id} in {self.month:%Y-%m}"


class GameHour(HourSums):
    """A game in an hour; kept for PICTOGAME_STATS_HOURLY_DAYS."""

    pk = models.CompositePrimaryKey("game_id", "hour")
    game = models.ForeignKey(Game, on_delete=models.CASCADE, related_name="+", db_index=False)
    hour = models.DateTimeField()
    """When it began, UTC."""

    class Meta:
        indexes = [models.Index(fields=["hour"], name="stats_gamehour_old")]

    def __str__(self) -> str:
        return f"{self.game_id} at {self.hour:%Y-%m-%d %H}"


class GameHost(models.Model):
    """Widgets of a game in a month by the host whose page embeds it; at most 100 hosts, the rest under the name ''."""

    pk = models.CompositePrimaryKey("game_id", "month", "host")
    game = models.ForeignKey(Game, on_delete=models.CASCADE, related_name="+", db_index=False)
    month = models.DateField()
    host = models.CharField(max_length=100, blank=True)
    widgets = models.PositiveBigIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.game_id} on {self.host or 'other hosts'}, {self.month:%Y-%m}"


class GameCountry(models.Model):
    """Widgets of a game in a month by country, where a log names it."""

    pk = models.CompositePrimaryKey("game_id", "month", "country")
    game = models.ForeignKey(Game, on_delete=models.CASCADE, related_name="+", db_index=False)
    month = models.DateField()
    country = models.CharField(max_length=2)
    """ISO 3166-1 alpha-2."""
    widgets = models.PositiveBigIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.game_id} in {self.country}, {self.month:%Y-%m}"


class SiteDay(Sums):
    """Everything that was asked of the bucket on a day, as one place saw it: what is paid for.

    The inherited numbers are of people alone, whether a game could be told or not. The `all_` ones count every line:
    people + bots + our own + fills, = gets + heads + writes + lists + deletes + others, = the five classes of status.
    """

    pk = models.CompositePrimaryKey("day", "place")
    day = models.DateField()
    place = models.CharField(max_length=6, choices=Place.choices)

    all_requests = models.PositiveBigIntegerField(default=0)
    all_bytes = models.PositiveBigIntegerField(default=0)
    own_requests = models.PositiveBigIntegerField(default=0)
    own_bytes = models.PositiveBigIntegerField(default=0)
    """Publisher, checks and probes: requests with credentials, or by a program on the kept list."""
    fill_requests = models.PositiveBigIntegerField(default=0)
    fill_bytes = models.PositiveBigIntegerField(default=0)
    """Shared caches that asked the bucket for what they did not hold."""

    gets = models.PositiveBigIntegerField(default=0)
    heads = models.PositiveBigIntegerField(default=0)
    writes = models.PositiveBigIntegerField(default=0)
    """PUT, POST, COPY."""
    lists = models.PositiveBigIntegerField(default=0)
    deletes = models.PositiveBigIntegerField(default=0)
    others = models.PositiveBigIntegerField(default=0)

    status_2xx = models.PositiveBigIntegerField(default=0)
    status_304 = models.PositiveBigIntegerField(default=0)
    status_4xx = models.PositiveBigIntegerField(default=0)
    status_5xx = models.PositiveBigIntegerField(default=0)
    status_other = models.PositiveBigIntegerField(default=0)

    unknown_games = models.PositiveBigIntegerField(default=0)
    """People's requests for games that no row knows."""
    untold_requests = models.PositiveBigIntegerField(default=0)
    untold_bytes = models.PositiveBigIntegerField(default=0)
    """People's requests for runtime and pictures that could not be told to one game."""
    stray_requests = models.PositiveBigIntegerField(default=0)
    """People's requests for addresses that are no key of a game's; among `other_requests`."""

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(place__in=["origin", "edge"]), name="stats_siteday_place_known"),
        ]

    def __str__(self) -> str:
        return f"{self.day} at {self.place}"


class SiteHour(HourSums):
    """The site in an hour, as one place saw it; kept as long as the games' hours."""

    pk = models.CompositePrimaryKey("hour", "place")
    hour = models.DateTimeField()
    place = models.CharField(max_length=6, choices=Place.choices)

    def __str__(self) -> str:
        return f"{self.hour:%Y-%m-%d %H} at {self.place}"


class SiteHost(models.Model):
    """Widgets by embedding host in a month; at most 2,000 hosts, and the rest under the name ''."""

    pk = models.CompositePrimaryKey("month", "host")
    month = models.DateField()
    host = models.CharField(max_length=100, blank=True)
    widgets = models.PositiveBigIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.host or 'other hosts'}, {self.month:%Y-%m}"


class SiteCountry(models.Model):
    """People's requests by country and day, where a log names it."""

    pk = models.CompositePrimaryKey("day", "country")
    day = models.DateField()
    country = models.CharField(max_length=2)
    widgets = models.PositiveBigIntegerField(default=0)
    requests = models.PositiveBigIntegerField(default=0)
    bytes = models.PositiveBigIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.country} on {self.day}"


class StoredDay(models.Model):
    """What lay in the bucket on a day (UTC), as rows of objects told it when it was last read. A day may have none."""

    day = models.DateField(primary_key=True)
    count = models.PositiveBigIntegerField()
    """Objects."""
    bytes = models.PositiveBigIntegerField()
    """The most of all readings of the day."""
    written = models.PositiveBigIntegerField()
    """Objects whose last write fell on this day: one that was written twice counts once."""
    written_bytes = models.PositiveBigIntegerField()
    taken_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.bytes} bytes on {self.day}"
