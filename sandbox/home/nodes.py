"""GraphQL types below the order, with Saleor's names and field names."""

from decimal import Decimal
from typing import Any

import graphene
from babel import Locale
from graphene.types.scalars import Scalar

from saleor_support_plugin.shop import data
from sandbox import models
from sandbox.home import ids

TERRITORIES = Locale("en").territories
NO_COUNTRIES = {"AC", "CP", "CQ", "DG", "EA", "EU", "EZ", "IC", "QO", "TA", "UN", "XA", "XB", "XK", "ZZ"}
COUNTRIES = sorted(
    code for code in TERRITORIES if len(code) == 2 and code.isalpha() and code not in NO_COUNTRIES
)
LANGUAGES = ("de", "en", "en-gb", "en-us", "es", "es-es", "es-mx", "fr", "it", "pl", "pt")


def enum(name: str, members: Any) -> Any:
    """A GraphQL enum from (name, value) pairs."""
    return graphene.Enum(name, list(members))


def taxed(amount: Decimal, currency: str) -> dict[str, Any]:
    """What :class:`TaxedMoney` resolves from."""
    return {"currency": currency, "gross": data.Money(amount, currency)}


CountryCode = enum("CountryCode", ((code, code) for code in COUNTRIES))
LanguageCodeEnum = enum("LanguageCodeEnum", ((code.upper().replace("-", "_"), code) for code in LANGUAGES))
OrderStatus = enum(
    "OrderStatus", ((one.name, one.value) for one in data.OrderStatus if one.name != "UNKNOWN")
)
FulfillmentStatus = enum(
    "FulfillmentStatus", ((one.name, one.value) for one in data.FulfillmentStatus if one.name != "UNKNOWN")
)
OrderGrantedRefundStatusEnum = enum(
    "OrderGrantedRefundStatusEnum", ((one.name, one.value) for one in data.RefundStatus)
)
OrderEventsEnum = enum(
    "OrderEventsEnum",
    (
        (name.upper(), name)
        for name in (
            "canceled",
            "fulfillment_fulfilled_items",
            "fulfillment_returned",
            "note_added",
            "payment_refunded",
            "transaction_refund_requested",
            "updated_address",
        )
    ),
)


class Upload(Scalar):
    """A file of a multipart request."""

    serialize = parse_value = staticmethod(lambda value: value)

    @staticmethod
    def parse_literal(_node: Any) -> None:
        """Files come as variables only."""


class Money(graphene.ObjectType):
    """An amount in a currency."""

    currency = graphene.String(required=True)
    amount = graphene.Float(required=True)


class TaxedMoney(graphene.ObjectType):
    """The sandbox knows gross prices only."""

    currency = graphene.String(required=True)
    gross = graphene.Field(Money, required=True)


class CountryDisplay(graphene.ObjectType):
    """A country's code and English name."""

    code = graphene.String(required=True)
    country = graphene.String(required=True)


class Address(graphene.ObjectType):
    """A postal address; resolves from ``shop.data.Address``."""

    first_name = graphene.String(required=True)
    last_name = graphene.String(required=True)
    company_name = graphene.String(required=True)
    street_address_1 = graphene.String(required=True)
    street_address_2 = graphene.String(required=True)
    city = graphene.String(required=True)
    city_area = graphene.String(required=True)
    postal_code = graphene.String(required=True)
    country = graphene.Field(CountryDisplay, required=True)
    country_area = graphene.String(required=True)
    phone = graphene.String()

    def resolve_country(root: data.Address, _info: Any) -> dict[str, str]:  # noqa: N805
        return {"code": root.country, "country": TERRITORIES.get(root.country, root.country)}


class AddressInput(graphene.InputObjectType):
    """A postal address as Saleor takes it."""

    first_name = graphene.String()
    last_name = graphene.String()
    company_name = graphene.String()
    street_address_1 = graphene.String()
    street_address_2 = graphene.String()
    city = graphene.String()
    city_area = graphene.String()
    postal_code = graphene.String()
    country = CountryCode()
    country_area = graphene.String()
    phone = graphene.String()


class Channel(graphene.ObjectType):
    """A sales channel."""

    id = graphene.ID(required=True)
    slug = graphene.String(required=True)
    name = graphene.String(required=True)
    currency_code = graphene.String(required=True)

    def resolve_id(root: models.Channel, _info: Any) -> str:  # noqa: N805
        return ids.of(root)

    def resolve_currency_code(root: models.Channel, _info: Any) -> str:  # noqa: N805
        return root.currency


