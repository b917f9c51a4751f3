"""The sandbox's rows as the frozen values of ``shop.data``, in a constant number of queries."""

import dataclasses
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet

from saleor_support_plugin.shop import data
from sandbox import models
from sandbox.home import ids

ADDRESS_FIELDS = tuple(field.name for field in dataclasses.fields(data.Address))


def orders() -> QuerySet[models.Order]:
    """Real orders (no drafts) with everything :func:`order` reads, seven queries for any number."""
    return (
        models.Order.objects.exclude(status="draft")
        .annotate(has_ordered_before=Exists(_earlier()))
        .select_related("channel", "user")
        .prefetch_related(
            Prefetch("lines", models.Line.objects.select_related("variant").order_by("position", "pk")),
            Prefetch("fulfillments", models.Fulfillment.objects.order_by("pk")),
            Prefetch("fulfillments__lines", models.FulfillmentLine.objects.order_by("pk")),
            Prefetch("payments", models.Payment.objects.order_by("pk")),
            Prefetch("transactions", models.Transaction.objects.order_by("pk")),
            Prefetch(
                "granted_refunds", models.GrantedRefund.objects.select_related("transaction").order_by("pk")
            ),
        )
    )


def _earlier() -> QuerySet[models.Order]:
    """Orders that the same customer, or a guest with the same address, had placed before."""
    same = Q(user=OuterRef("user")) | Q(user=None, user_email=OuterRef("user_email"))
    return models.Order.objects.filter(same, created_at__lt=OuterRef("created_at")).exclude(status="draft")


def order(row: models.Order) -> data.Order:
    """One order that came from :func:`orders`."""
    return data.Order(
        id=ids.of(row),
        number=str(row.number),
        channel_id=ids.make("Channel", row.channel_id),
        channel=row.channel.slug,
        status=order_status(row.status),
        created_at=row.created_at,
        customer_id=ids.make("User", row.user_id) if row.user_id else None,
        email=email(row),
        customer_name=customer_name(row),
        language=row.language_code,
        total=data.Money(row.total, row.currency),
        shipping_address=address(row.shipping_address),
        billing_address=address(row.billing_address),
        redirect_url=row.redirect_url,
        lines=tuple(_line(row, line) for line in row.lines.all()),
        fulfillments=tuple(_fulfillment(row, one) for one in row.fulfillments.all()),
        payments=tuple(
            data.Payment(
                ids.of(one), one.gateway, one.is_active, data.Money(one.captured_amount, one.currency)
            )
            for one in row.payments.all()
        ),
        transactions=tuple(
            data.Transaction(
                ids.of(one),
                data.Money(one.charged_value, one.currency),
                data.Money(one.refunded_value, one.currency),
                data.Money(one.refund_pending_value, one.currency),
            )
            for one in row.transactions.all()
        ),
        granted_refunds=tuple(
            data.GrantedRefund(
                ids.of(one),
                data.Money(one.amount, one.currency),
                data.RefundStatus(one.status),
                one.reason,
                ids.of(one.transaction),
                tuple((ids.make("OrderLine", key), quantity) for key, quantity in one.lines),
                one.with_shipping,
            )
            for one in row.granted_refunds.all()
        ),
        origin=_origin(row),
        account_email=row.user.email if row.user else "",
        shipping_method=row.shipping_method_name,
        shipping_price=data.Money(row.shipping_price, row.currency),
        is_paid=any(one.charge_status != "not-charged" for one in row.payments.all())
        or any(
            one.charged_value + one.refunded_value + one.refund_pending_value >= row.total
            for one in row.transactions.all()
        ),
        is_first=not row.has_ordered_before,
        metadata=data.frozen(row.metadata),
        customer_metadata=data.frozen(row.user.private_metadata if row.user else None),
    )


def _origin(row: models.Order) -> data.OrderOrigin:
    if row.origin == "reissue" or row.external_reference.startswith("support-replacement:"):
        return data.OrderOrigin.REPLACEMENT
    return data.OrderOrigin.IMPORT if row.origin == "bulk_create" else data.OrderOrigin.CUSTOMER


def email(row: models.Order) -> str:
    """Where mails about the order go: the order's own address, else the customer's."""
    return row.user_email or (row.user.email if row.user else "")


def customer_name(row: models.Order) -> str:
    """The customer's name, else the one on the billing or shipping address."""
    if row.user and (row.user.first_name or row.user.last_name):
        return f"{row.user.first_name} {row.user.last_name}".strip()
    for where in (row.billing_address, row.shipping_address):
        if where and (where.get("first_name") or where.get("last_name")):
            return f"{where.get('first_name', '')} {where.get('last_name', '')}".strip()
    return ""


