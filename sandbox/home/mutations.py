"""The sandbox's mutations on orders: Saleor's names, arguments, payloads and errors."""

from typing import Any

import graphene
from django.db import transaction

from sandbox import models
from sandbox.home import hooks, identity, ids, money, nodes, orders
from sandbox.home.errors import PermissionDenied, Refused
from sandbox.home.types import TYPES, Order


class PositiveDecimal(graphene.Decimal):
    """A decimal from 0, as text or number."""


def error_type(name: str, code_name: str, codes: str, **fields: Any) -> Any:
    """An error type ``{field message code …}`` with its enum of codes."""
    code = nodes.enum(code_name, ((one, one) for one in codes.split()))
    body = {
        "field": graphene.String(),
        "message": graphene.String(),
        "code": graphene.Field(code, required=True),
    }
    return type(name, (graphene.ObjectType,), {**body, **fields})


AddressTypeEnum = nodes.enum("AddressTypeEnum", (("BILLING", "BILLING"), ("SHIPPING", "SHIPPING")))
OrderError = error_type(
    "OrderError",
    "OrderErrorCode",
    "CANNOT_CANCEL_ORDER CANNOT_REFUND DUPLICATED_INPUT_ITEM FULFILL_ORDER_LINE GIFT_CARD_LINE GRAPHQL_ERROR "
    "INVALID INVALID_QUANTITY NOT_FOUND REQUIRED ZERO_QUANTITY",
    address_type=graphene.Field(AddressTypeEnum),
    order_lines=graphene.List(graphene.NonNull(graphene.ID)),
)
PaymentError = error_type(
    "PaymentError", "PaymentErrorCode", "GRAPHQL_ERROR INVALID NOT_FOUND PAYMENT_ERROR REQUIRED"
)
OrderGrantRefundCreateError = error_type(
    "OrderGrantRefundCreateError",
    "OrderGrantRefundCreateErrorCode",
    "AMOUNT_GREATER_THAN_AVAILABLE GRAPHQL_ERROR INVALID NOT_FOUND REQUIRED",
)
TransactionRequestRefundForGrantedRefundError = error_type(
    "TransactionRequestRefundForGrantedRefundError",
    "TransactionRequestRefundForGrantedRefundErrorCode",
    "AMOUNT_GREATER_THAN_AVAILABLE GRAPHQL_ERROR INVALID NOT_FOUND "
    "REFUND_ALREADY_PROCESSED REFUND_IS_PENDING",
)
OrderNoteAddError = error_type("OrderNoteAddError", "OrderNoteAddErrorCode", "GRAPHQL_ERROR REQUIRED")


def errors_of(kind: Any) -> graphene.List:
    """``errors: [Kind!]!``."""
    return graphene.List(graphene.NonNull(kind), required=True)


class ShopMutation(graphene.Mutation):
    """Base: checks the permission, runs ``perform`` in a transaction, answers refusals as ``errors``."""

    class Meta:
        abstract = True

    permission = "MANAGE_ORDERS"

    @classmethod
    def perform(cls, info: Any, **data: Any) -> dict[str, Any]:
        """Do it; return the payload's fields."""
        raise TypeError(f"{cls.__name__} has no perform().")

    @classmethod
    def mutate(cls, _root: Any, info: Any, **data: Any) -> Any:
        """Everything but the work itself."""
        if cls.permission and not identity.may(info.context, cls.permission):
            raise PermissionDenied(
                f"To access this path, you need one of the following permissions: {cls.permission}"
            )
        try:
            with transaction.atomic():
                return cls(errors=[], **cls.perform(info, **data))
        except Refused as refusal:
            kind = cls._meta.fields["errors"].type.of_type.of_type.of_type
            return cls(errors=[kind(**error) for error in refusal.errors])


def own_channel(info: Any, order: models.Order) -> models.Order:
    """The order, if the caller's channels include its own."""
    if not identity.may(info.context, "MANAGE_ORDERS", order.channel_id):
        raise PermissionDenied("You don't have access to some objects' channel.")
    return order


def app_of(info: Any) -> str:
    """The identifier of the app that calls; "" for a person."""
    caller = identity.caller(info.context)
    return caller.identifier if isinstance(caller, models.App) else ""


class OrderUpdateInput(graphene.InputObjectType):
    """What of an order can be changed here."""

    shipping_address = graphene.InputField(nodes.AddressInput)


class OrderUpdate(ShopMutation):
    """Changes an order; any but a draft, whatever was shipped already."""

    class Arguments:
        id = graphene.ID(required=True)
        input = OrderUpdateInput(required=True)

    order = graphene.Field(Order)
    errors = errors_of(OrderError)

    @classmethod
    def perform(cls, info: Any, **data: Any) -> dict[str, Any]:
        order = own_channel(info, orders.get(data["id"]))
        if data["input"].get("shipping_address"):
            orders.change_address(order, TYPES.address_data(data["input"]["shipping_address"]))
        return {"order": order}


