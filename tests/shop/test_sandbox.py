"""The sandbox keeps the contract of a ``Shop``."""

import contextlib
from decimal import Decimal

import pytest
from django.test import RequestFactory

from saleor_support_plugin.errors import Errors
from saleor_support_plugin.shop import data
from sandbox import models
from sandbox.home import ids, money, orders
from sandbox.home.configuration import save_config
from sandbox.home.shop import SHOP
from sandbox.makers import (
    MADRID,
    fulfill,
    gid,
    make_app,
    make_channel,
    make_customer,
    make_order,
    make_staff,
    request_for,
)
from tests.shop.contract import ShopContract
from tests.shop.happenings import KINDS
from tests.shop.world import Caller, Crash, World


class SandboxWorld(World):
    """The sandbox, set up by its makers."""

    def __init__(self):
        self._channel, other = make_channel("eu"), make_channel("uk", currency="GBP", country="GB")
        self.channel_id, self.channel = gid(self._channel), self._channel.slug
        self.other_channel_id, self.other_channel = gid(other), other.slug
        self.warehouses = tuple(ids.WAREHOUSES.values())
        self._customer = make_customer("Lucia@example.com")

    def make_order(
        self,
        *,
        lines=((2, "4.00"), (1, "6.50")),
        pay="payment",
        settles="success",
        member=True,
        email="",
        draft=False,
        address=None,
        shipping_method="",
        shipping_price="0",
    ):
        goods = [(f"Product {number}", quantity, price) for number, (quantity, price) in enumerate(lines)]
        return gid(
            make_order(
                self._channel,
                self._customer if member else None,
                email=email,
                lines=goods,
                pay=pay,
                settles=settles,
                status="draft" if draft else "unfulfilled",
                address=address or MADRID,
                shipping_method=shipping_method,
                shipping_price=shipping_price,
            )
        )

    def fulfill(self, order_id, quantities=None, *, tracking="", approved=True, warehouse=""):
        order = models.Order.objects.get(pk=ids.key(order_id, "Order"))
        lines = {gid(line): line for line in order.lines.all()}
        wanted = {lines[key]: quantity for key, quantity in (quantities or {}).items()}
        by_name = {name: key for key, name in ids.WAREHOUSES.items()}
        place = by_name[warehouse or self.warehouses[0]]
        return gid(fulfill(order, wanted or None, tracking, approved=approved, hook=False, warehouse=place))

    def cancel(self, order_id):
        orders.cancel(models.Order.objects.get(pk=ids.key(order_id, "Order")))

    def place(self, *, confirmed=True):
        self._channel.confirms_by_itself = confirmed
        self._channel.save()
        goods = [("Product 1", 1, "5.00")]
        return gid(make_order(self._channel, self._customer, lines=goods, pay="", place=True))

    def confirm(self, order_id):
        orders.confirm(self._row(order_id))

    def track(self, fulfillment_id, number):
        orders.track(models.Fulfillment.objects.get(pk=ids.key(fulfillment_id, "Fulfillment")), number)

    def cancel_fulfillment(self, fulfillment_id):
        orders.cancel_fulfillment(models.Fulfillment.objects.get(pk=ids.key(fulfillment_id, "Fulfillment")))

    def refund(self, order_id, amount):
        order = self._row(order_id)
        if payment := order.payments.first():
            money.refund_payment(gid(payment), Decimal(amount))
        else:
            money.report_refund(order.transactions.get(), Decimal(amount))

    def move_goods(self, order_id, lines, how, *, shipping=False):
        move = {"return": orders.take_back, "refund": orders.refund_goods, "replace": orders.replace_goods}
        more = {"shipping": True} if shipping else {}
        move[how](self._row(order_id), list(lines.items()), **more)

    def grant(self, order_id, lines, *, shipping=False):
        order = self._row(order_id)
        rows = [(order.lines.get(pk=ids.key(one, "OrderLine")), quantity) for one, quantity in lines.items()]
        models.GrantedRefund.objects.create(
            order=order,
            transaction=order.transactions.get(),
            amount=sum(line.unit_price * quantity for line, quantity in rows)
            + (order.shipping_price if shipping else 0),
            with_shipping=shipping,
            currency=order.currency,
            lines=[[str(line.pk), quantity] for line, quantity in rows],
        )

    def why(self, fulfillment_id):
        row = models.Fulfillment.objects.get(pk=ids.key(fulfillment_id, "Fulfillment"))
        return row.reason, {gid(line.order_line): line.reason for line in row.lines.all()}

    def make_page(self, *, of_reasons):
        kind = models.Page.PAGE_OF_REASONS if of_reasons else "news"
        return gid(models.Page.objects.create(title="Too small", type=kind))

    def pages_of(self, fulfillment_id):
        rows = models.FulfillmentLine.objects.filter(fulfillment=ids.key(fulfillment_id, "Fulfillment"))
        return {
            gid(one.order_line): gid(one.reason_reference) if one.reason_reference else "" for one in rows
        }

    def page_of(self, granted_refund_id):
        row = models.GrantedRefund.objects.get(pk=ids.key(granted_refund_id, "OrderGrantedRefund"))
        return gid(row.reason_reference) if row.reason_reference else ""

    def describe_product(self, product_id):
        row = models.Product.objects.get(pk=ids.key(product_id, "Product"))
        row.type, row.categories, row.collections = "shoes", [7, 5, 2], [3, 4]
        row.metadata = {"returns": "final sale"}
        row.save()
        return data.Goods(
            id=product_id,
            name=row.name,
            type_id=ids.make("ProductType", "shoes"),
            type="shoes",
            category_ids=tuple(ids.make("Category", key) for key in (7, 5, 2)),
            collection_ids=frozenset(ids.make("Collection", key) for key in (3, 4)),
            published_in=frozenset(gid(one) for one in models.Channel.objects.all()),
            metadata={"returns": "final sale"},
        )

    def hide(self, product_id, channel_id):
        row = models.Product.objects.get(pk=ids.key(product_id, "Product"))
        row.hidden_in.append(ids.key(channel_id, "Channel"))
        row.save()

    def discount(self, line_id, full_price):
        rows = models.Line.objects.filter(pk=ids.key(line_id, "OrderLine"))
        rows.update(undiscounted_price=Decimal(full_price))

    def write_beside(self, order_id, *, order, customer, line):
        row = self._row(order_id)
        models.Order.objects.filter(pk=row.pk).update(metadata=order)
        models.User.objects.filter(pk=row.user_id).update(private_metadata=customer)
        models.Line.objects.filter(pk=row.lines.first().pk).update(metadata=line)

    def amend(self, order_id, *, origin, external_reference=""):
        rows = models.Order.objects.filter(pk=ids.key(order_id, "Order"))
        rows.update(origin=origin, external_reference=external_reference)

    def _row(self, order_id):
        return models.Order.objects.get(pk=ids.key(order_id, "Order"))

    def notes(self, order_id):
        rows = models.Note.objects.filter(order=ids.key(order_id, "Order"), type="note_added").order_by("pk")
        return [row.message for row in rows]

    def caller(self, kind):
        if kind == "anonymous":
            return Caller(request_for())
        if kind == "bad_token":
            return Caller(RequestFactory(headers={"authorization": "Bearer nonsense"}).post("/graphql/"))
        if kind.endswith("app"):
            app = make_app(permissions=["MANAGE_ORDERS"] if kind == "app" else [])
            return Caller(request_for(app), gid(app), name=app.name)
        who = self._customer
        if kind == "inactive":
            who = make_customer()
            models.User.objects.filter(pk=who.pk).update(is_active=False)
        elif kind != "customer":
            who = make_staff(
                permissions=[] if kind == "powerless" else ["MANAGE_ORDERS"],
                channels=[self._channel] if kind == "confined" else None,
            )
        return Caller(request_for(who), gid(who), who.email, f"{who.first_name} {who.last_name}")

    def configure(self, channel_id, values):
        channel = models.Channel.objects.get(pk=ids.key(channel_id, "Channel"))
        try:
            save_config(channel, values, SHOP.now())
        except Errors as problem:
            return {error.field for error in problem.errors}
        return set()

    def mails_too(self, channel_id):
        for kind in KINDS:
            models.ShopMail.objects.create(channel_id=ids.key(channel_id, "Channel"), kind=kind)

    def write_mail_anew(self, channel_id, kind):
        kind = "order_shipped" if kind == "order_partly_shipped" else kind
        rows = models.ShopMail.objects.filter(channel=ids.key(channel_id, "Channel"), kind=kind)
        rows.update(is_blank=False)

    def mail_app(self, name, events, *, active=True):
        models.App.objects.create(name=name, hears=list(events), is_active=active)

    @contextlib.contextmanager
    def dying(self, command, *, after):
        SHOP.trouble(command, Crash(), after=after)
        yield


@pytest.fixture
def world(shop):
    """A fresh sandbox."""
    return SandboxWorld()


class TestSandbox(ShopContract):
    """Everything in the contract."""
