"""Rows of Saleor's own tables that no mutation makes quickly."""

import dataclasses
import uuid
from decimal import Decimal
from typing import Any

from saleor.account.models import Address, Group
from saleor.channel.models import Channel
from saleor.order.models import Order, OrderLine
from saleor.payment.models import Payment, Transaction
from saleor.permission.models import Permission
from saleor.product.models import ProductVariant
from saleor.shipping.models import ShippingZone
from saleor.tax.models import TaxConfiguration
from saleor.warehouse.models import Warehouse

from saleor_support_plugin.shop import data
from saleor_support_plugin.shop.saleor.ids import global_id as gid


def channel(slug: str, currency: str, country: str) -> Channel:
    """A sales channel."""
    made = Channel.objects.create(
        name=slug, slug=slug, currency_code=currency, default_country=country, is_active=True
    )
    TaxConfiguration.objects.create(channel=made)
    return made


def group(codenames: Any, *, restricted: bool = False) -> Group:
    """A permission group with these rights."""
    made = Group.objects.create(name=uuid.uuid4().hex, restricted_access_to_channels=restricted)
    made.permissions.set(Permission.objects.filter(codename__in=codenames))
    return made


def address(value: data.Address) -> Address:
    """An address."""
    return Address.objects.create(**dataclasses.asdict(value))


def warehouse(name: str, channel: Channel) -> Warehouse:
    """A warehouse that serves the channel: Saleor takes stocks by shipping zones."""
    where = address(data.Address(street_address_1="Calle Mayor 5", city="MADRID", country="ES"))
    made = Warehouse.objects.create(name=name, slug=f"warehouse-{name}", address=where)
    made.channels.add(channel)
    zone = ShippingZone.objects.create(name=name, countries=[where.country.code])
    zone.channels.add(channel)
    made.shipping_zones.add(zone)
    return made


def line(order: Order, variant: ProductVariant, quantity: int, price: Decimal) -> OrderLine:
    """A line of an order."""
    return OrderLine.objects.create(
        order=order,
        variant=variant,
        product_name=variant.product.name,
        variant_name=variant.name,
        product_sku=variant.sku,
        product_variant_id=gid("ProductVariant", variant.pk),
        is_shipping_required=True,
        is_gift_card=False,
        quantity=quantity,
        currency=order.currency,
        unit_price_net_amount=price,
        unit_price_gross_amount=price,
        base_unit_price_amount=price,
        undiscounted_base_unit_price_amount=price,
        total_price_net_amount=price * quantity,
        total_price_gross_amount=price * quantity,
    )


def payment(order: Order, total: Decimal) -> None:
    """A legacy payment of all of it, captured."""
    made = Payment.objects.create(
        order=order,
        gateway="manual",
        is_active=True,
        charge_status="fully-charged",
        total=total,
        captured_amount=total,
        currency=order.currency,
        token="manual",
    )
    for kind in ("external", "capture"):
        Transaction.objects.create(
            payment=made,
            kind=kind,
            is_success=True,
            amount=total,
            currency=order.currency,
            token="manual",
            gateway_response={},
        )
