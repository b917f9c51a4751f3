"""The ``Order`` type, and the object that hands every shared type to the support app."""

from collections.abc import Callable
from typing import Any

import graphene
from promise import Promise
from promise.dataloader import DataLoader

from saleor_support_plugin.shop import data
from sandbox import models
from sandbox.home import identity, ids, nodes, reader
from sandbox.home.errors import PermissionDenied


def trusted(order: models.Order, info: Any) -> bool:
    """Whether the caller may see whose order this is: its customer, or staff with MANAGE_ORDERS."""
    who = identity.caller(info.context)
    own = isinstance(who, models.User) and order.user_id == who.pk
    return own or identity.may(info.context, "MANAGE_ORDERS", order.channel_id)


def guarded(read: Callable[[models.Order], Any]) -> Callable[[models.Order, Any], Any]:
    """A resolver of personal data: null for everybody who is not :func:`trusted`."""

    def resolve(root: models.Order, info: Any) -> Any:
        return read(root) if trusted(root, info) else None

    return resolve


class Order(graphene.ObjectType):
    """An order. Whoever holds its id may read it, but not whose it is, as in Saleor."""

    id = graphene.ID(required=True)
    number = graphene.String(required=True)
    created = graphene.DateTime(required=True)
    status = graphene.Field(nodes.OrderStatus, required=True)
    language_code_enum = graphene.Field(nodes.LanguageCodeEnum, required=True)
    channel = graphene.Field(nodes.Channel, required=True)
    user = graphene.Field(nodes.User)
    user_email = graphene.String()
    shipping_address = graphene.Field(nodes.Address)
    billing_address = graphene.Field(nodes.Address)
    redirect_url = graphene.String()
    total = graphene.Field(nodes.TaxedMoney, required=True)
    lines = graphene.List(graphene.NonNull(nodes.OrderLine), required=True)
    fulfillments = graphene.List(graphene.NonNull(nodes.Fulfillment), required=True)
    payments = graphene.List(graphene.NonNull(nodes.Payment), required=True)
    transactions = graphene.List(graphene.NonNull(nodes.TransactionItem), required=True)
    granted_refunds = graphene.List(graphene.NonNull(nodes.OrderGrantedRefund), required=True)
    events = graphene.List(graphene.NonNull(nodes.OrderEvent), required=True)

    resolve_user = guarded(lambda root: root.user)
    resolve_user_email = guarded(reader.email)
    resolve_shipping_address = guarded(lambda root: reader.address(root.shipping_address))
    resolve_billing_address = guarded(lambda root: reader.address(root.billing_address))

    def resolve_id(root: models.Order, _info: Any) -> str:  # noqa: N805
        return ids.of(root)

    def resolve_created(root: models.Order, _info: Any) -> Any:  # noqa: N805
        return root.created_at

    def resolve_language_code_enum(root: models.Order, _info: Any) -> str:  # noqa: N805
        return root.language_code

    def resolve_total(root: models.Order, _info: Any) -> Any:  # noqa: N805
        return nodes.taxed(root.total, root.currency)

    def resolve_lines(root: models.Order, _info: Any) -> Any:  # noqa: N805
        return root.lines.all()

    def resolve_fulfillments(root: models.Order, _info: Any) -> Any:  # noqa: N805
        return root.fulfillments.all()

    def resolve_payments(root: models.Order, info: Any) -> Any:  # noqa: N805
        _for_staff(root, info)
        return root.payments.all()

    def resolve_transactions(root: models.Order, info: Any) -> Any:  # noqa: N805
        _for_staff(root, info)
        return root.transactions.all()

    def resolve_granted_refunds(root: models.Order, info: Any) -> Any:  # noqa: N805
        _for_staff(root, info)
        return root.granted_refunds.all()

    def resolve_events(root: models.Order, info: Any) -> Any:  # noqa: N805
        _for_staff(root, info)
        return root.notes.order_by("pk")


def _for_staff(order: models.Order, info: Any) -> None:
    if not identity.may(info.context, "MANAGE_ORDERS", order.channel_id):
        raise PermissionDenied(
            "To access this path, you need one of the following permissions: MANAGE_ORDERS"
        )


class Types:
    """What a home shares with the support app; see ``shop/current.py``."""

    DateTime = graphene.DateTime
    Date = graphene.Date
    Money = nodes.Money
    Address = nodes.Address
    AddressInput = nodes.AddressInput
    Order = Order
    OrderLine = nodes.OrderLine
    Fulfillment = nodes.Fulfillment
    FulfillmentLine = nodes.FulfillmentLine
    User = nodes.User
    LanguageCodeEnum = nodes.LanguageCodeEnum
    CountryCode = nodes.CountryCode
    Upload = nodes.Upload
    PermissionDenied = PermissionDenied

    @staticmethod
    def order_id(root: models.Order) -> str:
        """The global id of the root of an ``Order``."""
        return ids.of(root)

    @staticmethod
    def order_channel_id(root: models.Order) -> str:
        """The channel's global id, without a query."""
        return ids.make("Channel", root.channel_id)

    @staticmethod
    def order_customer_id(root: models.Order) -> str | None:
        """The customer's global id, without a query; None for guests' orders."""
        return ids.make("User", root.user_id) if root.user_id else None

    @staticmethod
    def user_id(root: models.User) -> str:
        """The global id of the root of a ``User``."""
        return ids.of(root)

    @staticmethod
    def load_order(info: Any, order_id: str) -> Promise:
        """The value for a field of type ``Order``, batched; null when the order is gone."""
        loader = info.context.__dict__.get("_sandbox_orders")
        if loader is None:
            loader = info.context.__dict__["_sandbox_orders"] = DataLoader(batch_load_fn=_load_orders)
        return loader.load(ids.key(order_id, "Order"))

    @staticmethod
    def money(value: data.Money) -> Any:
        """What ``Money`` resolves from."""
        return value

    @staticmethod
    def address(value: data.Address) -> Any:
        """What ``Address`` resolves from."""
        return value

    @staticmethod
    def address_data(value: dict[str, Any]) -> data.Address:
        """An ``AddressInput`` as a frozen value; missing and null parts are ""."""
        known = {name: value.get(name) for name in reader.ADDRESS_FIELDS}
        return data.Address(**{name: str(part) for name, part in known.items() if part is not None})


def _load_orders(keys: list[Any]) -> Promise:
    found = {row.pk: row for row in reader.orders().filter(pk__in=[key for key in keys if key])}
    return Promise.resolve([found.get(key) for key in keys])


TYPES = Types()
