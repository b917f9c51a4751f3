"""Saleor's tables as the frozen values of ``shop.data``: orders, however many, in two queries.

Everything is read from the primary database: our decisions and mails must not lag behind. Only
columns that Saleor 3.21 to 3.23 all have are named here.
"""

import datetime
import urllib.parse
from collections.abc import Iterable
from typing import Any

from django.db.models import Case, Exists, F, OuterRef, Prefetch, When
from saleor.account.models import Address as AddressRow
from saleor.account.models import User
from saleor.channel.models import Channel as ChannelRow
from saleor.core.utils.url import prepare_url
from saleor.order import OrderChargeStatus
from saleor.order import OrderOrigin as SaleorOrigin
from saleor.order import OrderStatus as SaleorStatus
from saleor.order.models import Fulfillment as FulfillmentRow
from saleor.order.models import Order as OrderRow
from saleor.order.models import OrderLine

from saleor_support_plugin.shop import data
from saleor_support_plugin.shop.errors import NotFound
from saleor_support_plugin.shop.saleor import parts
from saleor_support_plugin.shop.saleor.ids import LARGEST, global_id, integer_key, missing, uuid_key
from saleor_support_plugin.shop.saleor.parts import fulfillment_status, money

REPLACEMENT_PREFIX = "support-replacement:"  # how the external references of our own new orders begin


def order(order_id: str) -> data.Order:
    """One order. Raises NotFound: no such order, a draft, or not an order's id."""
    key = uuid_key("Order", order_id, "order")
    row = _orders().filter(pk=key).first()
    if row is None:
        raise missing("order")
    return _order(row)


def order_email(order_id: str) -> str:
    """Where mails about an order go, in one query. Raises NotFound as :func:`order`."""
    rows = OrderRow.objects.exclude(status=SaleorStatus.DRAFT).select_related("user")
    row = rows.filter(pk=uuid_key("Order", order_id, "order")).first()
    if row is None:
        raise missing("order")
    return row.get_customer_email() or ""


def orders(order_ids: Iterable[str]) -> dict[str, data.Order]:
    """Many orders by their ids; those that are not there are left out."""
    keys = []
    for order_id in set(order_ids):
        try:
            keys.append(uuid_key("Order", order_id, "order"))
        except NotFound:
            continue
    return {one.id: one for one in map(_order, _orders().filter(pk__in=keys))} if keys else {}


def lock_order(order_id: str) -> data.Order:
    """One order, its row locked until the transaction ends. Raises NotFound as :func:`order`."""
    key = uuid_key("Order", order_id, "order")
    if not OrderRow.objects.select_for_update().filter(pk=key).values_list("pk").first():
        raise missing("order")
    return order(order_id)


def find_order(channel: str, number: str, email: str) -> data.Order:
    """The order with this number, channel slug and e-mail (case aside). Raises NotFound."""
    text = number.strip()
    if not (text.isascii() and text.isdecimal() and len(text) <= 10 and int(text) <= LARGEST):
        raise missing("order")
    row = _orders().filter(number=int(text)).first()
    wanted = email.strip().casefold()
    if row is None or not wanted:
        raise missing("order")
    found = _order(row)
    if found.channel != channel or found.email.casefold() != wanted:
        raise missing("order")
    return found


def fulfillments_after(sequence: int, limit: int) -> list[data.FulfillmentKey]:
    """Fulfilments with a greater key, lowest first."""
    rows = FulfillmentRow.objects.filter(pk__gt=min(sequence, LARGEST)).order_by("pk")
    return [_key(values) for values in rows.values_list(*KEY)[:limit]]


def fulfillments(fulfillment_ids: Iterable[str]) -> list[data.FulfillmentKey]:
    """These fulfilments as they stand now, lowest first; deleted and malformed ones are left out."""
    keys = []
    for fulfillment_id in set(fulfillment_ids):
        try:
            keys.append(integer_key("Fulfillment", fulfillment_id, "fulfillment"))
        except NotFound:
            continue
    rows = FulfillmentRow.objects.filter(pk__in=keys).order_by("pk")
    return [_key(values) for values in rows.values_list(*KEY)]


def channels() -> dict[str, data.Channel]:
    """Every sales channel by its global id."""
    rows = ChannelRow.objects.order_by("pk").values_list("pk", "slug", "name", "currency_code")
    return {
        global_id("Channel", key): data.Channel(global_id("Channel", key), slug, name, currency)
        for key, slug, name, currency in rows
    }


KEY = ("pk", "order_id", "status", "created_at")


def _key(values: tuple[Any, ...]) -> data.FulfillmentKey:
    key, order_key, status, created_at = values
    return data.FulfillmentKey(
        sequence=key,
        id=global_id("Fulfillment", key),
        order_id=global_id("Order", order_key),
        status=fulfillment_status(status),
        created_at=_utc(created_at),
    )


