"""Saleor's GraphQL types that we share, and how our values become theirs."""

import dataclasses
from collections.abc import Mapping
from typing import Any

from prices import Money as PricesMoney
from promise import Promise
from saleor.account.models import Address as AddressRow
from saleor.core.exceptions import PermissionDenied
from saleor.graphql.account.enums import CountryCodeEnum
from saleor.graphql.account.types import Address, AddressInput, User
from saleor.graphql.core.context import SyncWebhookControlContext
from saleor.graphql.core.enums import LanguageCodeEnum
from saleor.graphql.core.scalars import Date, DateTime
from saleor.graphql.core.types import Money, Upload
from saleor.graphql.order.dataloaders import OrderByIdLoader
from saleor.graphql.order.types import Fulfillment, Order, OrderLine

from saleor_support_plugin.shop import data
from saleor_support_plugin.shop.errors import NotFound
from saleor_support_plugin.shop.saleor.ids import global_id, uuid_key


class SaleorTypes:
    """What ``shop.current.types()`` answers inside Saleor."""

    DateTime = DateTime
    Date = Date
    Money = Money
    Address = Address
    AddressInput = AddressInput
    Order = Order
    OrderLine = OrderLine
    Fulfillment = Fulfillment
    User = User
    LanguageCodeEnum = LanguageCodeEnum
    CountryCode = CountryCodeEnum
    Upload = Upload
    PermissionDenied = PermissionDenied

    @staticmethod
    def order_id(root: Any) -> str:
        """The global id of an Order type's root."""
        return global_id("Order", node(root).pk)

    @staticmethod
    def order_channel_id(root: Any) -> str:
        """The global id of its channel, without a query."""
        return global_id("Channel", node(root).channel_id)

    @staticmethod
    def order_customer_id(root: Any) -> str | None:
        """The global id of its customer, None for a guest's order; without a query."""
        key = node(root).user_id
        return global_id("User", key) if key else None

    @staticmethod
    def user_id(root: Any) -> str:
        """The global id of a User type's root."""
        return global_id("User", node(root).pk)

    @staticmethod
    def load_order(info: Any, order_id: str) -> Any:
        """A promise of what the Order type resolves from; None when the order is gone."""
        try:
            key = uuid_key("Order", order_id, "order")
        except NotFound:
            return Promise.resolve(None)
        return (
            OrderByIdLoader(info.context)
            .load(key)
            .then(lambda row: SyncWebhookControlContext(node=row) if row else None)
        )

    @staticmethod
    def money(money: data.Money) -> PricesMoney:
        """What the Money type resolves from."""
        return PricesMoney(money.amount, money.currency)

    @staticmethod
    def address(address: data.Address) -> AddressRow:
        """What the Address type resolves from; belongs to nobody and is never saved."""
        return AddressRow(**dataclasses.asdict(address))

    @staticmethod
    def address_data(given: Mapping[str, Any]) -> data.Address:
        """An AddressInput as ours. Metadata and ``skipValidation`` are not the customer's to give."""
        names = {field.name for field in dataclasses.fields(data.Address)}
        return data.Address(
            **{
                name: str(getattr(value, "value", value) or "")
                for name, value in given.items()
                if name in names
            }
        )


def node(root: Any) -> Any:
    """The model row behind a root: Saleor wraps some in a context."""
    return getattr(root, "node", root)


TYPES = SaleorTypes()
