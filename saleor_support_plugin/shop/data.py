"""What we know of the shop, as frozen values. Ids are the shop's global ids (opaque text)."""

import dataclasses
import datetime
import enum
from collections.abc import Mapping
from decimal import Decimal
from types import MappingProxyType


class OrderStatus(enum.StrEnum):
    """Saleor's order statuses; anything newer than we know is UNKNOWN."""

    DRAFT = "draft"
    UNCONFIRMED = "unconfirmed"
    UNFULFILLED = "unfulfilled"
    PARTIALLY_FULFILLED = "partially_fulfilled"
    FULFILLED = "fulfilled"
    PARTIALLY_RETURNED = "partially_returned"
    RETURNED = "returned"
    CANCELED = "canceled"
    EXPIRED = "expired"
    UNKNOWN = "unknown"


class FulfillmentStatus(enum.StrEnum):
    """Saleor's fulfilment statuses; anything newer than we know is UNKNOWN."""

    FULFILLED = "fulfilled"
    REFUNDED = "refunded"
    RETURNED = "returned"
    REPLACED = "replaced"
    REFUNDED_AND_RETURNED = "refunded_and_returned"
    CANCELED = "canceled"
    WAITING_FOR_APPROVAL = "waiting_for_approval"
    UNKNOWN = "unknown"


class OrderOrigin(enum.StrEnum):
    """Where an order comes from."""

    CUSTOMER = "customer"  # the customer placed it, or staff did for the customer
    REPLACEMENT = "replacement"  # made for goods that came back or never arrived: nobody ordered it
    IMPORT = "import"  # loaded from elsewhere; its past is not ours to tell


class Stream(enum.StrEnum):
    """The shop's own growing sequences that sweeps read."""

    FULFILLMENTS = "fulfillments"
    ORDER_EVENTS = "order_events"  # what happened to orders
    REFUNDS = "refunds"  # money that went back through Transactions, of which orders keep no event


class OrderEventType(enum.StrEnum):
    """What happened to an order, as far as somebody here needs to know."""

    PLACED = "placed"
    CONFIRMED = "confirmed"
    PAID = "paid"  # in full
    CANCELED = "canceled"
    REFUNDED = "refunded"
    SHIPMENT_CANCELED = "shipment_canceled"
    TRACKING_UPDATED = "tracking_updated"
    GOODS_RETURNED = "goods_returned"  # the shop took goods back
    GOODS_REFUNDED = "goods_refunded"  # the shop gave the money for goods back, which stay where they are
    GOODS_REPLACED = "goods_replaced"  # other goods are to be sent for goods that came back
    OTHER = "other"  # nothing to us


class RefundStatus(enum.StrEnum):
    """How far a granted refund has come at the payment provider."""

    NONE = "none"
    PENDING = "pending"
    SUCCESS = "success"
    FAILURE = "failure"


def frozen(values: Mapping[str, object] | None) -> Mapping[str, str]:
    """Metadata as nobody can change it."""
    return MappingProxyType({name: str(value) for name, value in (values or {}).items()})


def _metadata() -> Mapping[str, str]:
    return dataclasses.field(default_factory=lambda: frozen({}), hash=False)


@dataclasses.dataclass(frozen=True)
class Money:
    """An amount in an ISO 4217 currency."""

    amount: Decimal
    currency: str


@dataclasses.dataclass(frozen=True)
class Address:
    """A postal address; ``country`` is ISO 3166-1 alpha-2, ``phone`` E.164 or ""."""

    first_name: str = ""
    last_name: str = ""
    company_name: str = ""
    street_address_1: str = ""
    street_address_2: str = ""
    city: str = ""
    city_area: str = ""
    postal_code: str = ""
    country: str = ""
    country_area: str = ""
    phone: str = ""


@dataclasses.dataclass(frozen=True)
class OrderLine:
    """One line of an order. Prices are gross, after discounts, as the customer paid them; the shop
    rounds ``unit_price``, so ``total_price`` (of all its pieces) need not be a multiple of it.
    ``undiscounted_unit_price``: what one piece would have cost without any discount, None when not known;
    ``product_id`` and ``variant_id`` are "" once the shop has deleted the product; ``metadata``: public."""

    id: str
    product_name: str
    variant_name: str
    sku: str
    quantity: int
    quantity_fulfilled: int
    unit_price: Money
    total_price: Money
    is_shipping_required: bool = True
    is_gift_card: bool = False
    product_id: str = ""
    variant_id: str = ""
    undiscounted_unit_price: Money | None = None
    metadata: Mapping[str, str] = _metadata()

    @property
    def is_discounted(self) -> bool:
        """Whether the customer paid less than the price without discounts."""
        full = self.undiscounted_unit_price
        return full is not None and self.unit_price.amount < full.amount


@dataclasses.dataclass(frozen=True)
class FulfillmentLine:
    """How much of an order line one fulfilment holds *now* (returns move goods out of it)."""

    id: str
    order_line_id: str
    quantity: int


@dataclasses.dataclass(frozen=True)
class Fulfillment:
    """One shipment as the shop knows it; ``number`` is like "12-1", ``created_at`` is UTC;
    ``warehouse`` is the name of where all of its goods lay, "" when that is not one place or not known;
    ``is_shipping_refunded``: staff gave what the delivery cost back with it."""

    id: str
    number: str
    status: FulfillmentStatus
    tracking_number: str
    created_at: datetime.datetime
    lines: tuple[FulfillmentLine, ...] = ()
    warehouse: str = ""
    is_shipping_refunded: bool = False