class OrderFulfillStockInput(graphene.InputObjectType):
    """How many from which warehouse."""

    quantity = graphene.Int(required=True)
    warehouse = graphene.ID(required=True)


class OrderFulfillLineInput(graphene.InputObjectType):
    """What of one order line leaves."""

    order_line_id = graphene.ID()
    stocks = graphene.List(graphene.NonNull(OrderFulfillStockInput), required=True)


class OrderFulfillInput(graphene.InputObjectType):
    """What leaves, and whether the customer is told."""

    lines = graphene.List(graphene.NonNull(OrderFulfillLineInput), required=True)
    notify_customer = graphene.Boolean()
    tracking_number = graphene.String()


class OrderFulfill(ShopMutation):
    """Creates fulfilments, one for each warehouse."""

    class Arguments:
        order = graphene.ID()
        input = OrderFulfillInput(required=True)

    fulfillments = graphene.List(graphene.NonNull(nodes.Fulfillment))
    order = graphene.Field(Order)
    errors = errors_of(OrderError)

    @classmethod
    def perform(cls, info: Any, **data: Any) -> dict[str, Any]:
        order = own_channel(info, orders.get(data.get("order"), field="order"))
        wanted = [
            (line.get("order_line_id"), [(stock["warehouse"], stock["quantity"]) for stock in line["stocks"]])
            for line in data["input"]["lines"]
        ]
        made = orders.fulfill(order, wanted, data["input"].get("tracking_number") or "")
        notify = data["input"].get("notify_customer", True)
        for fulfillment in made:
            hooks.after_shipping(fulfillment, notify)
        return {"fulfillments": made, "order": order}


class FulfillmentUpdateTrackingInput(graphene.InputObjectType):
    """Another tracking number; the sandbox itself tells nobody of it."""

    tracking_number = graphene.String()
    notify_customer = graphene.Boolean(default_value=False)


class FulfillmentUpdateTracking(ShopMutation):
    """Gives a fulfilment another tracking number, whatever its status."""

    class Arguments:
        id = graphene.ID(required=True)
        input = FulfillmentUpdateTrackingInput(required=True)

    fulfillment = graphene.Field(nodes.Fulfillment)
    order = graphene.Field(Order)
    errors = errors_of(OrderError)

    @classmethod
    def perform(cls, info: Any, **data: Any) -> dict[str, Any]:
        fulfillment = orders.get_fulfillment(data["id"])
        order = own_channel(info, fulfillment.order)
        number = data["input"].get("tracking_number") or ""
        return {"fulfillment": orders.track(fulfillment, number, app_of(info)), "order": order}


class OrderCancel(ShopMutation):
    """Cancels an order of which nothing has left."""

    class Arguments:
        id = graphene.ID(required=True)

    order = graphene.Field(Order)
    errors = errors_of(OrderError)

    @classmethod
    def perform(cls, info: Any, **data: Any) -> dict[str, Any]:
        return {"order": orders.cancel(own_channel(info, orders.get(data["id"], field="order")))}


def reason_page(page_id: str | None) -> models.Page | None:
    """The page that says why; refused as Saleor does where it is none, or of another type."""
    if page_id is None:
        return None
    key = ids.key(page_id, "Page")
    if key is None:
        text = f"Invalid ID: {page_id}. Expected: Page."
        raise Refused(text, field="reasonReference", code="GRAPHQL_ERROR")
    found = models.Page.objects.filter(pk=key, type=models.Page.PAGE_OF_REASONS).first()
    if found is None:
        text = "Invalid reason reference. Must be an ID of a Model (Page)"
        raise Refused(text, field="reasonReference", code="INVALID")
    return found


class OrderReturnFulfillmentLineInput(graphene.InputObjectType):
    """How much of one fulfilment line comes back."""

    fulfillment_line_id = graphene.ID(required=True)
    quantity = graphene.Int(required=True)
    reason = graphene.String()
    reason_reference = graphene.ID()


class OrderReturnProductsInput(graphene.InputObjectType):
    """What comes back; the sandbox gives money back by its own mutations only."""

    fulfillment_lines = graphene.List(graphene.NonNull(OrderReturnFulfillmentLineInput))
    refund = graphene.Boolean(default_value=False)
    reason = graphene.String()