class User(graphene.ObjectType):
    """A customer or a member of staff."""

    id = graphene.ID(required=True)
    email = graphene.String(required=True)
    first_name = graphene.String(required=True)
    last_name = graphene.String(required=True)
    is_staff = graphene.Boolean(required=True)
    is_active = graphene.Boolean(required=True)
    language_code = graphene.Field(LanguageCodeEnum, required=True)

    def resolve_id(root: models.User, _info: Any) -> str:  # noqa: N805
        return ids.of(root)


class OrderLine(graphene.ObjectType):
    """One line of an order."""

    id = graphene.ID(required=True)
    product_name = graphene.String(required=True)
    variant_name = graphene.String(required=True)
    product_sku = graphene.String()
    is_shipping_required = graphene.Boolean(required=True)
    quantity = graphene.Int(required=True)
    quantity_fulfilled = graphene.Int(required=True)
    quantity_to_fulfill = graphene.Int(required=True)
    unit_price = graphene.Field(TaxedMoney, required=True)

    def resolve_id(root: models.Line, _info: Any) -> str:  # noqa: N805
        return ids.of(root)

    def resolve_quantity_to_fulfill(root: models.Line, _info: Any) -> int:  # noqa: N805
        return root.quantity - root.quantity_fulfilled

    def resolve_unit_price(root: models.Line, _info: Any) -> Any:  # noqa: N805
        return taxed(root.unit_price, root.order.currency)


class FulfillmentLine(graphene.ObjectType):
    """How much of an order line a fulfilment holds."""

    id = graphene.ID(required=True)
    quantity = graphene.Int(required=True)
    order_line = graphene.Field(OrderLine)

    def resolve_id(root: models.FulfillmentLine, _info: Any) -> str:  # noqa: N805
        return ids.of(root)


class Fulfillment(graphene.ObjectType):
    """A shipment, or returned goods."""

    id = graphene.ID(required=True)
    fulfillment_order = graphene.Int(required=True)
    status = graphene.Field(FulfillmentStatus, required=True)
    tracking_number = graphene.String(required=True)
    created = graphene.DateTime(required=True)
    lines = graphene.List(graphene.NonNull(FulfillmentLine))

    def resolve_id(root: models.Fulfillment, _info: Any) -> str:  # noqa: N805
        return ids.of(root)

    def resolve_created(root: models.Fulfillment, _info: Any) -> Any:  # noqa: N805
        return root.created_at

    def resolve_lines(root: models.Fulfillment, _info: Any) -> Any:  # noqa: N805
        return root.lines.all()


class Payment(graphene.ObjectType):
    """A legacy payment."""

    id = graphene.ID(required=True)
    gateway = graphene.String(required=True)
    is_active = graphene.Boolean(required=True)
    captured_amount = graphene.Field(Money)

    def resolve_id(root: models.Payment, _info: Any) -> str:  # noqa: N805
        return ids.of(root)

    def resolve_captured_amount(root: models.Payment, _info: Any) -> data.Money:  # noqa: N805
        return data.Money(root.captured_amount, root.currency)


class TransactionItem(graphene.ObjectType):
    """A payment of the newer world."""

    id = graphene.ID(required=True)
    charged_amount = graphene.Field(Money, required=True)
    refunded_amount = graphene.Field(Money, required=True)
    refund_pending_amount = graphene.Field(Money, required=True)

    def resolve_id(root: models.Transaction, _info: Any) -> str:  # noqa: N805
        return ids.of(root)

    def resolve_charged_amount(root: models.Transaction, _info: Any) -> data.Money:  # noqa: N805
        return data.Money(root.charged_value, root.currency)

    def resolve_refunded_amount(root: models.Transaction, _info: Any) -> data.Money:  # noqa: N805
        return data.Money(root.refunded_value, root.currency)

    def resolve_refund_pending_amount(root: models.Transaction, _info: Any) -> data.Money:  # noqa: N805
        return data.Money(root.refund_pending_value, root.currency)


class OrderGrantedRefund(graphene.ObjectType):
    """A refund that was granted on a transaction."""

    id = graphene.ID(required=True)
    amount = graphene.Field(Money, required=True)
    reason = graphene.String()
    status = graphene.Field(OrderGrantedRefundStatusEnum, required=True)

    def resolve_id(root: models.GrantedRefund, _info: Any) -> str:  # noqa: N805
        return ids.of(root)

    def resolve_amount(root: models.GrantedRefund, _info: Any) -> data.Money:  # noqa: N805
        return data.Money(root.amount, root.currency)


class OrderEvent(graphene.ObjectType):
    """One event of an order's timeline."""

    id = graphene.ID(required=True)
    date = graphene.DateTime()
    type = graphene.Field(OrderEventsEnum)
    message = graphene.String()

    def resolve_id(root: models.Note, _info: Any) -> str:  # noqa: N805
        return ids.of(root)

    def resolve_date(root: models.Note, _info: Any) -> Any:  # noqa: N805
        return root.created_at
