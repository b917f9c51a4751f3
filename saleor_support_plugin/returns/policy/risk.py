"""Signs of abuse, by rules that anybody can read: they send a return to a person, no more. Pure."""

import dataclasses
from decimal import Decimal

from saleor_support_plugin.returns.policy.facts import HistoryFacts
from saleor_support_plugin.returns.policy.options import RiskLimits


@dataclasses.dataclass(frozen=True)
class Flag:
    """One sign: the rule's stable code, its points, and a sentence for staff."""

    rule: str
    points: int
    text: str


@dataclasses.dataclass(frozen=True)
class Risk:
    """All signs; ``needs_person``: nobody but a person approves this return."""

    flags: tuple[Flag, ...] = ()
    needs_person: bool = False

    @property
    def points(self) -> int:
        """Of all flags together."""
        return sum(one.points for one in self.flags)

    def dump(self) -> list[dict[str, str | int]]:
        """As ``Return.risk`` keeps it."""
        return [dataclasses.asdict(one) for one in self.flags]


BLOCKED = 100  # alone enough, whatever the channel's limit


def assess(history: HistoryFacts, limits: RiskLimits, worth: Decimal = Decimal(0)) -> Risk:
    """The signs that a customer's history gives.

    Args:
        history: of the 12 months before, without the return that is asked for.
        worth: of that return, in ``history.currency``.

    Customers on the allow list give none.
    """
    if history.is_allowed:
        return Risk()
    flags = [one for one in _flags(history, limits, worth) if one is not None]
    points = sum(one.points for one in flags)
    return Risk(tuple(flags), history.is_blocked or points >= limits.points)


def _flags(history: HistoryFacts, limits: RiskLimits, worth: Decimal) -> tuple[Flag | None, ...]:
    rate, total = round(history.rate * 100), history.worth + worth
    enough = history.orders >= limits.rate_orders
    return (
        Flag("blocked", BLOCKED, "The customer, or the address, is on the block list.")
        if history.is_blocked
        else None,
        _over("returns", 15, history.returns, limits.returns, "returns in the last 12 months"),
        _over("rate", 15, rate, limits.rate, "percent of the orders have a return") if enough else None,
        _over("worth", 15, total, limits.worth, f"{history.currency} of returned goods in 12 months"),
        _over("accounts", 20, history.accounts, limits.accounts, "customers return from this address"),
        _over("claims", 20, history.claims, limits.claims, "claims in the last 12 months"),
        _over("empty", 30, history.empty, limits.empty, "returns came with goods missing or not the shop's"),
    )


def _over(
    rule: str, points: int, found: int | Decimal, limit: int | Decimal | None, what: str
) -> Flag | None:
    """A flag when there is more than the limit."""
    if limit is None or found <= limit:
        return None
    return Flag(rule, points, f"{found} {what}; more than {limit}.")
