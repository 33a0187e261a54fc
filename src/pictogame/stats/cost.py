"""What a bucket costs: amounts times a price list, in exact decimals. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import ROUND_CEILING, ROUND_HALF_UP, Decimal
from enum import StrEnum

from pictogame.lib.errors import Problem

CENT = Decimal("0.01")
LOOK_BACK = 7
"""Days whose mean is the forecast of a day to come."""


class BadEdgeShare(Problem):
    """A share of requests is not between 0 and 1."""


@dataclass(frozen=True, slots=True)
class Usage:
    """Amounts of one month, or of some of its days. They add up; `byte_days` is bytes stored, summed day by day."""

    byte_days: Decimal = Decimal(0)
    writes: int = 0
    reads: int = 0
    bytes_out: int = 0
    bytes_in: int = 0

    def __add__(self, other: "Usage") -> "Usage":
        return Usage(
            self.byte_days + other.byte_days,
            self.writes + other.writes,
            self.reads + other.reads,
            self.bytes_out + other.bytes_out,
            self.bytes_in + other.bytes_in,
        )

    def times(self, factor: Decimal) -> "Usage":
        """The amounts multiplied, to whole requests and bytes."""
        return Usage(
            self.byte_days * factor,
            _whole(self.writes * factor),
            _whole(self.reads * factor),
            _whole(self.bytes_out * factor),
            _whole(self.bytes_in * factor),
        )


@dataclass(frozen=True, slots=True)
class Tier:
    """A price for each GB up to `up_to_gb` of the month; None is without end."""

    up_to_gb: Decimal | None
    usd: Decimal


@dataclass(frozen=True, slots=True)
class PerGb:
    """How GBs are charged: what is free or included, then tier by tier.

    `free_gb` is an allowance of the account's, `included_gb` a part of a fixed price; `free_times_stored` frees as
    often what is stored on average. Amounts are rounded up to whole `round_up_gb` where that is not 0.
    """

    tiers: tuple[Tier, ...]
    free_gb: Decimal = Decimal(0)
    included_gb: Decimal = Decimal(0)
    free_times_stored: Decimal = Decimal(0)
    round_up_gb: Decimal = Decimal(0)

    def cost(self, gb: Decimal, *, free: Decimal) -> Decimal:
        """Dollars for that many GB of a month, of which `free` cost nothing. The free ones are the first ones."""
        if self.round_up_gb:
            gb = _up(gb, self.round_up_gb)
        left, below, usd = max(gb - free - self.included_gb, Decimal(0)), Decimal(0), Decimal(0)
        for tier in self.tiers:
            part = left if tier.up_to_gb is None else min(left, tier.up_to_gb - below)
            usd += part * tier.usd
            left -= part
            below = below if tier.up_to_gb is None else tier.up_to_gb
            if not left:
                break
        return usd


@dataclass(frozen=True, slots=True)
class PerRequest:
    """`usd` for each `per` requests; the first `free` of a month are an allowance of the account's."""

    usd: Decimal
    per: int
    free: int = 0
    round_up: int = 0

    def cost(self, count: int, *, free: int) -> Decimal:
        """Dollars for that many requests, of which `free` cost nothing."""
        number = Decimal(count)
        if self.round_up:
            number = _up(number, Decimal(self.round_up))
        return max(number - free, Decimal(0)) * self.usd / self.per


NOTHING = PerGb(tiers=(Tier(None, Decimal(0)),))


@dataclass(frozen=True, slots=True)
class Prices:
    """A price list, as `prices.py` reads it from its file."""

    name: str
    title: str
    where: str
    date: date
    sources: tuple[tuple[str, str], ...]
    """What each address says, and the address."""
    notes: tuple[str, ...]
    gb_bytes: int
    month_days: int | None
    """Days of a billing month; None where it is the calendar's."""
    storage: PerGb
    writes: PerRequest
    reads: PerRequest
    out: PerGb
    bytes_in: PerGb = NOTHING
    origin_reads: PerRequest | None = None
    """What a read costs that a CDN's edge could not answer, besides `reads`."""
    fixed: Decimal = Decimal(0)
    fixed_what: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a bill. `exact` has every digit, `usd` is to the cent."""

    what: str
    amount: Decimal
    unit: str
    exact: Decimal

    @property
    def usd(self) -> Decimal:
        """To the cent, half a cent up."""
        return cents(self.exact)


@dataclass(frozen=True, slots=True)
class Bill:
    """What a month costs. The total is the sum of the lines as they are printed, so that it adds up on paper."""

    prices: Prices
    lines: tuple[Line, ...]
    allowances: bool
    """Whether the vendor's free amounts were taken off."""

    @property
    def total(self) -> Decimal:
        """Dollars, to the cent."""
        return sum((line.usd for line in self.lines), Decimal(0))

    @property
    def exact(self) -> Decimal:
        """Dollars with every digit."""
        return sum((line.exact for line in self.lines), Decimal(0))


