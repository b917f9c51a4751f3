"""The sandbox behind the port: reads from its tables, acts by its own GraphQL mutations."""

import contextlib
import datetime
from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager
from typing import Any

from saleor_support_plugin.actors import Actor
from saleor_support_plugin.settings import Feature, SupportSettings
from saleor_support_plugin.shop import acts, commands, switches
from saleor_support_plugin.shop.data import (
    Channel,
    FulfillmentKey,
    Goods,
    Order,
    OrderEventKey,
    OtherMails,
    Stream,
)
from saleor_support_plugin.shop.errors import NotFound, ShopRefused, ShopUnavailable
from saleor_support_plugin.shop.port import Command, Shop
from sandbox import clock, models
from sandbox.home import configuration, events, identity, ids, reader

MAIL_EVENTS = {"any_events", "notify_user", "fulfillment_created", "fulfillment_approved", "order_fulfilled"}


class Context:
    """The request of the support app itself, which acts in the shop as an app of its own."""

    def __init__(self) -> None:
        self.META: dict[str, str] = {}
        self._sandbox_caller = models.App(
            pk=0,
            name="Customer support",
            identifier="saleor.support",
            permissions=["MANAGE_ORDERS", "HANDLE_PAYMENTS"],
        )


class SandboxShop(Shop):
    """A shop on SQLite; ``trouble`` lets tests break the next act of a command."""

    def __init__(self) -> None:
        self._trouble: list[tuple[type[Any], Exception, bool]] = []

    def now(self) -> datetime.datetime:
        """See :meth:`Shop.now`; runs ahead by as much as :meth:`go_ahead` said."""
        return clock.now()

    def go_ahead(self, **time: float) -> None:
        """Move the sandbox's clock, in the words of ``timedelta``: ``go_ahead(minutes=10)``."""
        clock.go_ahead(**time)

    def trouble(self, command: type[Any], error: Exception, *, after: bool = False) -> None:
        """Raise ``error`` when the next ``command`` is carried out: before it, or after its work."""
        self._trouble.append((command, error, after))

    def reset(self) -> None:
        """Forget troubles that never happened, and put the clock right."""
        self._trouble.clear()
        clock.reset()

    def identify(self, who: Any) -> Actor:
        """See :meth:`Shop.identify`."""
        return identity.actor(identity.known(who) if isinstance(who, Actor) else identity.caller(who))

    def settings(self, channel_id: str) -> SupportSettings:
        """See :meth:`Shop.settings`."""
        key = ids.key(channel_id, "Channel")
        rows = models.Channel.objects.select_related("support_config").filter(pk=key)
        # What is no id is not asked about: no database holds just any text.
        row = rows.annotate(switched=switches.moments(channel_id)).first() if key is not None else None
        if row is None:
            raise NotFound("There is no such channel.")
        return configuration.parsed(row, getattr(row, "support_config", None), row.switched)

    def is_on(self, channel_id: str, feature: Feature) -> bool:
        """See :meth:`Shop.is_on`."""
        rows = models.Config.objects.filter(switches.is_switched(channel_id, feature), is_active=True)
        row = rows.filter(channel_id=ids.key(channel_id, "Channel")).first()
        return row is not None and row.values.get(feature) is True

    def channels(self) -> Mapping[str, Channel]:
        """See :meth:`Shop.channels`."""
        return {ids.of(row): reader.channel(row) for row in models.Channel.objects.order_by("pk")}

    def order_email(self, order_id: str) -> str:
        """See :meth:`Shop.order_email`."""
        rows = models.Order.objects.exclude(status="draft").select_related("user")
        row = rows.filter(pk=ids.key(order_id, "Order")).first()
        if row is None:
            raise NotFound("There is no such order.")
        return reader.email(row)

    def orders(self, order_ids: Iterable[str]) -> Mapping[str, Order]:
        """See :meth:`Shop.orders`."""
        keys = {key for one in order_ids if (key := ids.key(one, "Order"))}
        return {ids.of(row): reader.order(row) for row in reader.orders().filter(pk__in=keys)} if keys else {}

    def lock_order(self, order_id: str) -> Order:
        """See :meth:`Shop.lock_order`; SQLite's transactions lock the whole database at once."""
        return self.order(order_id)

    def find_order(self, channel: str, number: str, email: str) -> Order:
        """See :meth:`Shop.find_order`."""
        text = number.strip()
        if not (text.isascii() and text.isdecimal() and len(text) < 19 and email.strip()):
            return _found(None)
        rows = reader.orders().filter(number=int(text), channel__slug=channel)
        row = next((one for one in rows if reader.email(one).lower() == email.strip().lower()), None)
        return _found(row)

    def goods(self, ids: Iterable[str]) -> Mapping[str, Goods]:
        """See :meth:`Shop.goods`."""
        return reader.goods(ids)

    def fulfillments_after(self, sequence: int, limit: int) -> list[FulfillmentKey]:
        """See :meth:`Shop.fulfillments_after`."""
        rows = models.Fulfillment.objects.filter(pk__gt=sequence).order_by("pk")
        return reader.fulfillment_keys(rows[:limit])

    def fulfillments(self, fulfillment_ids: Iterable[str]) -> list[FulfillmentKey]:
        """See :meth:`Shop.fulfillments`."""
        keys = [key for one in fulfillment_ids if (key := ids.key(one, "Fulfillment")) is not None]
        return reader.fulfillment_keys(models.Fulfillment.objects.filter(pk__in=keys).order_by("pk"))

    def order_events_after(
        self, sequence: int, limit: int, stream: Stream = Stream.ORDER_EVENTS
    ) -> list[OrderEventKey]:
        """See :meth:`Shop.order_events_after`."""
        return events.after(sequence, limit, stream)

    def last_sequence(self, stream: Stream) -> int:
        """See :meth:`Shop.last_sequence`."""
        return events.last_sequence(stream)

    def other_mails(self, channel_id: str) -> OtherMails:
        """See :meth:`Shop.other_mails`; the sandbox's apps hear of every channel."""
        mails = models.ShopMail.objects.filter(channel=ids.key(channel_id, "Channel"), is_blank=False)
        kinds = set(mails.values_list("kind", flat=True))
        if "order_shipped" in kinds:  # one template for both
            kinds.add("order_partly_shipped")
        apps = models.App.objects.filter(is_active=True).exclude(identifier=events.OURS).order_by("name")
        hearing = tuple(row.name for row in apps if MAIL_EVENTS & set(row.hears))
        return OtherMails(kinds=frozenset(kinds), apps=hearing)

    def act(self, command: Command, reference: str) -> Any:
        """See :meth:`Shop.act`."""
        return acts.once(command, reference, self._perform)

    def writing(self) -> AbstractContextManager[None]:
        """See :meth:`Shop.writing`; the sandbox has one database."""
        return contextlib.nullcontext()

    def _perform(self, command: Any) -> Any:
        trouble = next((one for one in self._trouble if isinstance(command, one[0])), None)
        if trouble is not None:
            self._trouble.remove(trouble)
            if not trouble[2]:
                raise trouble[1]
        _guard(command)
        result = commands.run(command, execute, knows)
        if trouble is not None:
            raise trouble[1]
        return result