def _orders() -> Any:
    return (
        OrderRow.objects.exclude(status=SaleorStatus.DRAFT)
        .annotate(
            has_ordered_before=Case(When(user=None, then=_earlier("user_email")), default=_earlier("user"))
        )
        .select_related("channel", "user", "shipping_address", "billing_address")
        .annotate(**parts.annotations())
        .prefetch_related(Prefetch("lines", OrderLine.objects.annotate(product_key=F("variant__product_id"))))
    )


def _earlier(who: str) -> Exists:
    """Whether there is an earlier order with the same value of the field ``who``, which is indexed."""
    rows = OrderRow.objects.filter(**{who: OuterRef(who)}, created_at__lt=OuterRef("created_at"))
    return Exists(rows.exclude(status=SaleorStatus.DRAFT))


def _order(row: OrderRow) -> data.Order:
    return data.Order(
        id=global_id("Order", row.pk),
        number=str(row.number),
        channel_id=global_id("Channel", row.channel_id),
        channel=row.channel.slug,
        status=order_status(row.status),
        created_at=_utc(row.created_at),
        customer_id=global_id("User", row.user_id) if row.user_id else None,
        email=row.get_customer_email() or "",
        customer_name=_customer_name(row),
        language=row.language_code,
        total=money(row.total_gross_amount, row.currency),
        shipping_address=address(row.shipping_address),
        billing_address=address(row.billing_address),
        redirect_url=_page(row),
        lines=tuple(_line(line) for line in row.lines.all()),
        fulfillments=parts.fulfillments(row),
        payments=parts.payments(row),
        transactions=parts.transactions(row),
        granted_refunds=parts.granted_refunds(row),
        origin=_origin(row),
        account_email=row.user.email if row.user else "",
        shipping_method=row.shipping_method_name or "",
        shipping_price=money(row.shipping_price_gross_amount, row.currency),
        is_paid=row.charge_status in PAID,
        is_first=not row.has_ordered_before,
        metadata=data.frozen(row.metadata),
        customer_metadata=data.frozen(row.user.private_metadata if row.user else None),
    )


PAID = (OrderChargeStatus.FULL, OrderChargeStatus.OVERCHARGED)


def _origin(row: OrderRow) -> data.OrderOrigin:
    if row.origin == SaleorOrigin.REISSUE or (row.external_reference or "").startswith(REPLACEMENT_PREFIX):
        return data.OrderOrigin.REPLACEMENT
    return data.OrderOrigin.IMPORT if row.origin == SaleorOrigin.BULK_CREATE else data.OrderOrigin.CUSTOMER


def _customer_name(row: OrderRow) -> str:
    people: tuple[AddressRow | User | None, ...] = (row.shipping_address, row.billing_address, row.user)
    names = (f"{one.first_name} {one.last_name}".strip() for one in people if one is not None)
    return next((name for name in names if name), "")


def _line(row: Any) -> data.OrderLine:
    unnamed = row.variant_name == row.product_variant_id  # Saleor writes a global id where there is no name
    return data.OrderLine(
        id=global_id("OrderLine", row.pk),
        product_name=row.translated_product_name or row.product_name,
        variant_name="" if unnamed else row.translated_variant_name or row.variant_name,
        sku=row.product_sku or "",
        quantity=row.quantity,
        quantity_fulfilled=row.quantity_fulfilled,
        unit_price=money(row.unit_price_gross_amount, row.currency),
        total_price=money(row.total_price_gross_amount, row.currency),
        is_shipping_required=row.is_shipping_required,
        is_gift_card=row.is_gift_card,
        product_id=global_id("Product", row.product_key) if row.product_key else "",
        variant_id=global_id("ProductVariant", row.variant_id) if row.variant_id else "",
        # Lines that a shop took over from elsewhere may have 0 here.
        undiscounted_unit_price=money(
            max(row.undiscounted_unit_price_gross_amount, row.unit_price_gross_amount), row.currency
        ),
        metadata=data.frozen(row.metadata),
    )


def address(row: AddressRow | None) -> data.Address | None:
    """Saleor's address as ours."""
    if row is None:
        return None
    return data.Address(
        first_name=row.first_name,
        last_name=row.last_name,
        company_name=row.company_name,
        street_address_1=row.street_address_1,
        street_address_2=row.street_address_2,
        city=row.city,
        city_area=row.city_area,
        postal_code=row.postal_code,
        country=row.country.code or "",
        country_area=row.country_area,
        phone=row.phone.as_e164 if row.phone and row.phone.is_valid() else str(row.phone or ""),
    )


def order_status(value: str) -> data.OrderStatus:
    """Saleor's order status as ours; it writes one of them with a space."""
    try:
        return data.OrderStatus(value.replace(" ", "_"))
    except ValueError:
        return data.OrderStatus.UNKNOWN


def _utc(moment: datetime.datetime) -> datetime.datetime:
    return moment.astimezone(datetime.UTC)


def _page(row: OrderRow) -> str:
    """The order's page on the storefront, with the parameter that Saleor's own mails give it."""
    if not row.redirect_url:
        return ""
    return str(prepare_url(urllib.parse.urlencode({"token": row.pk}), row.redirect_url))
