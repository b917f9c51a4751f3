"""Make channels, people and orders in few words: for tests and for the demo's seed."""

import dataclasses
import datetime
import functools
import itertools
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.db.models import Max
from django.test import RequestFactory

from saleor_support_plugin.settings import Feature, SupportSettings
from saleor_support_plugin.shop.data import Address
from sandbox import models
from sandbox.home import configuration, hooks, ids, orders
from sandbox.home.identity import token_for

__all__ = [
    "MADRID",
    "fulfill",
    "gid",
    "make_app",
    "make_channel",
    "make_customer",
    "make_order",
    "make_product",
    "make_staff",
    "request_for",
    "save_config",
    "switch_on",
    "token_for",
]

save_config = configuration.save_config
gid = ids.of
_count = itertools.count(1)
Goods = Sequence[tuple[str, int, str] | tuple[str, int, str, str] | Mapping[str, Any]]

MADRID = Address(
    first_name="Lucía",
    last_name="Fernández",
    street_address_1="Calle de Alcalá 42",
    city="MADRID",
    postal_code="28014",
    country="ES",
    country_area="M",
    phone="+34600111222",
)


@functools.cache  # hashing is slow on purpose, and these passwords are public
def _hashed(password: str) -> str:
    return make_password(password)


def make_channel(
    slug: str = "", *, currency: str = "EUR", country: str = "ES", name: str = ""
) -> models.Channel:
    """A sales channel; everything of ours is off in it."""
    slug = slug or f"channel-{next(_count)}"
    return models.Channel.objects.create(
        slug=slug, name=name or slug.title(), currency=currency, country=country
    )


def make_customer(
    email: str = "",
    *,
    first_name: str = "Lucía",
    last_name: str = "Fernández",
    language: str = "en",
    password: str = "",
) -> models.User:
    """A customer with an account."""
    return models.User.objects.create(
        email=email or f"customer{next(_count)}@example.com",
        first_name=first_name,
        last_name=last_name,
        language_code=language,
        password=_hashed(password) if password else "",
    )


def make_staff(
    email: str = "",
    *,
    permissions: Sequence[str] = ("MANAGE_ORDERS",),
    channels: Sequence[models.Channel] | None = None,
    first_name: str = "Sam",
    last_name: str = "Ortiz",
    password: str = "",
) -> models.User:
    """A member of staff; ``channels`` None means all of them."""
    return models.User.objects.create(
        email=email or f"staff{next(_count)}@example.com",
        first_name=first_name,
        last_name=last_name,
        is_staff=True,
        permissions=list(permissions),
        password=_hashed(password) if password else "",
        channel_pks=None if channels is None else [one.pk for one in channels],
    )


def make_app(*, permissions: Sequence[str] = ("MANAGE_ORDERS",), name: str = "Warehouse robot") -> models.App:
    """An app of the shop."""
    return models.App.objects.create(name=name, permissions=list(permissions))


def make_product(name: str = "", **values: Any) -> models.Product:
    """A product with one variant; further ``values`` are fields of ``models.Product``."""
    product = models.Product.objects.create(name=name or f"Product {next(_count)}", **values)
    product.variants.create()
    return product


