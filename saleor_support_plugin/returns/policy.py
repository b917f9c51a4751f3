"""What of an order may come back, how many, until when, and why not: pure, and it explains itself."""

import dataclasses
import datetime
import enum
import zoneinfo
from collections.abc import Iterable, Sequence

from saleor_support_plugin.settings import Feature, SupportSettings
from saleor_support_plugin.shop.data import Fulfillment, FulfillmentLine, FulfillmentStatus, Order, OrderLine

# Saleor takes goods back from packed parcels (WAITING_FOR_APPROVAL) too; nobody has received those.
DELIVERED = (FulfillmentStatus.FULFILLED, FulfillmentStatus.REFUNDED)


class Outcome(enum.StrEnum):
    """Whether some of the line may come back."""

    RETURNABLE = "returnable"  # at least one piece
    NOT_RETURNABLE = "not_returnable"  # none; rule, reason and remedy say why


class Rule(enum.StrEnum):
    """Which rule decided. Codes are stable."""

    WINDOW = "window"  # the channel's return window: inside it, or past it
    GIFT_CARD = "gift_card"  # gift cards don't come back
    NOT_DISPATCHED = "not_dispatched"  # nothing of the line has left yet, or everything is back already
    SWITCHED_OFF = "switched_off"  # the channel takes no returns through us
    IN_RETURN = "in_return"  # everything that could come back is in a return already


@dataclasses.dataclass(frozen=True)
class Taken:
    """Goods that an open return holds: asked for or approved, and still in the customer's parcel.

    Goods that the shop has taken back are no longer in a delivered fulfilment, so they are not named.
    """

    order_line_id: str
    quantity: int
    at: datetime.datetime  # when the customer asked (UTC)


@dataclasses.dataclass(frozen=True)
class Part:
    """Some pieces of one order line in one fulfilment.

    Attributes:
        refunded: the shop has given the money for these back already, without the goods.
    """

    fulfillment_line_id: str
    order_line_id: str
    quantity: int
    dispatched_at: datetime.datetime
    refunded: bool


@dataclasses.dataclass(frozen=True)
class LineEligibility:
    """The answer for one order line.

    Attributes:
        fulfilled: pieces that were dispatched and not given back to the shop yet.
        in_returns: of these, pieces that open returns hold.
        returnable: pieces that may be asked for now.
        refunded: of the returnable pieces, those whose money the shop has given back already.
        anchor: the dispatch that the deadline counts from (UTC), None when nothing was dispatched.
        deadline: the moment from which (some of) it is too late (UTC, exclusive); for a line that is
            not returnable any more, the one that has passed.
        reason: why not (more), one sentence in English; "" when every fulfilled piece may come back.
        remedy: what would change it, one sentence; "" when nothing would.
    """

    order_line_id: str
    outcome: Outcome
    rule: Rule
    fulfilled: int
    in_returns: int
    returnable: int
    refunded: int = 0
    anchor: datetime.datetime | None = None
    deadline: datetime.datetime | None = None
    reason: str = ""
    remedy: str = ""


@dataclasses.dataclass(frozen=True)
class Eligibility:
    """The answer for an order: one entry for each of its lines, in their order."""

    order_id: str
    decided_at: datetime.datetime
    window_days: int
    lines: tuple[LineEligibility, ...]

    @property
    def returnable(self) -> bool:
        """Whether anything at all may come back now."""
        return any(line.returnable for line in self.lines)

    def line(self, order_line_id: str) -> LineEligibility | None:
        """The answer for this line, or None: the order has no such line."""
        return next((line for line in self.lines if line.order_line_id == order_line_id), None)


def eligibility(
    order: Order, settings: SupportSettings, taken: Iterable[Taken], now: datetime.datetime
) -> Eligibility:
    """What may come back of ``order`` at ``now`` (UTC), when open returns hold ``taken`` of it."""
    held = tuple(taken)
    return Eligibility(
        order_id=order.id,
        decided_at=now,
        window_days=settings.return_window_days,
        lines=tuple(_line(order, line, settings, held, now) for line in order.lines),
    )


def deadline(dispatched_at: datetime.datetime, settings: SupportSettings) -> datetime.datetime:
    """The first moment (UTC) that is too late: the end of the window's last day where the shop is."""
    zone = zoneinfo.ZoneInfo(settings.time_zone)
    try:
        last_day = dispatched_at.astimezone(zone).date() + datetime.timedelta(
            days=settings.return_window_days + 1
        )
        end = datetime.datetime.combine(last_day, datetime.time(), zone)
        return end.astimezone(datetime.UTC)
    except OverflowError:
        return datetime.datetime.max.replace(tzinfo=datetime.UTC)


