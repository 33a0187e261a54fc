"""`pictogame stats cost`: what the bucket costs, so far and by the end of the month, here and elsewhere."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC
from decimal import Decimal, InvalidOperation

from pictogame.cli.exits import Ended, Exit
from pictogame.games import queries
from pictogame.jobs.leases import database_now
from pictogame.publishing import weight
from pictogame.stats import cost, meter, site, storing, words
from pictogame.stats.cost import Budget
from pictogame.stats.meter import Costs, GameCost
from pictogame.stats.pricing import prices


@dataclass(frozen=True, slots=True)
class Asked:
    """Everything that the command tells."""

    paid: Costs
    others: tuple[Costs, ...]
    budget: Budget
    game: GameCost | None


def ask(
    *, prices_name: str | None, month_name: str | None, game_id: str | None, what_if: Sequence[str], edge: str | None
) -> Asked:
    """Reads what lies in the bucket now, and counts. Raises Problem for unknown prices, months and games."""
    storing.take_reading()
    today = database_now().astimezone(UTC).date()
    month = meter.month(meter.month_named(month_name, today=today), today=today)
    share = _share(edge)
    paid = meter.costs(month, prices(prices_name) if prices_name else meter.own_prices(), edge_share=share)
    game = None
    if game_id:
        game_id = queries.game_for_reading(game_id).id
        game = meter.games(paid, [game_id], stored=weight.of_games([game_id]))[0]
    return Asked(
        paid=paid,
        others=tuple(meter.costs(month, prices(name), edge_share=share) for name in what_if),
        budget=meter.budget(paid),
        game=game,
    )


def told(asked: Asked) -> dict[str, object]:
    """For machines. Amounts of money are text."""
    budget, game = asked.budget, asked.game
    said: dict[str, object] = {
        **site.told(asked.paid),
        "budget": {
            "usd": None if budget.usd is None else str(budget.usd),
            "state": budget.state.value,
            "warns": budget.warns,
            "sentence": budget.sentence,
        },
        "what_if": [site.told(other) for other in asked.others],
    }
    if game:
        said["game"] = {
            "id": game.game_id,
            "widgets": game.widgets,
            "requests": game.usage.reads,
            "bytes": game.usage.bytes_out,
            "usd": f"{game.exact:.6f}",
            "usd_per_million_widgets": None if game.million is None else str(game.million),
        }
    return said


def lines(asked: Asked) -> Iterator[str]:
    """For people."""
    paid, month = asked.paid, asked.paid.month
    bill = paid.so_far
    yield f"{month.first:%B %Y} at {bill.prices.title}, list prices of {bill.prices.date:%Y-%m-%d}"
    yield ""
    for line in bill.lines:
        amount = words.count(int(line.amount)) if line.unit == "requests" else f"{line.amount:,.3f}"
        yield f"  {line.what:22}{amount:>18} {line.unit:10}{line.usd:>12,}"
    yield f"  {'so far' if month.is_current else 'in all':22}{'':>18} {'dollars':10}{bill.total:>12,}"
    if month.is_current:
        yield f"  {'expected in all':22}{'':>18} {'':10}{paid.expected.total:>12,}"
    when = "so far" if month.is_current else ""
    yield f"  {'with free amounts':22}{'':>18} {when:10}{paid.after_allowances.total:>12,}"
    yield ""
    million = "not yet" if paid.million is None else cost.dollars(paid.million)
    yield f"{words.many(month.widgets, 'widget')}; a month with a million at this mix: {million}"
    if game := asked.game:
        many = "not yet" if game.million is None else cost.dollars(game.million)
        yield (
            f"{game.game_id}: {words.many(game.widgets, 'widget')}, {words.weight(game.usage.bytes_out)}, "
            f"{cost.dollars(game.exact)}; a million: {many}"
        )
    for other in asked.others:
        title, usd = other.so_far.prices.title, cost.dollars(other.so_far.total)
        expected, free = cost.dollars(other.expected.total), cost.dollars(other.after_allowances.total)
        if month.is_current:
            yield f"{title}: {usd} so far, {expected} expected, {free} so far with free amounts"
        else:
            yield f"{title}: {usd}, {free} with free amounts"
    yield asked.budget.sentence
    if paid.forecast_days:
        yield f"Expected: the days to come like the mean of the last {words.many(paid.forecast_days, 'whole day')}."
    if month.stored_unknown:
        days = words.many(month.stored_unknown, "day")
        yield f"On {days} nobody had read what is stored yet: nothing counts as stored there."
    if month.stored_carried:
        days = words.many(month.stored_carried, "day")
        yield f"On {days} nobody read what is stored: the day before counts there, too."


def _share(text: str | None) -> Decimal | None:
    if text is None:
        return None
    try:
        share = Decimal(text)
    except InvalidOperation:
        share = Decimal("nan")
    if not share.is_finite():
        raise Ended(f"{text!r} is no share: write it like 0.95.", Exit.USAGE)
    return share
