"""A small shop inside Saleor, made by its models and moved by its own mutations."""

import contextlib
import json
import uuid
from decimal import Decimal
from typing import Any
from unittest import mock

import graphene
from django.contrib.sites.models import Site
from django.test import Client, RequestFactory
from django.utils import timezone
from saleor.account.models import User
from saleor.app.models import App, AppToken
from saleor.channel.models import Channel
from saleor.core.jwt import create_access_token
from saleor.order.models import Order, OrderEvent
from saleor.payment.models import TransactionItem
from saleor.permission.models import Permission
from saleor.plugins.models import PluginConfiguration
from saleor.plugins.user_email.constants import PLUGIN_ID as USER_EMAIL
from saleor.product.models import Product, ProductType, ProductVariant
from saleor.site.models import SiteSettings
from saleor.warehouse.models import Stock
from saleor.webhook.models import Webhook

from saleor_support_plugin.shop import data
from saleor_support_plugin.shop.commands import address_input
from saleor_support_plugin.shop.saleor import executor, takeover
from saleor_support_plugin.shop.switches import Switch
from tests.saleor import rows
from tests.saleor.documents import (
    CANCEL,
    CANCEL_FULFILLMENT,
    COMPLETE,
    CONFIRM,
    DRAFT,
    FULFILL,
    PAYMENT_REFUND,
    PLUGIN_UPDATE,
    TRACK,
    TRANSACTION_REFUND,
)
from tests.saleor.goods import GoodsWorld
from tests.saleor.payment_app import PaymentApp
from tests.shop.world import Caller, Crash, World

MADRID = data.Address(
    first_name="Lucía",
    last_name="Fernández",
    street_address_1="Calle Mayor 5",
    city="MADRID",
    postal_code="28013",
    country="ES",
    country_area="MADRID",
    phone="+34600111222",
)


def gid(kind: str, key: Any) -> str:
    """A global id."""
    return str(graphene.Node.to_global_id(kind, key))