def make_order(
    channel: models.Channel,
    customer: models.User | None = None,
    *,
    email: str = "",
    lines: Goods = (("Apple Juice", 2, "4.00"), ("Bean Juice", 1, "6.50")),
    status: str = "unfulfilled",
    pay: str = "payment",
    settles: str = "success",
    language: str = "",
    address: Address | None = MADRID,
    number: int | None = None,
    created_at: datetime.datetime | None = None,
    redirect_url: str = "",
    origin: str = "checkout",
    external_reference: str = "",
    shipping_method: str = "",
    shipping_price: str = "0",
    place: bool = False,
) -> models.Order:
    """An order with its lines, paid in full.

    ``lines``: (product, quantity, gross unit price[, variant]) or keyword dicts of ``models.Line``, of
    which ``variant`` is a row; without one, lines of the same name are the same product.
    ``pay``: "payment" (legacy), "transaction", or "" for unpaid. ``settles``: how a refund of the
    transaction ends ("success", "pending", "failure"). ``email`` is a guest's, or overrides. ``place``:
    leave the events, and the hooks, of a checkout that was just completed.
    """
    stored = None if address is None else dataclasses.asdict(address)
    if number is None:
        number = (models.Order.objects.aggregate(last=Max("number"))["last"] or 100) + 1
    order = models.Order.objects.create(
        number=number,
        channel=channel,
        user=customer,
        status=status,
        shipping_address=stored,
        billing_address=stored,
        currency=channel.currency,
        total=Decimal(shipping_price),
        redirect_url=redirect_url,
        origin=origin,
        external_reference=external_reference,
        shipping_method_name=shipping_method,
        shipping_price=Decimal(shipping_price),
        user_email=email or (customer.email if customer else f"guest{number}@example.com"),
        language_code=language or (customer.language_code if customer else "en"),
        **({"created_at": created_at} if created_at else {}),
    )
    for position, given in enumerate(lines):
        values = dict(given) if isinstance(given, Mapping) else _line_values(given)
        values.setdefault("product_sku", f"SKU-{number}-{position + 1}")
        if "variant" not in values:
            values["variant"] = _variant(values["product_name"])
        line = models.Line.objects.create(order=order, position=position, **values)
        order.total += line.quantity * Decimal(line.unit_price)
    order.save(update_fields=["total"])
    if pay == "payment":
        models.Payment.objects.create(
            order=order, total=order.total, captured_amount=order.total, currency=order.currency
        )
    elif pay == "transaction":
        models.Transaction.objects.create(
            order=order, charged_value=order.total, currency=order.currency, settles=settles
        )
    if place:
        orders.place(order)
    order.refresh_from_db()
    return order


def fulfill(
    order: models.Order,
    quantities: Mapping[models.Line, int] | None = None,
    tracking_number: str = "",
    notify: bool | None = True,
    approved: bool = True,
    *,
    hook: bool = True,
    created_at: datetime.datetime | None = None,
    warehouse: str = ids.WAREHOUSE_ID,
) -> models.Fulfillment:
    """Ship {line: quantity} (default: all that is left) in one parcel, as ``orderFulfill`` does.

    ``approved`` False leaves it waiting for approval (no hook fires); ``hook`` False loses the hook;
    ``warehouse``: the global id of where it leaves from.
    """
    rows = list(order.lines.order_by("position"))
    wanted = quantities or {line: line.quantity - line.quantity_fulfilled for line in rows}
    lines = [(ids.of(line), [(warehouse, quantity)]) for line, quantity in wanted.items() if quantity]
    with transaction.atomic():
        made = orders.fulfill(order, lines, tracking_number, approved)[0]
        if created_at:
            models.Fulfillment.objects.filter(pk=made.pk).update(created_at=created_at)
        if hook and approved:
            hooks.after_shipping(made, notify)
    order.refresh_from_db()
    made.refresh_from_db()
    return made


def switch_on(
    channel: models.Channel, *features: Feature | str, now: datetime.datetime | None = None, **options: Any
) -> SupportSettings:
    """Turn features on in a channel (none named: all of them), with further options; others stay.

    ``now`` is the moment they count from; default: long ago.
    """
    moment = now or datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC)
    names = {Feature(one).value: True for one in features or tuple(Feature)}
    return configuration.save_config(channel, {**names, **options}, moment)


def request_for(who: models.User | models.App | None = None) -> Any:
    """A POST request of this user or app (None: of nobody), as views and resolvers see it."""
    headers = {"authorization": f"Bearer {token_for(who)}"} if who is not None else {}
    return RequestFactory(headers=headers).post("/graphql/", content_type="application/json", data={})


def _variant(product_name: str) -> models.Variant:
    """Lines of the same name are the same product."""
    found = models.Variant.objects.filter(product__name=product_name).order_by("pk").first()
    return found or make_product(product_name).variants.get()


def _line_values(given: Sequence[Any]) -> dict[str, Any]:
    product, quantity, price, *variant = given
    values = {"product_name": product, "quantity": quantity, "unit_price": Decimal(price)}
    return {**values, "variant_name": variant[0] if variant else ""}
