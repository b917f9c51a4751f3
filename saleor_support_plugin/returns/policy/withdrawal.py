"""What the law of the European Union gives beside the rules: withdrawal, and the legal guarantee. Pure.

Right of withdrawal: Art. 9 to 16 Directive 2011/83/EU; periods: Art. 3 Regulation (EEC, Euratom) 1182/71;
legal guarantee: Art. 10 Directive (EU) 2019/771.
"""

import calendar
import dataclasses
import datetime
import functools
from collections.abc import Iterable

from saleor_support_plugin.returns.policy import windows
from saleor_support_plugin.returns.policy.answer import IF_UNSEALED, Anchor, Exemption, Withdrawal
from saleor_support_plugin.returns.policy.facts import Facts
from saleor_support_plugin.returns.policy.quantities import Part, delivered
from saleor_support_plugin.returns.policy.windows import Window
from saleor_support_plugin.shop.data import Address, FulfillmentStatus, Goods, Order, OrderLine, OrderStatus
from saleor_support_plugin.tracking.promise import is_working

DAYS = 14
EXEMPTION = "support.withdrawal_exemption"  # the key of a product's metadata that names an Exemption
_DAY = datetime.timedelta(days=1)

_WHY = {
    Exemption.SERVICE_PERFORMED: "the service was performed in full with your consent",
    Exemption.PRICE_FLUCTUATES: "its price depends on the financial market",
    Exemption.CUSTOM_MADE: "it was made to your wishes",
    Exemption.PERISHABLE: "it spoils or expires quickly",
    Exemption.MIXED: "it can't be parted from other goods any more",
    Exemption.ALCOHOL_DEFERRED: "its price was agreed long before delivery and moves with the market",
    Exemption.URGENT_REPAIR: "you asked for an urgent repair",
    Exemption.PERIODICAL: "it is a newspaper, periodical or magazine",
    Exemption.AUCTION: "it was sold at a public auction",
    Exemption.DATED_SERVICE: "it is a service for a certain date",
    Exemption.DIGITAL: "it is digital content that you have begun to use",
}


@dataclasses.dataclass(frozen=True)
class Period:
    """When a period of withdrawal began and ends (UTC, exclusive); None: it has not begun."""

    began_at: datetime.datetime | None
    deadline: datetime.datetime | None


def country(order: Order) -> str:
    """The consumer's country, ISO 3166-1: of the shipping address, else of the other one; "" unknown."""
    address = _address(order)
    return address.country.upper() if address else ""


def period(order: Order, facts: Facts) -> Period:
    """The period for the goods of an order: it begins with the delivery of the last parcel (Art. 9(2)(b)
    (i)). As long as goods are still to come, or nobody knows whether they came, it has not begun."""
    shipped = {shipment.id for shipment, _line in delivered(order)}
    known = {one.fulfillment_id for one in facts.parcels.values() if one.delivered_at and not one.is_done}
    on_the_way = {id for id in shipped if not _is_done(id, facts)} - known
    if on_the_way or _more_to_come(order):
        return Period(None, None)
    ends = [facts.parcels[id].delivered_at for id in known]
    return _from(max((one for one in ends if one is not None), default=None), order, facts)


def contract_period(order: Order, facts: Facts) -> Period:
    """The period for what is not delivered in a parcel: from the contract (Art. 9(2)(a) and (c))."""
    return _from(order.created_at, order, facts)


def last_day(began_on: datetime.date, country: str, region: str = "") -> datetime.date:
    """The 14th calendar day after the one that the period begins with (which does not count), or the
    working day that follows if that is a public holiday, Saturday or Sunday: Art. 3(1), (2)(b), (4)
    Regulation 1182/71.

    ``region``: ISO 3166-2 subdivision without the country, or its name. Where it is not known, a holiday
    in any region counts: the consumer may live there.
    """
    day = began_on + datetime.timedelta(days=DAYS)
    regions = _regions(country.upper(), region.strip().upper())
    while day.weekday() >= 5 or not all(is_working(day, country, one) for one in regions):
        day += _DAY
    return day


def withdrawal(
    line: OrderLine,
    exemption: Exemption | None,
    order: Order,
    periods: tuple[Period, Period],
    facts: Facts,
    now: datetime.datetime,
) -> Withdrawal:
    """The right of withdrawal for a line; ``periods``: of the order's goods, and of the contract."""
    if not facts.settings.withdrawal or country(order) not in facts.settings.withdrawal_countries:
        return Withdrawal(reason="The law gives no right of withdrawal here.")
    if exemption is not None and exemption not in IF_UNSEALED:
        return Withdrawal(exemption=exemption, reason=f"There is no right of withdrawal: {_WHY[exemption]}.")
    if line.is_gift_card:
        return Withdrawal(reason="Gift cards can't be returned.")
    its = periods[0] if line.is_shipping_required else periods[1]
    is_open = its.deadline is None or now < its.deadline
    return Withdrawal(
        has_right=True,
        is_open=is_open,
        began_at=its.began_at,
        deadline=its.deadline,
        anchor=Anchor.DELIVERY if line.is_shipping_required else Anchor.ORDER,
        exemption=exemption,
        reason=_sentence(its, is_open, exemption),
    )


