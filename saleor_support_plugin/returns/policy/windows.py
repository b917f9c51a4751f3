"""From which date a window counts and when it ends. Pure.

Windows are whole days: they end with the end of their last day, the day they count from not included.
"""

import dataclasses
import datetime
from collections.abc import Iterable

from saleor_support_plugin.returns.policy.answer import Anchor
from saleor_support_plugin.returns.policy.facts import Facts, ParcelFacts
from saleor_support_plugin.returns.policy.quantities import Part
from saleor_support_plugin.returns.policy.rules import Rule
from saleor_support_plugin.shop.data import Goods

NEVER = datetime.datetime.max.replace(tzinfo=datetime.UTC)
OWN_DAYS = "support.return_days"  # the key of a product's metadata that holds its own window
MOST_DAYS = 3650


@dataclasses.dataclass(frozen=True)
class Window:
    """One window for some pieces; ``deadline`` (UTC) is exclusive, NEVER for one without end."""

    days: int
    anchor: Anchor
    anchor_at: datetime.datetime
    is_estimated: bool
    deadline: datetime.datetime
    rule: Rule | None = None


def end_of_day(moment: datetime.datetime, days: int, zone: datetime.tzinfo) -> datetime.datetime:
    """The first moment (UTC) after the ``days``-th day that follows the day of ``moment`` in ``zone``."""
    try:
        return after(moment.astimezone(zone).date() + datetime.timedelta(days=days), zone)
    except OverflowError:
        return NEVER


def after(day: datetime.date, zone: datetime.tzinfo) -> datetime.datetime:
    """The first moment (UTC) that is later than ``day`` in ``zone``."""
    try:
        midnight = datetime.datetime.combine(day + datetime.timedelta(days=1), datetime.time(), zone)
        return midnight.astimezone(datetime.UTC)
    except OverflowError:
        return NEVER


def delivery(part: Part, facts: Facts, transit_days: int) -> tuple[datetime.datetime, bool]:
    """When the pieces were handed over (UTC), and whether that is an estimate: dispatch and the transit
    buffer, but not before the carrier last saw them."""
    parcel = facts.parcels.get(part.fulfillment_id, ParcelFacts(part.fulfillment_id))
    if parcel.delivered_at is not None:
        return parcel.delivered_at, False
    try:
        estimate = part.dispatched_at + datetime.timedelta(days=transit_days)
    except OverflowError:
        estimate = NEVER
    return max(estimate, parcel.seen_at or estimate), True


def window(
    part: Part, rule: Rule, facts: Facts, ordered_at: datetime.datetime, *, days: int | None = None
) -> Window:
    """The window that a rule gives these pieces; ``days`` in place of its own."""
    outcome = rule.outcome
    if days is None:
        days = facts.window_days if outcome.days is None else outcome.days
    buffer = facts.settings.transit_days if outcome.transit_days is None else outcome.transit_days
    estimated = False
    if outcome.anchor is Anchor.ORDER:
        start = ordered_at
    elif outcome.anchor is Anchor.DISPATCH:
        start = part.dispatched_at
    else:
        start, estimated = delivery(part, facts, buffer)
    end = end_of_day(start, days, facts.zone)
    if outcome.until is not None:
        end = max(end, after(outcome.until, facts.zone))
    return Window(days, outcome.anchor, start, estimated, end, rule)


def best(
    part: Part,
    deciding: Rule,
    own: Iterable[Rule],
    own_days: int | None,
    facts: Facts,
    ordered_at: datetime.datetime,
) -> Window:
    """The window that counts: the goods' own before the general one, of several own ones the longest.

    Args:
        deciding: the first rule that matched.
        own: rules that match, name goods and allow what is wanted (the deciding one, too, if it does).
        own_days: what the product itself says; it counts from the date that the deciding rule names.
    """
    found = [window(part, one, facts, ordered_at) for one in own]
    if own_days is not None:
        found.append(window(part, deciding, facts, ordered_at, days=own_days))
    if not found:
        return window(part, deciding, facts, ordered_at)
    return max(found, key=lambda one: one.deadline)


def days_of(goods: Goods | None) -> int | None:
    """The window that the product itself says (metadata ``support.return_days``); None: nothing that is
    a whole number from 0 to 3650."""
    text = str(goods.metadata.get(OWN_DAYS, "")).strip() if goods else ""
    if not (text.isascii() and text.isdigit() and len(text) <= 4):
        return None
    days = int(text)
    return days if days <= MOST_DAYS else None