@dataclasses.dataclass(frozen=True)
class Payment:
    """A legacy Payment; ``refundable`` is what can still be given back through its gateway."""

    id: str
    gateway: str
    is_active: bool
    captured: Money


@dataclasses.dataclass(frozen=True)
class Transaction:
    """A Transaction of the newer payment world."""

    id: str
    charged: Money
    refunded: Money
    refund_pending: Money


@dataclasses.dataclass(frozen=True)
class GrantedRefund:
    """A refund that staff or we granted; ``reason`` carries our reference, ``lines`` are (order line id,
    quantity) of the goods that staff granted it for, if they named any; ``with_shipping``: what the delivery
    cost is in it."""

    id: str
    amount: Money
    status: RefundStatus
    reason: str
    transaction_id: str | None = None
    lines: tuple[tuple[str, int], ...] = ()
    with_shipping: bool = False


@dataclasses.dataclass(frozen=True)
class Order:
    """An order with all that support needs of it. Times are UTC; ``language`` like "es-es";
    ``redirect_url`` is the order's page on the storefront, complete, "" when unknown;
    ``is_paid``: all of its money is there; ``account_email``: the member's own, "" for guests;
    ``shipping_method``: the name of the one the customer chose, "" when there is none, and
    ``shipping_price`` what was paid for it, gross and after discounts, None when not known;
    ``metadata``: the order's public one, which a storefront may have taken from the customer;
    ``customer_metadata``: the account's private one (groups, tags), which only staff and apps can write."""

    id: str
    number: str
    channel_id: str
    channel: str
    status: OrderStatus
    created_at: datetime.datetime
    customer_id: str | None
    email: str
    customer_name: str
    language: str
    total: Money
    shipping_address: Address | None = None
    billing_address: Address | None = None
    redirect_url: str = ""
    lines: tuple[OrderLine, ...] = ()
    fulfillments: tuple[Fulfillment, ...] = ()
    payments: tuple[Payment, ...] = ()
    transactions: tuple[Transaction, ...] = ()
    granted_refunds: tuple[GrantedRefund, ...] = ()
    origin: OrderOrigin = OrderOrigin.CUSTOMER
    is_paid: bool = False
    is_first: bool = False
    account_email: str = ""
    shipping_method: str = ""
    shipping_price: Money | None = None
    metadata: Mapping[str, str] = _metadata()
    customer_metadata: Mapping[str, str] = _metadata()

    def line(self, line_id: str) -> OrderLine | None:
        """The order's line with this id, or None."""
        return next((line for line in self.lines if line.id == line_id), None)

    def fulfillment(self, fulfillment_id: str) -> Fulfillment | None:
        """The order's fulfilment with this id, or None."""
        return next((one for one in self.fulfillments if one.id == fulfillment_id), None)


@dataclasses.dataclass(frozen=True)
class Goods:
    """A product as rules look at it.

    Attributes:
        type_id, type: its product type, global id and slug.
        category_ids: its category first, then that one's ancestors up to the root.
        published_in: the channels (global ids) in which customers see it now.
        metadata: public.
    """

    id: str
    name: str
    type_id: str
    type: str
    category_ids: tuple[str, ...] = ()
    collection_ids: frozenset[str] = frozenset()
    published_in: frozenset[str] = frozenset()
    metadata: Mapping[str, str] = _metadata()


@dataclasses.dataclass(frozen=True)
class FulfillmentKey:
    """What a sweep needs of a fulfilment: its place in the shop's sequence and its order."""

    sequence: int
    id: str
    order_id: str
    status: FulfillmentStatus
    created_at: datetime.datetime


@dataclasses.dataclass(frozen=True)
class OrderEventKey:
    """One thing that happened to an order.

    Attributes:
        sequence: its place in the stream it was read from.
        order_id: "" when it belongs to no order (yet).
        happened_at: UTC.
        fulfillment_number: like "12-1", for what happened to a shipment, else "".
        amount: what went back, in the order's currency, for REFUNDED.
        automatic: for CONFIRMED: nobody decided it, the shop confirms every order by itself.
        ours: we did it, through the shop's own mutations.
    """

    sequence: int
    order_id: str
    type: OrderEventType
    happened_at: datetime.datetime
    fulfillment_number: str = ""
    amount: Decimal | None = None
    automatic: bool = False
    ours: bool = False


@dataclasses.dataclass(frozen=True)
class Channel:
    """A sales channel."""

    id: str
    slug: str
    name: str
    currency: str


@dataclasses.dataclass(frozen=True)
class OtherMails:
    """Who else tells a channel's customers what we tell them.

    Attributes:
        kinds: of our kinds of mail those for whose event the shop's own e-mail plugin sends one.
        apps: names of active apps that hear of the channel's mails or shipments, and so may mail.
    """

    kinds: frozenset[str] = frozenset()
    apps: tuple[str, ...] = ()


@dataclasses.dataclass(frozen=True)
class GoodsReturned:
    """The shop took goods back: the id of its return fulfilment."""

    fulfillment_id: str


@dataclasses.dataclass(frozen=True)
class RefundGranted:
    """The shop granted a refund on a Transaction."""

    granted_refund_id: str
    amount: Money


@dataclasses.dataclass(frozen=True)
class Done:
    """An act with nothing to tell but that it happened."""
