"""The acts we carry out on a shop: Saleor's public GraphQL documents, and how to read their answers.

Nothing here imports Saleor. A home supplies ``execute(document, variables)``, which returns the
``data`` of the answer and raises :class:`ShopUnavailable` or :class:`ShopRefused` for top-level errors.
"""

import dataclasses
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, ClassVar, Self

from saleor_support_plugin.shop.data import Address, Done, GoodsReturned, Money, RefundGranted
from saleor_support_plugin.shop.errors import ShopRefused, ShopUnavailable

# What Saleor says when a payment gateway timed out or answered with something it can't read.
NO_ANSWER = "Oops! Something went wrong."

Execute = Callable[[str, Mapping[str, Any]], Mapping[str, Any]]
Knows = Callable[[str, str], bool]  # (name of an input type, name of a field) → whether the shop has it


class _Act:
    """What most acts share: they call no payment gateway, and tell nothing but that they happened."""

    gateway: ClassVar[bool] = False

    def fitted(self, knows: Knows) -> Self:
        """The act without what this shop is too old to be told."""
        return self

    def without_references(self) -> Self:
        """The act without pages of the shop that it names for a reason."""
        return self

    def result(self, answer: Mapping[str, Any]) -> Any:
        """What the act gave, read from the mutation's payload."""
        return Done()


@dataclasses.dataclass(frozen=True)
class ChangeShippingAddress(_Act):
    """Give the order a new shipping address (``orderUpdate``). Saleor checks the address, not the
    order's status: whether it may still change is the caller's to decide."""

    order_id: str
    address: Address
    field: ClassVar[str] = "orderUpdate"
    document: ClassVar[str] = """
        mutation ($id: ID!, $input: OrderUpdateInput!) {
          orderUpdate(id: $id, input: $input) {
            errors { field message code addressType }
            order { id }
          }
        }"""

    def variables(self) -> dict[str, Any]:
        """The document's variables."""
        return {"id": self.order_id, "input": {"shippingAddress": address_input(self.address)}}


@dataclasses.dataclass(frozen=True)
class ReturnGoods(_Act):
    """Take goods back, never money (``orderFulfillmentReturnProducts`` with ``refund: false``).

    ``lines`` are (fulfilment line id, quantity). Saleor does not check that the lines belong to the
    order: the executor of each home refuses others (field ``fulfillmentLineId``).

    ``reason`` is for staff to read; ``line_reasons`` are (fulfilment line id, text, id of a page of the
    shop's model of reasons or ""). Saleor takes them from 3.23 on; they are left out elsewhere, and a page
    that the shop does not take for a reason is left out, too: goods come back whatever is said of them.
    """

    order_id: str
    lines: tuple[tuple[str, int], ...]
    reason: str = ""
    line_reasons: tuple[tuple[str, str, str], ...] = ()
    field: ClassVar[str] = "orderFulfillmentReturnProducts"
    document: ClassVar[str] = """
        mutation ($order: ID!, $input: OrderReturnProductsInput!) {
          orderFulfillmentReturnProducts(order: $order, input: $input) {
            errors { field message code }
            returnFulfillment { id }
          }
        }"""

    def variables(self) -> dict[str, Any]:
        """The document's variables."""
        why = {line: (text, page) for line, text, page in self.line_reasons}
        lines = [
            {"fulfillmentLineId": line, "quantity": quantity, **_reason(*why.get(line, ("", "")))}
            for line, quantity in self.lines
        ]
        given = {"refund": False, "fulfillmentLines": lines, **_reason(self.reason)}
        return {"order": self.order_id, "input": given}

    def fitted(self, knows: Knows) -> Self:
        """The act without reasons where the shop takes none."""
        if knows("OrderReturnProductsInput", "reason"):
            return self
        return dataclasses.replace(self, reason="", line_reasons=())

    def without_references(self) -> Self:
        """The act with the texts of its reasons only."""
        plain = tuple((line, text, "") for line, text, _page in self.line_reasons)
        return dataclasses.replace(self, line_reasons=plain)

    def result(self, answer: Mapping[str, Any]) -> GoodsReturned:
        """What the act gave."""
        return GoodsReturned(answer["returnFulfillment"]["id"])


@dataclasses.dataclass(frozen=True)
class RefundPayment(_Act):
    """Give money back through a legacy Payment (``paymentRefund``); calls the gateway."""

    payment_id: str
    amount: Money
    gateway = True
    field: ClassVar[str] = "paymentRefund"
    document: ClassVar[str] = """
        mutation ($id: ID!, $amount: PositiveDecimal) {
          paymentRefund(paymentId: $id, amount: $amount) {
            errors { field message code }
            payment { id }
          }
        }"""

    def variables(self) -> dict[str, Any]:
        """The document's variables."""
        return {"id": self.payment_id, "amount": decimal_text(self.amount.amount)}