def execute(document: str, variables: Mapping[str, Any]) -> Mapping[str, Any]:
    """Run a GraphQL document against the sandbox's own schema, as the support app's app.

    Raises:
        ShopRefused: the document or its variables do not fit the schema.
        ShopUnavailable: a resolver broke.
    """
    from sandbox.home.schema import schema

    answer = schema().execute(document, variable_values=dict(variables), context_value=Context())
    if answer.errors:
        error = answer.errors[0]
        cause = getattr(error, "original_error", None)
        if cause is not None:
            raise ShopUnavailable(str(cause)) from cause
        raise ShopRefused(str(error), shop_code="GRAPHQL_ERROR")
    return dict(answer.data)


def knows(kind: str, field: str) -> bool:
    """Whether an input type of the sandbox's schema has the field."""
    from sandbox.home.schema import schema

    found = schema().get_type(kind)
    return found is not None and field in found.fields


def _guard(command: Any) -> None:
    """What Saleor does not check, checked as every home must; the sandbox's mutations are as lax."""
    if isinstance(command, commands.ChangeShippingAddress):
        row = models.Order.objects.filter(pk=ids.key(command.order_id, "Order")).first()
        if row and row.status in ("draft", "canceled", "expired"):
            raise ShopRefused("The order can't change any more.", field="id", shop_code="INVALID")
        if row and row.lines.filter(quantity_fulfilled__gt=0).exists():
            raise ShopRefused("The order has left, at least in part.", field="id", shop_code="INVALID")
    elif isinstance(command, commands.ChangeTrackingNumber):
        _guard_tracking(command)
    elif isinstance(command, commands.ReturnGoods):
        lines = dict(command.lines)
        if not lines or len(lines) != len(command.lines):
            text = "Name each fulfilment line once."
            raise ShopRefused(text, field="fulfillmentLines", shop_code="INVALID")
        if any(quantity < 1 for quantity in lines.values()):
            raise ShopRefused(
                "The quantity must be at least 1.", field="quantity", shop_code="INVALID_QUANTITY"
            )
        keys = [ids.key(line_id, "FulfillmentLine") for line_id in lines]
        if models.FulfillmentLine.objects.filter(
            pk__in=keys, fulfillment__status="waiting_for_approval"
        ).exists():
            text = "These goods have not been delivered."
            raise ShopRefused(text, field="fulfillmentLineId", shop_code="INVALID")


def _guard_tracking(command: commands.ChangeTrackingNumber) -> None:
    if not models.Fulfillment.objects.filter(pk=ids.key(command.fulfillment_id, "Fulfillment")).exists():
        raise ShopRefused("There is no such fulfillment.", field="id", shop_code="NOT_FOUND")
    if len(command.tracking_number) > commands.LONGEST_NUMBER or "\0" in command.tracking_number:
        raise ShopRefused("That is not a tracking number.", field="trackingNumber", shop_code="INVALID")


def _found(row: models.Order | None) -> Order:
    if row is None:
        raise NotFound("There is no such order.")
    return reader.order(row)


SHOP = SandboxShop()
