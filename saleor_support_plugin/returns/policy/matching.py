"""Which rules hold: for an order, for one of its lines, and for what the customer wants of it. Pure."""

import dataclasses
import datetime
from collections.abc import Iterable, Mapping
from decimal import Decimal

from saleor_support_plugin.returns.policy.facts import Facts
from saleor_support_plugin.returns.policy.rules import Conditions
from saleor_support_plugin.shop.data import Goods, Order, OrderLine


@dataclasses.dataclass(frozen=True)
class Place:
    """What all lines of an order share. Of a product that is not bought yet "" and None stand for what
    nobody knows: a condition on it does not hold.

    Attributes:
        ordered_on, asked_on: days of the shop's calendar.
    """

    channel_id: str
    country: str
    postcode: str
    ordered_on: datetime.date | None
    asked_on: datetime.date
    facts: Facts


@dataclasses.dataclass(frozen=True)
class Article:
    """One line's goods; ``price`` is what was paid for one piece, None: not known."""

    goods: Goods | None
    price: Decimal | None = None
    currency: str = ""
    is_discounted: bool | None = None
    is_gift_card: bool = False
    warehouses: frozenset[str] = frozenset()


def place(order: Order, facts: Facts, now: datetime.datetime) -> Place:
    """What all lines of ``order`` share at ``now``."""
    address = order.shipping_address or order.billing_address
    return Place(
        order.channel_id,
        address.country.upper() if address else "",
        plain_postcode(address.postal_code) if address else "",
        order.created_at.astimezone(facts.zone).date(),
        now.astimezone(facts.zone).date(),
        facts,
    )


def article(line: OrderLine, facts: Facts, warehouses: Iterable[str]) -> Article:
    """A line's goods."""
    return Article(
        facts.goods.get(line.product_id),
        line.unit_price.amount,
        line.unit_price.currency,
        line.is_discounted,
        line.is_gift_card,
        frozenset(warehouses),
    )


def holds_for_order(conditions: Conditions, where: Place) -> bool:
    """Whether every condition that is about the order, its customer and the moment holds."""
    facts, history = where.facts, where.facts.history
    return (
        _one_of(conditions.channel_ids, where.channel_id)
        and _one_of(conditions.countries, where.country)
        and _begins(conditions.postcodes, where.postcode)
        and _one_of(conditions.actors, facts.actor)
        and _tagged(conditions.customer_tags, facts.customer_tags)
        and _tagged(conditions.order_tags, facts.order_tags)
        and _between(conditions.ordered_from, where.ordered_on, conditions.ordered_until)
        and _between(conditions.asked_from, where.asked_on, conditions.asked_until)
        and (
            conditions.returns_from is None
            or (history is not None and history.returns >= conditions.returns_from)
        )
        and _same(conditions.is_blocked, None if history is None else history.is_blocked)
        and _same(conditions.is_allowed, None if history is None else history.is_allowed)
    )


def holds_for_goods(conditions: Conditions, what: Article) -> bool:
    """Whether every condition that is about the goods of a line holds."""
    return (
        _same(conditions.is_gift_card, what.is_gift_card)
        and _same(conditions.is_discounted, what.is_discounted)
        and _priced(conditions, what)
        and (not conditions.warehouses or not what.warehouses.isdisjoint(conditions.warehouses))
        and _made(conditions, what.goods)
    )


def holds_for_wish(conditions: Conditions, kind: str, reason: str) -> bool:
    """Whether every condition that is about the kind of return and its reason ("" none yet) holds."""
    return _one_of(conditions.kinds, str(kind)) and _one_of(conditions.reasons, reason)


def names_goods(conditions: Conditions) -> bool:
    """Whether it is a rule about certain goods: what a product's own window comes from."""
    return bool(
        conditions.product_tags
        or conditions.product_ids
        or conditions.category_ids
        or conditions.collection_ids
        or conditions.product_type_ids
    )


def asks_history(conditions: Conditions) -> bool:
    """Whether it can only be answered by one who knows the customer's history."""
    asked = (conditions.returns_from, conditions.is_blocked, conditions.is_allowed)
    return any(one is not None for one in asked)


def plain_postcode(text: str) -> str:
    """A postcode as it is compared: without blanks and dashes, in capitals."""
    return "".join(text.split()).replace("-", "").upper()


def has_tag(tag: str, metadata: Mapping[str, str]) -> bool:
    """Whether the metadata has the tag: ``key=value``, or ``key`` with a value that is not empty or
    "false"."""
    key, separator, value = tag.partition("=")
    if key not in metadata:
        return False
    found = str(metadata[key]).strip().casefold()
    return found == value.strip().casefold() if separator else found not in ("", "false")


def _made(conditions: Conditions, goods: Goods | None) -> bool:
    if goods is None:
        return not names_goods(conditions)
    return (
        _one_of(conditions.product_ids, goods.id)
        and (not conditions.category_ids or not set(conditions.category_ids).isdisjoint(goods.category_ids))
        and (not conditions.collection_ids or not goods.collection_ids.isdisjoint(conditions.collection_ids))
        and _one_of(conditions.product_type_ids, goods.type_id)
        and _tagged(conditions.product_tags, goods.metadata)
    )


def _priced(conditions: Conditions, what: Article) -> bool:
    lowest, below = conditions.price_from, conditions.price_below
    if lowest is None and below is None:
        return True
    if what.price is None or (conditions.currency and conditions.currency != what.currency):
        return False
    return (lowest is None or what.price >= lowest) and (below is None or what.price < below)


def _one_of(allowed: tuple[str, ...], found: str) -> bool:
    return not allowed or found in allowed


def _begins(beginnings: tuple[str, ...], postcode: str) -> bool:
    return not beginnings or postcode.startswith(tuple(map(plain_postcode, beginnings)))


def _tagged(tags: tuple[str, ...], metadata: Mapping[str, str]) -> bool:
    return not tags or any(has_tag(one, metadata) for one in tags)


def _between(first: datetime.date | None, day: datetime.date | None, last: datetime.date | None) -> bool:
    if first is None and last is None:
        return True
    return day is not None and (first is None or first <= day) and (last is None or day <= last)


def _same(wanted: bool | None, found: bool | None) -> bool:
    return wanted is None or wanted is found