class FulfillmentReturnProducts(ShopMutation):
    """Takes goods back."""

    class Arguments:
        order = graphene.ID(required=True)
        input = OrderReturnProductsInput(required=True)

    return_fulfillment = graphene.Field(nodes.Fulfillment)
    order = graphene.Field(Order)
    errors = errors_of(OrderError)

    @classmethod
    def perform(cls, info: Any, **data: Any) -> dict[str, Any]:
        order = own_channel(info, orders.get(data["order"], field="order"))
        if data["input"]["refund"]:
            raise Refused("Order cannot be refunded.", field="order", code="CANNOT_REFUND")
        given = data["input"].get("fulfillment_lines") or ()
        pages = {one["fulfillment_line_id"]: reason_page(one.get("reason_reference")) for one in given}
        made = orders.take_back(
            order,
            [(one["fulfillment_line_id"], one["quantity"]) for one in given],
            app=app_of(info),
            reason=data["input"].get("reason") or "",
            line_reasons={
                one["fulfillment_line_id"]: (one.get("reason") or "", pages[one["fulfillment_line_id"]])
                for one in given
            },
        )
        return {"return_fulfillment": made, "order": order}


class PaymentRefund(ShopMutation):
    """Gives money back through a legacy payment."""

    class Arguments:
        payment_id = graphene.ID(required=True)
        amount = PositiveDecimal()

    payment = graphene.Field(nodes.Payment)
    errors = errors_of(PaymentError)

    @classmethod
    def perform(cls, info: Any, **data: Any) -> dict[str, Any]:
        payment = money.refund_payment(data["payment_id"], data.get("amount"), app_of(info))
        own_channel(info, payment.order)
        return {"payment": payment}


class OrderGrantRefundCreateInput(graphene.InputObjectType):
    """How much, why, and on which transaction."""

    amount = graphene.Decimal()
    reason = graphene.String()
    reason_reference = graphene.ID()
    transaction_id = graphene.ID(required=True)


class OrderGrantRefundCreate(ShopMutation):
    """Promises money on a transaction."""

    class Arguments:
        id = graphene.ID(required=True)
        input = OrderGrantRefundCreateInput(required=True)

    order = graphene.Field(Order)
    granted_refund = graphene.Field(nodes.OrderGrantedRefund)
    errors = errors_of(OrderGrantRefundCreateError)

    @classmethod
    def perform(cls, info: Any, **data: Any) -> dict[str, Any]:
        order = own_channel(info, orders.get(data["id"]))
        given = data["input"]
        granted = money.grant_refund(
            order,
            given["transaction_id"],
            given.get("amount"),
            given.get("reason") or "",
            app_of(info),
            reason_page(given.get("reason_reference")),
        )
        return {"order": order, "granted_refund": granted}


class TransactionRequestRefundForGrantedRefund(ShopMutation):
    """Asks the payment provider for a granted refund."""

    class Arguments:
        granted_refund_id = graphene.ID(required=True)

    permission = "HANDLE_PAYMENTS"
    transaction = graphene.Field(nodes.TransactionItem)
    errors = errors_of(TransactionRequestRefundForGrantedRefundError)

    @classmethod
    def perform(cls, info: Any, **data: Any) -> dict[str, Any]:
        return {"transaction": money.request_granted_refund(data["granted_refund_id"])}


class OrderNoteInput(graphene.InputObjectType):
    """A note for staff."""

    message = graphene.String(required=True)


class OrderNoteAdd(ShopMutation):
    """Adds a note to the order's timeline."""

    class Arguments:
        order = graphene.ID(required=True)
        input = OrderNoteInput(required=True)

    order = graphene.Field(Order)
    event = graphene.Field(nodes.OrderEvent)
    errors = errors_of(OrderNoteAddError)

    @classmethod
    def perform(cls, info: Any, **data: Any) -> dict[str, Any]:
        order = own_channel(info, orders.get(data["order"], field="order", code="GRAPHQL_ERROR"))
        message = data["input"]["message"].strip()
        if not message:
            raise Refused("Message can't be empty.", field="message", code="REQUIRED")
        author = identity.actor(identity.caller(info.context)).name
        return {"order": order, "event": orders.add_event(order, "note_added", message, author)}


FIELDS = {
    "orderUpdate": OrderUpdate.Field(),
    "orderFulfill": OrderFulfill.Field(),
    "orderFulfillmentUpdateTracking": FulfillmentUpdateTracking.Field(),
    "orderCancel": OrderCancel.Field(),
    "orderFulfillmentReturnProducts": FulfillmentReturnProducts.Field(),
    "paymentRefund": PaymentRefund.Field(),
    "orderGrantRefundCreate": OrderGrantRefundCreate.Field(),
    "transactionRequestRefundForGrantedRefund": TransactionRequestRefundForGrantedRefund.Field(),
    "orderNoteAdd": OrderNoteAdd.Field(),
}