def bill(
    usage: Usage, prices: Prices, *, days_in_month: int, allowances: bool = False, edge_share: Decimal = Decimal(0)
) -> Bill:
    """The bill for the amounts of one month.

    At list prices free amounts of the account's are not taken off, since it may use them up elsewhere; `allowances`
    takes them off. `edge_share` of the reads is answered by the edge of a CDN, where prices know one.
    Raises BadEdgeShare.
    """
    if not 0 <= edge_share <= 1:
        raise BadEdgeShare(f"A share of requests lies between 0 and 1; {edge_share} does not.")
    gb = Decimal(prices.gb_bytes)
    stored = usage.byte_days / (prices.month_days or days_in_month) / gb
    out, brought = usage.bytes_out / gb, usage.bytes_in / gb

    def free(of: PerGb) -> Decimal:
        return of.free_gb + of.free_times_stored * stored if allowances else Decimal(0)

    def requests(what: str, count: int, price: PerRequest) -> Line:
        return Line(what, Decimal(count), "requests", price.cost(count, free=price.free if allowances else 0))

    lines = [
        Line("storage", stored, "GB-months", prices.storage.cost(stored, free=free(prices.storage))),
        requests("writes", usage.writes, prices.writes),
        requests("reads", usage.reads, prices.reads),
    ]
    if prices.origin_reads:
        beyond = _whole(usage.reads * (1 - edge_share))
        lines.append(requests("reads behind the CDN", beyond, prices.origin_reads))
    lines.append(Line("bytes out", out, "GB", prices.out.cost(out, free=free(prices.out))))
    if prices.bytes_in is not NOTHING:
        lines.append(Line("bytes in", brought, "GB", prices.bytes_in.cost(brought, free=free(prices.bytes_in))))
    if prices.fixed:
        lines.append(Line(prices.fixed_what, Decimal(1), "months", prices.fixed))
    return Bill(prices=prices, lines=tuple(lines), allowances=allowances)


def share(of: Usage, whole: Usage, paid: Bill) -> Decimal:
    """What a part (a game) cost of a bill, in exact dollars: its part of each line.

    Parts that make up the whole make up the bill, fixed prices excepted: those are shared by bytes that went out, and
    belong to nobody while nothing went out.
    """
    parts = {
        "storage": _part(of.byte_days, whole.byte_days),
        "writes": _part(of.writes, whole.writes),
        "reads": _part(of.reads, whole.reads),
        "reads behind the CDN": _part(of.reads, whole.reads),
        "bytes in": _part(of.bytes_in, whole.bytes_in),
    }
    out = _part(of.bytes_out, whole.bytes_out)
    return sum((line.exact * parts.get(line.what, out) for line in paid.lines), Decimal(0))


def million(
    usage: Usage, prices: Prices, widgets: int, *, days_in_month: int, edge_share: Decimal = Decimal(0)
) -> Decimal | None:
    """Dollars for a month with a million widgets at this mix, to the cent; None before the first one.

    Reads and bytes out grow with the widgets. What is stored and written stays as it is, and so does a fixed price:
    else a machine that has shown two widgets would be told to cost millions. Raises BadEdgeShare.
    """
    if not widgets:
        return None
    grown = usage.times(Decimal(1_000_000) / widgets)
    month = replace(usage, reads=grown.reads, bytes_out=grown.bytes_out)
    return cents(bill(month, prices, days_in_month=days_in_month, edge_share=edge_share).exact)


@dataclass(frozen=True, slots=True)
class Forecast:
    """A whole month's amounts: what is counted, and for the days left the mean of `days` days."""

    usage: Usage
    days: int
    """How many days the mean is of; 0 where nothing was counted yet."""
    left: int
    """Days of the month that are not counted yet, today included."""