class SaleorWorld(GoodsWorld, World):
    """Two channels, a customer, goods in a warehouse; closed at the end of the ``with`` block."""

    def __init__(self) -> None:
        mark = uuid.uuid4().hex[:8]
        self._channel = rows.channel(f"eu-{mark}", "EUR", "ES")
        other = rows.channel(f"uk-{mark}", "GBP", "GB")
        self.channel_id, self.channel = gid("Channel", self._channel.pk), self._channel.slug
        self.other_channel_id, self.other_channel = gid("Channel", other.pk), other.slug
        third = rows.channel(f"third-{mark}", "EUR", "ES")  # returns are on somewhere, so our App may refund
        Switch.objects.create(channel_id=gid("Channel", third.pk), feature="returns", since=timezone.now())
        self.customer = self._user(f"Lucia-{mark}@example.com")
        self.boss = self._user(f"boss-{mark}@example.com", is_staff=True, is_superuser=True)
        self.boss.groups.add(rows.group(("manage_orders", "manage_plugins", "handle_payments")))
        self._payments = PaymentApp()
        self._app = App.objects.create(name="Payments", identifier=f"payments-{mark}", is_active=True)
        self._app.permissions.set(Permission.objects.filter(codename="handle_payments"))
        hook = Webhook.objects.create(app=self._app, target_url=self._payments.url, name="refunds")
        hook.events.create(event_type="transaction_refund_requested")
        for field in ("refund_reason_reference_type", "return_reason_reference_type"):
            if hasattr(SiteSettings, field):  # 3.22+ and 3.23+: else staff must give one
                SiteSettings.objects.update(**{field: None})
                Site.objects.clear_cache()
        self.warehouses = (mark, f"second-{mark}")
        self._warehouse, self._second = (rows.warehouse(name, self._channel) for name in self.warehouses)
        kind = ProductType.objects.create(name=mark, slug=f"type-{mark}", kind="normal")
        self._products = [
            Product.objects.create(
                name=f"Product {number}", slug=f"product-{number}-{mark}", product_type=kind
            )
            for number in range(3)
        ]
        self._variants = [
            ProductVariant.objects.create(product=product, name="Blue", sku=f"{product.slug}-blue")
            for product in self._products
        ]
        for variant in self._variants:
            for place in (self._warehouse, self._second):
                Stock.objects.create(warehouse=place, product_variant=variant, quantity=1000)

    def __enter__(self) -> "SaleorWorld":
        return self

    def __exit__(self, *_problem: object) -> None:
        self._payments.server.shutdown()
        self._payments.server.server_close()

    # -- orders ----------------------------------------------------------------------------

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
    ) -> str:
        total = sum((Decimal(price) * quantity for quantity, price in lines), Decimal(shipping_price))
        order = Order.objects.create(
            status="draft" if draft else "unfulfilled",
            origin="checkout",
            channel=self._channel,
            currency=self._channel.currency_code,
            user=self.customer if member else None,
            user_email=email or (self.customer.email if member else "guest@example.com"),
            shipping_address=rows.address(address or MADRID),
            billing_address=rows.address(MADRID),
            lines_count=len(lines),
            total_net_amount=total,
            total_gross_amount=total,
            total_charged_amount=total if pay else 0,
            charge_status="full" if pay else "none",
            should_refresh_prices=False,
            shipping_method_name=shipping_method or None,
            shipping_price_net_amount=Decimal(shipping_price),
            shipping_price_gross_amount=Decimal(shipping_price),
            base_shipping_price_amount=Decimal(shipping_price),
        )
        for variant, (quantity, price) in zip(self._variants, lines, strict=False):
            rows.line(order, variant, quantity, Decimal(price))
        if pay == "payment":
            rows.payment(order, total)
        elif pay == "transaction":
            self._payments.settles = settles
            TransactionItem.objects.create(
                order=order,
                currency=order.currency,
                charged_value=total,
                app=self._app,
                app_identifier=self._app.identifier,
                psp_reference=uuid.uuid4().hex,
                available_actions=["refund"],
            ).events.create(
                type="charge_success",
                amount_value=total,
                currency=order.currency,
                include_in_calculations=True,
                psp_reference=uuid.uuid4().hex,
                app=self._app,
                app_identifier=self._app.identifier,
            )
        return gid("Order", order.pk)

    def fulfill(
        self, order_id, quantities=None, *, tracking="", approved=True, notify=False, warehouse=""
    ) -> str:
        order = self.row(order_id)
        left = {gid("OrderLine", line.pk): line.quantity_unfulfilled for line in order.lines.all()}
        place = self._second if warehouse == self.warehouses[1] else self._warehouse
        wanted = {line: quantity for line, quantity in (quantities or left).items() if quantity}
        SiteSettings.objects.update(fulfillment_auto_approve=approved)
        Site.objects.clear_cache()
        answer = self.do(
            FULFILL,
            {
                "order": order_id,
                "input": {
                    "lines": [
                        {
                            "orderLineId": line,
                            "stocks": [{"quantity": quantity, "warehouse": gid("Warehouse", place.pk)}],
                        }
                        for line, quantity in wanted.items()
                    ],
                    "notifyCustomer": notify,
                    "allowStockToBeExceeded": True,
                    "trackingNumber": tracking,
                },
            },
        )
        (fulfillment,) = answer["fulfillments"]
        return str(fulfillment["id"])

    def cancel(self, order_id) -> None:
        self.do(CANCEL, {"id": order_id})

    def place(self, *, confirmed=True) -> str:
        Channel.objects.filter(pk=self._channel.pk).update(automatically_confirm_all_new_orders=confirmed)
        given = {
            "user": gid("User", self.customer.pk),
            "channelId": self.channel_id,
            "billingAddress": address_input(MADRID),
            "lines": [{"variantId": gid("ProductVariant", self._download().pk), "quantity": 1}],
        }
        draft = self.do(DRAFT, {"input": given})["order"]["id"]
        return str(self.do(COMPLETE, {"id": draft})["order"]["id"])

    def confirm(self, order_id) -> None:
        self.do(CONFIRM, {"id": order_id})

    def track(self, fulfillment_id, number) -> None:
        self.do(TRACK, {"id": fulfillment_id, "input": {"trackingNumber": number}})

    def cancel_fulfillment(self, fulfillment_id) -> None:
        self.do(
            CANCEL_FULFILLMENT,
            {"id": fulfillment_id, "input": {"warehouseId": gid("Warehouse", self._warehouse.pk)}},
        )

    def refund(self, order_id, amount) -> None:
        order = self.row(order_id)
        if payment := order.payments.first():
            self.do(PAYMENT_REFUND, {"id": gid("Payment", payment.pk), "amount": amount})
        else:
            token = order.payment_transactions.get().token
            self.do(TRANSACTION_REFUND, {"id": gid("TransactionItem", token), "amount": amount})

    def amend(self, order_id, *, origin, external_reference="") -> None:
        rows = Order.objects.filter(pk=self.row(order_id).pk)
        rows.update(origin=origin, external_reference=external_reference or None)

    def _download(self) -> ProductVariant:
        """Something in the channel that needs neither a shipping method nor a stock."""
        mark = self._warehouse.name
        kind, _created = ProductType.objects.get_or_create(
            slug=f"download-{mark}", defaults={"name": mark, "kind": "normal", "is_shipping_required": False}
        )
        product, created = Product.objects.get_or_create(
            slug=f"download-{mark}", defaults={"name": "Download", "product_type": kind}
        )
        if not created:
            return product.variants.get()
        variant = ProductVariant.objects.create(
            product=product, name="PDF", sku=product.slug, track_inventory=False
        )
        listed = {"channel": self._channel, "currency": self._channel.currency_code}
        product.channel_listings.create(
            **listed, is_published=True, visible_in_listings=True, available_for_purchase_at=timezone.now()
        )
        variant.channel_listings.create(**listed, price_amount=5, discounted_price_amount=5)
        return variant

    def notes(self, order_id) -> list[str]:
        rows = OrderEvent.objects.filter(order_id=self.row(order_id).pk, type="note_added").order_by("pk")
        return [row.parameters["message"] for row in rows]

    def row(self, order_id) -> Order:
        """Saleor's own row."""
        return Order.objects.get(pk=graphene.Node.from_global_id(order_id)[1])

    # -- who asks --------------------------------------------------------------------------

    def caller(self, kind) -> Caller:
        if kind == "anonymous":
            return Caller(_request(""))
        if kind == "bad_token":
            return Caller(_request("nonsense"))
        if kind.endswith("app"):
            app = App.objects.create(name="An app", is_active=True)
            if kind == "app":
                app.permissions.set(Permission.objects.filter(codename="manage_orders"))
            _row, token = AppToken.objects.create(app=app)
            return Caller(_request(token), gid("App", app.pk), name=app.name)
        user = self.customer if kind == "customer" else self.user(kind)
        request = _request(create_access_token(user))
        name = f"{user.first_name} {user.last_name}"
        return Caller(request, gid("User", user.pk), user.email, name)

    def user(self, kind) -> User:
        """A new user: "inactive", "other" (customers), "staff", "confined" or "powerless"."""
        user = self._user(f"{kind}-{uuid.uuid4().hex[:8]}@example.com")
        if kind == "inactive":
            User.objects.filter(pk=user.pk).update(is_active=False)
        elif kind != "other":
            user.is_staff = True
            user.save()
            group = rows.group(
                () if kind == "powerless" else ("manage_orders",), restricted=kind == "confined"
            )
            if kind == "confined":
                group.channels.add(self._channel)
            user.groups.add(group)
        return user

    @staticmethod
    def _user(email: str, **values: Any) -> User:
        return User.objects.create(
            email=email,
            first_name="Lucía",
            last_name="Fernández",
            is_active=True,
            is_confirmed=True,
            **values,
        )

    # -- configuration ---------------------------------------------------------------------

    def configure(self, channel_id, values, *, active=None) -> set[str]:
        answer = self.plugin_update(channel_id, values, active=active)
        return {_snake(error["field"]) for error in answer["errors"]}

    def plugin_update(self, channel_id, values, *, active=None) -> Any:
        """``pluginUpdate`` as the dashboard sends it; the payload."""
        items = [
            {"name": name, "value": str(value).lower() if isinstance(value, bool) else value}
            for name, value in values.items()
        ]
        given = {"configuration": items} | ({} if active is None else {"active": active})
        return self.ask(PLUGIN_UPDATE, {"channel": channel_id, "input": given}, self.boss)["data"][
            "pluginUpdate"
        ]

    def mails_too(self, channel_id) -> None:
        PluginConfiguration.objects.update_or_create(
            identifier=USER_EMAIL,
            channel_id=graphene.Node.from_global_id(channel_id)[1],
            defaults={"active": True, "configuration": []},
        )

    def write_mail_anew(self, channel_id, kind) -> None:
        plugin = PluginConfiguration.objects.get(
            identifier=USER_EMAIL, channel_id=graphene.Node.from_global_id(channel_id)[1]
        )
        plugin.email_templates.update_or_create(
            name=takeover.TEMPLATES[kind], defaults={"value": "<p>Anew</p>"}
        )

    def mail_app(self, name, events, *, active=True) -> None:
        app = App.objects.create(name=name, is_active=active)
        hook = Webhook.objects.create(app=app, target_url="https://app.example/hook", name=name)
        for event in events:
            hook.events.create(event_type=event)

    @contextlib.contextmanager
    def dying(self, command, *, after):
        real = executor.perform

        def perform(given):
            if not isinstance(given, command):
                return real(given)
            if after:
                real(given)
            raise Crash

        with mock.patch.object(executor, "perform", perform):
            yield

    # -- requests --------------------------------------------------------------------------

    def ask(self, document, variables=None, who=None) -> Any:
        """POST to Saleor's /graphql/ as a user (or nobody); the whole JSON answer."""
        headers = {"HTTP_AUTHORIZATION": f"Bearer {create_access_token(who)}"} if who else {}
        body = json.dumps({"query": document, "variables": variables or {}})
        answer = Client().post("/graphql/", body, content_type="application/json", **headers)
        return answer.json()

    def do(self, document, variables=None, who=None) -> Any:
        """As :meth:`ask`, as the boss, for what must succeed; the one root field."""
        answer = self.ask(document, variables, who or self.boss)
        assert "errors" not in answer, answer
        (root,) = answer["data"].values()
        assert not root.get("errors"), root
        return root


def _request(token: str) -> Any:
    headers = {"HTTP_AUTHORIZATION": f"Bearer {token}"} if token else {}
    return RequestFactory().post("/graphql/", **headers)


def _snake(name: str) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name)