@dataclasses.dataclass(frozen=True)
class GrantRefund(_Act):
    """Promise money on a Transaction (``orderGrantRefundCreate``); no money moves yet.

    ``reason_reference``: the id of a page of the shop's model of reasons for refunds, or "". Saleor takes
    it from 3.22 on; it is left out elsewhere, and where the shop would not take the page.
    """

    order_id: str
    transaction_id: str
    amount: Money
    reason: str
    reason_reference: str = ""
    field: ClassVar[str] = "orderGrantRefundCreate"
    document: ClassVar[str] = """
        mutation ($id: ID!, $input: OrderGrantRefundCreateInput!) {
          orderGrantRefundCreate(id: $id, input: $input) {
            errors { field message code }
            grantedRefund { id amount { amount currency } }
          }
        }"""

    def variables(self) -> dict[str, Any]:
        """The document's variables."""
        given = {"amount": decimal_text(self.amount.amount), "transactionId": self.transaction_id}
        return {
            "id": self.order_id,
            "input": {**given, "reason": self.reason, **_reason("", self.reason_reference)},
        }

    def fitted(self, knows: Knows) -> Self:
        """The act without a reference where the shop takes none."""
        return self if knows("OrderGrantRefundCreateInput", "reasonReference") else self.without_references()

    def without_references(self) -> Self:
        """The act with the text of its reason only."""
        return dataclasses.replace(self, reason_reference="")

    def result(self, answer: Mapping[str, Any]) -> RefundGranted:
        """What the act gave."""
        granted = answer["grantedRefund"]
        money = Money(Decimal(str(granted["amount"]["amount"])), granted["amount"]["currency"])
        return RefundGranted(granted["id"], money)


@dataclasses.dataclass(frozen=True)
class RequestGrantedRefund(_Act):
    """Ask the payment app for a granted refund (``transactionRequestRefundForGrantedRefund``)."""

    granted_refund_id: str
    gateway = True
    field: ClassVar[str] = "transactionRequestRefundForGrantedRefund"
    document: ClassVar[str] = """
        mutation ($id: ID!) {
          transactionRequestRefundForGrantedRefund(grantedRefundId: $id) {
            errors { field message code }
            transaction { id }
          }
        }"""

    def variables(self) -> dict[str, Any]:
        """The document's variables."""
        return {"id": self.granted_refund_id}


@dataclasses.dataclass(frozen=True)
class ChangeTrackingNumber(_Act):
    """Give a fulfilment another tracking number (``orderFulfillmentUpdateTracking``); "" takes it away.
    The shop itself mails nobody about it. Saleor checks neither the fulfilment's status nor the text."""

    fulfillment_id: str
    tracking_number: str
    field: ClassVar[str] = "orderFulfillmentUpdateTracking"
    document: ClassVar[str] = """
        mutation ($id: ID!, $input: FulfillmentUpdateTrackingInput!) {
          orderFulfillmentUpdateTracking(id: $id, input: $input) {
            errors { field message code }
            fulfillment { id }
          }
        }"""

    def variables(self) -> dict[str, Any]:
        """The document's variables."""
        given = {"trackingNumber": self.tracking_number, "notifyCustomer": False}
        return {"id": self.fulfillment_id, "input": given}


@dataclasses.dataclass(frozen=True)
class AddNote(_Act):
    """Write a note into the order's timeline for staff (``orderNoteAdd``)."""

    order_id: str
    message: str
    field: ClassVar[str] = "orderNoteAdd"
    document: ClassVar[str] = """
        mutation ($order: ID!, $input: OrderNoteInput!) {
          orderNoteAdd(order: $order, input: $input) {
            errors { field message code }
          }
        }"""

    def variables(self) -> dict[str, Any]:
        """The document's variables."""
        return {"order": self.order_id, "input": {"message": self.message}}


COMMANDS = (
    ChangeShippingAddress,
    ReturnGoods,
    RefundPayment,
    GrantRefund,
    RequestGrantedRefund,
    ChangeTrackingNumber,
    AddNote,
)
REFERENCE = "reasonReference"  # the field that Saleor names when it refuses such a page
LONGEST_NUMBER = 255  # characters of a tracking number that the shop's column takes


def run(command: Any, execute: Execute, knows: Knows) -> Any:
    """Send the command's document and read the answer. A page that the shop does not take for a reason is
    left out: what is done matters more than why.

    Raises:
        ShopRefused: the mutation answered ``errors``; carries all of them.
        ShopUnavailable: the gateway gave no usable answer; whether money moved is not known.
    """
    fitted = command.fitted(knows)
    try:
        return _ask(fitted, execute)
    except ShopRefused as refusal:
        plain = fitted.without_references()
        if refusal.field != REFERENCE or plain == fitted:
            raise
        return _ask(plain, execute)


def _ask(command: Any, execute: Execute) -> Any:
    answer = execute(command.document, command.variables()).get(command.field) or {}
    refusals = [
        ShopRefused(
            error.get("message") or "The shop refused.",
            field=error.get("field"),
            shop_code=error.get("code") or "",
        )
        for error in answer.get("errors") or ()
    ]
    if refusals:
        first = refusals[0]
        if command.gateway and first.message == NO_ANSWER:
            raise ShopUnavailable("The payment provider gave no usable answer.")
        raise ShopRefused(first.message, field=first.field, shop_code=first.shop_code, errors=refusals)
    return command.result(answer)


def _reason(text: str, page: str = "") -> dict[str, str]:
    return {name: value for name, value in (("reason", text), (REFERENCE, page)) if value}


def address_input(address: Address) -> dict[str, str]:
    """The address as Saleor's ``AddressInput``."""
    names = {
        "first_name": "firstName",
        "last_name": "lastName",
        "company_name": "companyName",
        "street_address_1": "streetAddress1",
        "street_address_2": "streetAddress2",
        "city": "city",
        "city_area": "cityArea",
        "postal_code": "postalCode",
        "country": "country",
        "country_area": "countryArea",
        "phone": "phone",
    }
    values = dataclasses.asdict(address)
    return {name: values[ours] for ours, name in names.items() if ours != "phone" or values[ours]}


def decimal_text(amount: Decimal) -> str:
    """A decimal as text without an exponent (Saleor's PositiveDecimal takes text)."""
    return format(amount, "f")