def parts(order: Order, order_line_id: str) -> tuple[Part, ...]:
    """The pieces of a line that are with the customer, in the order in which returns take them.

    Pieces whose money has gone back already come first: they are the ones the shop waits for, and a
    return must not pay for them again. Then the latest parcel first: a customer who returns in time
    returns what came last, so that what is left keeps its own, earlier deadline.
    """
    found = [
        Part(
            one.id,
            order_line_id,
            one.quantity,
            shipment.created_at,
            shipment.status is FulfillmentStatus.REFUNDED,
        )
        for shipment, one in _delivered(order)
        if one.order_line_id == order_line_id and one.quantity > 0
    ]
    return tuple(sorted(found, key=lambda one: (not one.refunded, -one.dispatched_at.timestamp())))


def allot(available: Sequence[Part], quantity: int, at: datetime.datetime) -> tuple[Part, ...]:
    """Which pieces ``quantity`` asked for at ``at`` are: fewer when there are not enough.

    Parcels that had left when the customer asked come first; what left later is taken only when
    nothing else is there.
    """
    chosen: list[Part] = []
    for one in sorted(available, key=lambda one: one.dispatched_at > at):  # stable: keeps parts()' order
        if quantity <= 0:
            break
        took = min(quantity, one.quantity)
        chosen.append(dataclasses.replace(one, quantity=took))
        quantity -= took
    return tuple(chosen)


def without(available: Sequence[Part], taken: Iterable[Part]) -> tuple[Part, ...]:
    """What is left of ``available`` when ``taken`` are gone."""
    gone: dict[str, int] = {}
    for one in taken:
        gone[one.fulfillment_line_id] = gone.get(one.fulfillment_line_id, 0) + one.quantity
    left = (
        dataclasses.replace(one, quantity=one.quantity - gone.get(one.fulfillment_line_id, 0))
        for one in available
    )
    return tuple(one for one in left if one.quantity > 0)


def pieces(some: Iterable[Part]) -> int:
    """How many pieces these are."""
    return sum(one.quantity for one in some)


def _line(
    order: Order,
    line: OrderLine,
    settings: SupportSettings,
    taken: Sequence[Taken],
    now: datetime.datetime,
) -> LineEligibility:
    there = parts(order, line.id)
    left = there
    for one in sorted(taken, key=lambda one: one.at):
        if one.order_line_id == line.id:
            left = without(left, allot(left, one.quantity, one.at))
    fulfilled, free = pieces(there), pieces(left)
    base = LineEligibility(
        line.id, Outcome.NOT_RETURNABLE, Rule.NOT_DISPATCHED, fulfilled, fulfilled - free, 0
    )
    if not settings.is_on(Feature.RETURNS):
        return dataclasses.replace(
            base,
            rule=Rule.SWITCHED_OFF,
            reason="This shop takes no returns here.",
            remedy="Write to the shop.",
        )
    if line.is_gift_card:
        return dataclasses.replace(base, rule=Rule.GIFT_CARD, reason="Gift cards can't be returned.")
    if not there:
        return _nothing_there(base, line)
    if not left:
        return dataclasses.replace(
            base,
            rule=Rule.IN_RETURN,
            reason="Everything is in a return already.",
            remedy="If that return is declined or cancelled, the goods can be returned again.",
        )
    return _within(base, left, settings, now)


def _nothing_there(base: LineEligibility, line: OrderLine) -> LineEligibility:
    if line.quantity_fulfilled > 0:
        return dataclasses.replace(base, reason="Nothing of this is with the customer any more.")
    return dataclasses.replace(
        base,
        reason="This has not been dispatched yet.",
        remedy="It can be returned once it has been dispatched.",
    )


def _within(
    base: LineEligibility, left: Sequence[Part], settings: SupportSettings, now: datetime.datetime
) -> LineEligibility:
    timely = [one for one in left if now < deadline(one.dispatched_at, settings)]
    if not timely:
        latest = max(one.dispatched_at for one in left)
        return dataclasses.replace(
            base,
            rule=Rule.WINDOW,
            anchor=latest,
            deadline=deadline(latest, settings),
            reason=f"The return window of {settings.return_window_days} days after dispatch has passed.",
            remedy="Write to the shop: it may make an exception.",
        )
    first = min(one.dispatched_at for one in timely)
    late = pieces(left) - pieces(timely)
    return dataclasses.replace(
        base,
        outcome=Outcome.RETURNABLE,
        rule=Rule.WINDOW,
        returnable=pieces(timely),
        refunded=pieces(one for one in timely if one.refunded),
        anchor=first,
        deadline=deadline(first, settings),
        reason=f"For {late} more the return window has passed." if late else "",
        remedy="Write to the shop: it may make an exception." if late else "",
    )


def _delivered(order: Order) -> Iterable[tuple[Fulfillment, FulfillmentLine]]:
    for shipment in order.fulfillments:
        if shipment.status in DELIVERED:
            for one in shipment.lines:
                yield shipment, one
