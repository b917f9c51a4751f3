"""The shop's rules of returns: conditions and outcome, both plain values that JSON can hold."""

import dataclasses
import datetime
from decimal import Decimal

from saleor_support_plugin.returns.axes import Resolution, ReturnKind
from saleor_support_plugin.returns.policy.answer import Anchor, Exemption, SettleOn, WhoPays


@dataclasses.dataclass(frozen=True)
class Conditions:
    """When a rule matches: every condition that is given must hold; of a list one value is enough.

    Ids are the shop's global ids. Tags are ``key`` (there is such a key, and its value is neither empty
    nor "false") or ``key=value``. The customer's are of the account's private metadata, which only staff
    writes; the order's are public: a storefront may let customers write them.

    Attributes:
        countries: of the shipping address, ISO 3166-1. postcodes: beginnings, blanks and capitals aside.
        customer_tags, order_tags, product_tags: metadata.
        category_ids: the product's category or one above it.
        price_from, price_below: paid for one piece, gross, in ``currency``; the first included, the
            second not.
        is_discounted: the customer paid less than the undiscounted price.
        reasons: codes. kinds, actors: ``ReturnKind``, ``ActorKind`` values.
        warehouses: names, where the goods left from.
        ordered_from, ordered_until, asked_from, asked_until: days of the shop's calendar, both included.
        returns_from: returns of the customer in the last 12 months, at least.
        is_blocked, is_allowed: the customer is on that list.
    """

    channel_ids: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()
    postcodes: tuple[str, ...] = ()
    customer_tags: tuple[str, ...] = ()
    order_tags: tuple[str, ...] = ()
    product_tags: tuple[str, ...] = ()
    product_ids: tuple[str, ...] = ()
    category_ids: tuple[str, ...] = ()
    collection_ids: tuple[str, ...] = ()
    product_type_ids: tuple[str, ...] = ()
    price_from: Decimal | None = None
    price_below: Decimal | None = None
    currency: str = ""
    is_discounted: bool | None = None
    is_gift_card: bool | None = None
    reasons: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    actors: tuple[str, ...] = ()
    warehouses: tuple[str, ...] = ()
    ordered_from: datetime.date | None = None
    ordered_until: datetime.date | None = None
    asked_from: datetime.date | None = None
    asked_until: datetime.date | None = None
    returns_from: int | None = None
    is_blocked: bool | None = None
    is_allowed: bool | None = None


@dataclasses.dataclass(frozen=True)
class RuleFee:
    """A fee of a rule: ``percent`` of the worth, or ``amount`` flat once for each return in ``currency``.

    ``free_reasons``: codes of reasons that waive it (those that are free of charge always do);
    ``free_for_credit``: so does choosing credit, an exchange or a replacement.
    """

    code: str = "restocking"
    label: str = "Restocking fee"
    percent: Decimal = Decimal(0)
    amount: Decimal = Decimal(0)
    currency: str = ""
    free_reasons: tuple[str, ...] = ()
    free_for_credit: bool = False


@dataclasses.dataclass(frozen=True)
class RuleOutcome:
    """What a rule gives. See :class:`answer.KindAnswer` for what customers see of it.

    Attributes:
        kinds: that are allowed; none: nothing comes back (but what the law gives).
        days: of the window; None: the channel's option. ``until``: it ends on this day of the shop's
            calendar at the earliest.
        anchor: from which date the days count; ``transit_days`` after dispatch stand for a delivery that
            is not known (None: the channel's option).
        resolutions: the shop's favourite first; empty: all.
        keep_below: goods stay with the customer as long as all that stays of their order line is worth at
            most this, in ``currency``.
        auto_approve: without a person, up to ``auto_limit`` in ``currency`` (None: any worth), with what was
            approved of the order before.
        exemption: the goods are exempt from withdrawal; only in rules whose conditions name goods alone.
    """

    kinds: tuple[ReturnKind, ...] = (ReturnKind.RETURN, ReturnKind.EXCHANGE, ReturnKind.CLAIM)
    days: int | None = None
    until: datetime.date | None = None
    anchor: Anchor = Anchor.DELIVERY
    transit_days: int | None = None
    resolutions: tuple[Resolution, ...] = ()
    fees: tuple[RuleFee, ...] = ()
    who_pays: WhoPays = WhoPays.CUSTOMER
    credit_bonus: Decimal = Decimal(0)
    keep_below: Decimal | None = None
    auto_approve: bool = False
    auto_limit: Decimal | None = None
    currency: str = ""
    needs_evidence: bool = False
    send_days: int | None = None
    settle_on: SettleOn = SettleOn.RECEIPT
    destination: str = ""
    message: str = ""
    exemption: Exemption | None = None


@dataclasses.dataclass(frozen=True)
class Rule:
    """One rule; ``id`` is its row's key, 0 for the one that stands behind all others."""

    conditions: Conditions
    outcome: RuleOutcome
    name: str = ""
    id: int = 0
    channel_id: str = ""