def before_purchase(country: str, exemption: Exemption | None, facts: Facts) -> Withdrawal:
    """The right that goods will have which go to this country (ISO 3166-1)."""
    if not facts.settings.withdrawal or country.upper() not in facts.settings.withdrawal_countries:
        return Withdrawal(reason="The law gives no right of withdrawal here.")
    if exemption is not None and exemption not in IF_UNSEALED:
        return Withdrawal(exemption=exemption, reason=f"There is no right of withdrawal: {_WHY[exemption]}.")
    return Withdrawal(
        has_right=True,
        is_open=True,
        exemption=exemption,
        reason=_sentence(Period(None, None), is_open=True, exemption=exemption),
    )


def exemption_of(goods: Goods | None, found: Iterable[Exemption | None]) -> Exemption | None:
    """What is recorded for a product: its own metadata (``support.withdrawal_exemption``) before the
    rules that match (``found``); a word that is none of :class:`Exemption` counts for nothing."""
    text = str(goods.metadata.get(EXEMPTION, "")).strip().lower() if goods else ""
    try:
        return Exemption(text)
    except ValueError:
        return next((one for one in found if one is not None), None)


def has_guarantee(country: str, facts: Facts) -> bool:
    """Whether the law of this country (ISO 3166-1) gives the legal guarantee, and the shop offers it."""
    return facts.settings.guarantee and country.upper() in facts.settings.guarantee_countries


def guarantee(part: Part, country: str, facts: Facts) -> Window | None:
    """For how long a lack of conformity is the shop's to answer for, from delivery; None: the law of this
    country gives no such guarantee."""
    settings = facts.settings
    if not has_guarantee(country, facts):
        return None
    start, estimated = windows.delivery(part, facts, settings.transit_days)
    first = start.astimezone(facts.home).date()
    days = guarantee_days(first, facts)
    if days == windows.MOST_DAYS:
        return Window(days, Anchor.DELIVERY, start, estimated, windows.NEVER)
    last = first + datetime.timedelta(days=days)
    return Window(days, Anchor.DELIVERY, start, estimated, windows.after(last, facts.home))


def guarantee_days(first: datetime.date, facts: Facts) -> int:
    """How many days the legal guarantee lasts for goods that are delivered on a day."""
    try:
        return (_years_later(first, facts.settings.guarantee_years) - first).days
    except ValueError:
        return windows.MOST_DAYS


def _from(began_at: datetime.datetime | None, order: Order, facts: Facts) -> Period:
    if began_at is None:
        return Period(None, None)
    address = _address(order)
    region = address.country_area if address else ""
    try:
        day = last_day(began_at.astimezone(facts.home).date(), country(order), region)
    except OverflowError:
        return Period(began_at, windows.NEVER)
    return Period(began_at, windows.after(day, facts.home))


@functools.lru_cache(maxsize=1024)
def _regions(country: str, region: str) -> tuple[str, ...]:
    """The regions whose holidays count: the one that is known, else all of the country, and none."""
    import holidays  # takes a fifth of a second: see tracking.promise

    known = {one.upper() for one in holidays.list_supported_countries().get(country, ())}
    if region in known:
        return (region,)
    return ("", *sorted(holidays.list_supported_countries(include_aliases=False).get(country, ())))


def _is_done(fulfillment_id: str, facts: Facts) -> bool:
    parcel = facts.parcels.get(fulfillment_id)
    return parcel is not None and parcel.is_done


def _more_to_come(order: Order) -> bool:
    if order.status in (OrderStatus.CANCELED, OrderStatus.EXPIRED):
        return False
    packed = any(one.status is FulfillmentStatus.WAITING_FOR_APPROVAL for one in order.fulfillments)
    return packed or any(
        line.is_shipping_required and line.quantity_fulfilled < line.quantity for line in order.lines
    )


def _sentence(its: Period, is_open: bool, exemption: Exemption | None) -> str:
    if not is_open:
        return "The statutory period of withdrawal has passed."
    if exemption is not None:
        return "You may withdraw from the contract as long as the seal is unbroken."
    if its.began_at is None:
        return "You may withdraw from the contract: the period begins when all of the order has arrived."
    return "You may withdraw from the contract without giving a reason."


def _years_later(day: datetime.date, years: int) -> datetime.date:
    year = day.year + years
    leap = day.month == 2 and day.day == 29 and not calendar.isleap(year)
    return day.replace(year=year, day=28) if leap else day.replace(year=year)


def _address(order: Order) -> Address | None:
    return order.shipping_address or order.billing_address
