"""What a home must be able to set up so that the contract of its ``Shop`` can be tried."""

import abc
import dataclasses
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any

from saleor_support_plugin.shop.data import Address, Goods


class Crash(RuntimeError):
    """The process died in the middle of an act."""


@dataclasses.dataclass(frozen=True)
class Caller:
    """A request and who stands behind it."""

    request: Any  # what ``shop.identify`` gets in this home
    id: str | None = None
    email: str = ""
    name: str = ""


class World(abc.ABC):
    """Sets up the shop behind a ``Shop``. Orders have two lines unless told otherwise.

    Attributes:
        channel_id, channel: a sales channel in EUR (global id and slug).
        other_channel_id, other_channel: a second one.
        warehouses: the names of two.
        keeps_reasons: whether the shop keeps why goods came back.
        keeps_pages: whether it keeps the page that says why money was granted.
    """

    channel_id: str
    channel: str
    other_channel_id: str
    other_channel: str
    warehouses: tuple[str, str]
    keeps_reasons = True
    keeps_pages = True

    @abc.abstractmethod
    def make_order(
        self,
        *,
        lines: Sequence[tuple[int, str]] = ((2, "4.00"), (1, "6.50")),
        pay: str = "payment",
        settles: str = "success",
        member: bool = True,
        email: str = "",
        draft: bool = False,
        address: Address | None = None,
        shipping_method: str = "",
        shipping_price: str = "0",
    ) -> str:
        """A new unfulfilled order in ``channel``, paid in full; returns its global id.

        ``lines``: (quantity, gross unit price). ``pay``: "payment" (an active legacy payment that can
        be refunded without network), "transaction", or "". ``settles``: what becomes of a requested
        refund: "success" or "pending". ``member``: whether it belongs to the customer with an account
        that ``caller("customer")`` is. ``email``: the order's own address. ``address``: where to
        (default: somewhere valid in Spain). ``shipping_method``: the name of the one that was chosen,
        ``shipping_price``: what was paid for it, gross.
        """

    @abc.abstractmethod
    def fulfill(
        self,
        order_id: str,
        quantities: Mapping[str, int] | None = None,
        *,
        tracking: str = "",
        approved: bool = True,
        warehouse: str = "",
    ) -> str:
        """Ship {order line id: quantity} (default: all that is left) in one fulfilment; its global id.
        ``warehouse``: the name of one of :attr:`warehouses` (default: the first)."""

    @abc.abstractmethod
    def cancel(self, order_id: str) -> None:
        """Cancel the order, as staff would."""

    @abc.abstractmethod
    def place(self, *, confirmed: bool = True) -> str:
        """A new order with the events that placing leaves, unpaid; its global id. ``confirmed``: whether
        the channel confirms every order by itself, from now on."""

    @abc.abstractmethod
    def confirm(self, order_id: str) -> None:
        """Confirm an unconfirmed order, as staff would."""

    @abc.abstractmethod
    def track(self, fulfillment_id: str, number: str) -> None:
        """Give the fulfilment this tracking number, as staff would."""

    @abc.abstractmethod
    def cancel_fulfillment(self, fulfillment_id: str) -> None:
        """Cancel a fulfilment, as staff would."""

    @abc.abstractmethod
    def refund(self, order_id: str, amount: str) -> None:
        """Give money back through the order's one payment or transaction, as staff would."""

    @abc.abstractmethod
    def move_goods(
        self, order_id: str, lines: Mapping[str, int], how: str, *, shipping: bool = False
    ) -> None:
        """Take {fulfilment line id: quantity} back ("return"), refund them where they are ("refund", with
        ``shipping`` what the delivery cost, too), or take them back and promise others ("replace"), as staff
        would."""

    @abc.abstractmethod
    def grant(self, order_id: str, lines: Mapping[str, int], *, shipping: bool = False) -> None:
        """Grant what {order line id: quantity} cost on the order's one transaction, as staff would; with
        ``shipping`` what the delivery cost, too."""

    @abc.abstractmethod
    def why(self, fulfillment_id: str) -> tuple[str, Mapping[str, str]] | None:
        """Why these goods came back: the whole, and {order line id: reason}; None unless
        :attr:`keeps_reasons`."""

    @abc.abstractmethod
    def make_page(self, *, of_reasons: bool) -> str:
        """A page that the shop takes for a reason of returned goods and of refunds, or one of another
        type; its global id."""

    @abc.abstractmethod
    def pages_of(self, fulfillment_id: str) -> Mapping[str, str] | None:
        """{order line id: page that says why it came back, or ""}; None unless :attr:`keeps_reasons`."""

    @abc.abstractmethod
    def page_of(self, granted_refund_id: str) -> str | None:
        """The page that says why it was granted, or ""; None unless :attr:`keeps_pages`."""

    @abc.abstractmethod
    def describe_product(self, product_id: str) -> Goods:
        """Put the product into a category on the third level, two collections and every channel, with
        metadata {"returns": "final sale"}; what the shop must tell of it."""

    @abc.abstractmethod
    def hide(self, product_id: str, channel_id: str) -> None:
        """Let customers of a channel not see the product any more."""

    @abc.abstractmethod
    def discount(self, line_id: str, full_price: str) -> None:
        """Write into the order line that one piece would have cost this much without discounts."""

    @abc.abstractmethod
    def write_beside(
        self,
        order_id: str,
        *,
        order: Mapping[str, str],
        customer: Mapping[str, str],
        line: Mapping[str, str],
    ) -> None:
        """Write metadata: the order's public, its customer's private, its first line's public."""

    @abc.abstractmethod
    def amend(self, order_id: str, *, origin: str, external_reference: str = "") -> None:
        """Write these values into the shop's own row of the order."""

    @abc.abstractmethod
    def notes(self, order_id: str) -> list[str]:
        """The texts of the notes in the order's timeline, oldest first."""

    @abc.abstractmethod
    def caller(self, kind: str) -> Caller:
        """A request of: "anonymous", "bad_token", "inactive" (a deactivated customer's token),
        "customer", "staff" (MANAGE_ORDERS, every channel), "confined" (staff with MANAGE_ORDERS in
        ``channel`` only), "powerless" (staff without permissions), "app" (MANAGE_ORDERS),
        "powerless_app"."""

    @abc.abstractmethod
    def configure(self, channel_id: str, values: Mapping[str, Any]) -> set[str]:
        """Save options as ``pluginUpdate`` does; returns the names of the refused ones (then nothing
        was stored), in snake_case as in ``settings.FIELDS``."""

    @abc.abstractmethod
    def mails_too(self, channel_id: str) -> None:
        """Make the shop itself send all the mails it can in this channel."""

    @abc.abstractmethod
    def write_mail_anew(self, channel_id: str, kind: str) -> None:
        """Write a text for the shop's own mail of the same event as our kind, as an admin would."""

    @abc.abstractmethod
    def mail_app(self, name: str, events: Sequence[str], *, active: bool = True) -> None:
        """An app of the shop that hears of these events (webhook event types)."""

    @abc.abstractmethod
    def dying(self, command: type[Any], *, after: bool) -> AbstractContextManager[None]:
        """Raise :class:`Crash` when the next ``command`` is carried out: before, or after its work."""
