"""What the policy is told: frozen facts, read beforehand in a constant number of queries."""

import dataclasses
import datetime
from collections.abc import Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from saleor_support_plugin.returns.policy.options import ReturnSettings
from saleor_support_plugin.returns.policy.quantities import Taken
from saleor_support_plugin.returns.policy.rules import Rule
from saleor_support_plugin.shop.data import Goods


def nothing() -> Mapping[str, Any]:
    """An empty mapping, the default of facts."""
    return MappingProxyType({})


@dataclasses.dataclass(frozen=True)
class ParcelFacts:
    """The way of one fulfilment to the customer. Times are UTC, None: not known.

    ``seen_at`` is the last that its carrier said of it; ``is_done``: it ended without a delivery
    (returned to the shop, cancelled).
    """

    fulfillment_id: str
    dispatched_at: datetime.datetime | None = None
    delivered_at: datetime.datetime | None = None
    seen_at: datetime.datetime | None = None
    is_done: bool = False


@dataclasses.dataclass(frozen=True)
class HistoryFacts:
    """What a customer (or guest's address) did in the 12 months before.

    Attributes:
        returns: returns asked for, but those that were declined, cancelled or never confirmed.
        claims: of these, claims.
        withdrawals: of these, withdrawals.
        empty: of these, those in which something was missing or not the shop's.
        worth: of their goods, in ``currency``.
        orders: orders of which a parcel left.
        returned_orders: orders with a return.
        accounts: customers and guests' addresses with returns from the same postal address.
        is_blocked, is_allowed: they are on that list of the shop's.
    """

    returns: int = 0
    claims: int = 0
    withdrawals: int = 0
    empty: int = 0
    worth: Decimal = Decimal(0)
    currency: str = ""
    orders: int = 0
    returned_orders: int = 0
    accounts: int = 0
    is_blocked: bool = False
    is_allowed: bool = False

    @property
    def rate(self) -> Decimal:
        """The share of orders with a return, 0 to 1; 0 when nothing was ordered."""
        if not self.orders:
            return Decimal(0)
        return min(Decimal(1), Decimal(self.returned_orders) / self.orders)


@dataclasses.dataclass(frozen=True)
class ReasonFacts:
    """A reason as the policy needs it: ``is_fault`` for the list of faults, ``is_absent`` where it says that
    the goods never came to the customer, who can't send them back."""

    code: str
    is_fault: bool = False
    is_free: bool = False
    needs_evidence: bool = False
    needs_note: bool = False
    is_absent: bool = False


@dataclasses.dataclass(frozen=True)
class Facts:
    """All that a decision needs beside the order.

    Attributes:
        is_on: returns are switched on in the channel.
        window_days: the channel's option for rules without days of their own.
        zone: of the shop, for the rules' days; ``home``: of the shipping address, for the law's.
        rules: active ones of the channel, in order; the last holds for everything.
        goods: by product id; a product that is not there any more has none.
        parcels: of the order, by fulfilment id.
        taken: what open returns hold.
        reasons: by code.
        customer_tags, order_tags: metadata.
        history: None: no rule asks for it.
        actor: an ``ActorKind`` value, who asks.
        chosen: by order line id the code of the reason that the customer chose.
        resolution: what the customer chose, "" not yet.
    """

    is_on: bool = True
    window_days: int = 30
    zone: datetime.tzinfo = datetime.UTC
    home: datetime.tzinfo = datetime.UTC
    settings: ReturnSettings = ReturnSettings()
    rules: tuple[Rule, ...] = ()
    goods: Mapping[str, Goods] = dataclasses.field(default_factory=nothing)
    parcels: Mapping[str, ParcelFacts] = dataclasses.field(default_factory=nothing)
    taken: tuple[Taken, ...] = ()
    reasons: Mapping[str, ReasonFacts] = dataclasses.field(default_factory=nothing)
    customer_tags: Mapping[str, str] = dataclasses.field(default_factory=nothing)
    order_tags: Mapping[str, str] = dataclasses.field(default_factory=nothing)
    history: HistoryFacts | None = None
    actor: str = "customer"
    chosen: Mapping[str, str] = dataclasses.field(default_factory=nothing)
    resolution: str = ""