def address(stored: dict[str, Any] | None) -> data.Address | None:
    """An address as it is stored in JSON."""
    return None if stored is None else data.Address(**{name: stored.get(name, "") for name in ADDRESS_FIELDS})


def order_status(value: str) -> data.OrderStatus:
    """Unknown statuses are UNKNOWN, never an error."""
    return data.OrderStatus(value) if value in set(data.OrderStatus) else data.OrderStatus.UNKNOWN


def fulfillment_status(value: str) -> data.FulfillmentStatus:
    """Unknown statuses are UNKNOWN, never an error."""
    known = set(data.FulfillmentStatus)
    return data.FulfillmentStatus(value) if value in known else data.FulfillmentStatus.UNKNOWN


def fulfillment_keys(rows: Iterable[models.Fulfillment]) -> list[data.FulfillmentKey]:
    """What a sweep needs of fulfilments."""
    return [
        data.FulfillmentKey(
            row.pk,
            ids.of(row),
            ids.make("Order", row.order_id),
            fulfillment_status(row.status),
            row.created_at,
        )
        for row in rows
    ]


def channel(row: models.Channel) -> data.Channel:
    """A sales channel."""
    return data.Channel(ids.of(row), row.slug, row.name, row.currency)


def goods(given: Iterable[str]) -> dict[str, data.Goods]:
    """Products by their own ids, or by those of their variants, in three queries."""
    wanted = set(given)
    keys = {key: one for one in wanted if (key := ids.key(one, "Product")) is not None}
    variants = models.Variant.objects.filter(
        pk__in=[key for one in wanted if (key := ids.key(one, "ProductVariant")) is not None]
    )
    of = {ids.of(row): row.product_id for row in variants}
    channels = list(models.Channel.objects.values_list("pk", flat=True))
    rows = models.Product.objects.filter(pk__in={*keys, *of.values()})
    found = {row.pk: _goods(row, channels) for row in rows}
    of |= {one: key for key, one in keys.items()}
    return {one: found[key] for one, key in of.items() if key in found}


def _goods(row: models.Product, channels: Iterable[int]) -> data.Goods:
    return data.Goods(
        id=ids.of(row),
        name=row.name,
        type_id=ids.make("ProductType", row.type),
        type=row.type,
        category_ids=tuple(ids.make("Category", key) for key in row.categories),
        collection_ids=frozenset(ids.make("Collection", key) for key in row.collections),
        published_in=frozenset(ids.make("Channel", key) for key in channels if key not in row.hidden_in),
        metadata=data.frozen(row.metadata),
    )


def _total(line: models.Line) -> Decimal:
    return Decimal(line.unit_price) * line.quantity if line.total_price is None else line.total_price


def _line(row: models.Order, line: models.Line) -> data.OrderLine:
    return data.OrderLine(
        id=ids.of(line),
        product_name=line.product_name,
        variant_name=line.variant_name,
        sku=line.product_sku,
        quantity=line.quantity,
        quantity_fulfilled=line.quantity_fulfilled,
        unit_price=data.Money(Decimal(line.unit_price), row.currency),
        total_price=data.Money(_total(line), row.currency),
        is_shipping_required=line.is_shipping_required,
        is_gift_card=line.is_gift_card,
        product_id=ids.make("Product", line.variant.product_id) if line.variant else "",
        variant_id=ids.of(line.variant) if line.variant else "",
        undiscounted_unit_price=data.Money(Decimal(line.undiscounted_price or line.unit_price), row.currency),
        metadata=data.frozen(line.metadata),
    )


def _fulfillment(row: models.Order, one: models.Fulfillment) -> data.Fulfillment:
    lines = list(one.lines.all())
    warehouses = {line.warehouse for line in lines}
    return data.Fulfillment(
        id=ids.of(one),
        number=f"{row.number}-{one.fulfillment_order}",
        status=fulfillment_status(one.status),
        tracking_number=one.tracking_number,
        created_at=one.created_at,
        lines=tuple(
            data.FulfillmentLine(ids.of(line), ids.make("OrderLine", line.order_line_id), line.quantity)
            for line in lines
        ),
        warehouse=warehouses.pop() if len(warehouses) == 1 else "",
        is_shipping_refunded=one.shipping_refunded,
    )