def forecast(counted: Mapping[date, Usage], *, today: date) -> Forecast:
    """The month of `today`, from what was counted on each day (of this month and of the days before it).

    Whole days count as they are. Every other day of the month, today among them, is taken to bring the mean of the last
    LOOK_BACK whole days (of those that there are since the first counted one); today at least what it has brought.
    Storage is not averaged: what is stored today is taken to stay.
    """
    first = today.replace(day=1)
    after = (first + timedelta(days=32)).replace(day=1)
    whole = [day for day in counted if first <= day < today]
    left = (after - today).days
    so_far = sum((counted[day] for day in whole), Usage())
    begun = counted.get(today, Usage())
    begin = min(counted, default=today)
    looked = [today - timedelta(days=back) for back in range(1, LOOK_BACK + 1) if today - timedelta(days=back) >= begin]
    if looked:
        mean = sum((counted.get(day, Usage()) for day in looked), Usage()).times(Decimal(1) / len(looked))
    else:
        mean = begun
    stored = begun.byte_days or (counted[max(counted)].byte_days if counted else Decimal(0))
    today_at_least = Usage(
        stored,
        max(begun.writes, mean.writes),
        max(begun.reads, mean.reads),
        max(begun.bytes_out, mean.bytes_out),
        max(begun.bytes_in, mean.bytes_in),
    )
    to_come = Usage(stored, mean.writes, mean.reads, mean.bytes_out, mean.bytes_in).times(Decimal(left - 1))
    return Forecast(usage=so_far + today_at_least + to_come, days=len(looked), left=left)


class BudgetState(StrEnum):
    """How a month stands to its budget."""

    NONE = "none"
    WITHIN = "within"
    WILL_EXCEED = "will exceed"
    EXCEEDED = "exceeded"


@dataclass(frozen=True, slots=True)
class Budget:
    """Dollars a month that somebody set, beside what was spent and what is expected."""

    usd: Decimal | None
    spent: Decimal
    expected: Decimal
    is_over: bool = False
    """Whether the month has ended: then nothing more is expected."""
    state: BudgetState = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "state", self._state())

    def _state(self) -> BudgetState:
        if self.usd is None:
            return BudgetState.NONE
        if self.spent > self.usd:
            return BudgetState.EXCEEDED
        return BudgetState.WILL_EXCEED if self.expected > self.usd else BudgetState.WITHIN

    @property
    def warns(self) -> bool:
        """Whether somebody should look."""
        return self.state in {BudgetState.EXCEEDED, BudgetState.WILL_EXCEED}

    @property
    def sentence(self) -> str:
        """How it stands, in words."""
        match self.state:
            case BudgetState.NONE:
                return "No budget is set (PICTOGAME_BUDGET, in dollars a month)."
            case BudgetState.WITHIN if self.is_over:
                return f"The month cost {dollars(self.spent)}, within the budget of {dollars(self.usd)}."
            case BudgetState.WITHIN:
                return f"{dollars(self.spent)} of {dollars(self.usd)} are spent, {dollars(self.expected)} are expected."
            case BudgetState.WILL_EXCEED:
                return (
                    f"This month will cost about {dollars(self.expected)}, more than the budget of "
                    f"{dollars(self.usd)}; {dollars(self.spent)} are spent."
                )
            case BudgetState.EXCEEDED if self.is_over:
                return f"The month cost {dollars(self.spent)}, more than the budget of {dollars(self.usd)}."
            case BudgetState.EXCEEDED:
                return f"The budget of {dollars(self.usd)} is spent: {dollars(self.spent)} so far."


def cents(exact: Decimal) -> Decimal:
    """To the cent, half a cent up.

    >>> cents(Decimal("4.505")), cents(Decimal("0.004"))
    (Decimal('4.51'), Decimal('0.00'))
    """
    return exact.quantize(CENT, rounding=ROUND_HALF_UP)


def dollars(usd: Decimal | None) -> str:
    """In words for people; what is above nothing and below a cent is said so.

    >>> dollars(Decimal("1234.5")), dollars(Decimal("0.0004")), dollars(Decimal(0)), dollars(None)
    ('$1,234.50', 'under $0.01', '$0.00', 'nothing')
    """
    if usd is None:
        return "nothing"
    return "under $0.01" if 0 < usd < CENT else f"${cents(usd):,}"


def days_of(month: date) -> Sequence[date]:
    """The days of the month in which `month` lies.

    >>> len(days_of(date(2024, 2, 9))), days_of(date(2024, 2, 9))[0]
    (29, datetime.date(2024, 2, 1))
    """
    first = month.replace(day=1)
    after = (first + timedelta(days=32)).replace(day=1)
    return [first + timedelta(days=number) for number in range((after - first).days)]


def _part(of: Decimal | int, whole: Decimal | int) -> Decimal:
    return Decimal(of) / Decimal(whole) if whole else Decimal(0)


def _whole(number: Decimal) -> int:
    return int(number.to_integral_value(rounding=ROUND_HALF_UP))


def _up(number: Decimal, step: Decimal) -> Decimal:
    return (number / step).to_integral_value(rounding=ROUND_CEILING) * step
