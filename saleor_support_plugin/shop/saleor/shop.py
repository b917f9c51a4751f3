"""Saleor behind the port: the one instance that ``shop.current.get_shop()`` hands out."""

import functools
import logging
import urllib.parse
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager
from typing import Any, ParamSpec, TypeVar

from saleor.channel.models import Channel as ChannelRow
from saleor.core.db.connection import allow_writer
from saleor.core.utils import build_absolute_uri
from saleor.plugins.models import PluginConfiguration

from saleor_support_plugin.actors import Actor
from saleor_support_plugin.errors import Errors
from saleor_support_plugin.settings import Feature, SupportSettings, parse
from saleor_support_plugin.shop import acts, switches
from saleor_support_plugin.shop.data import (
    Channel,
    FulfillmentKey,
    Goods,
    Order,
    OrderEventKey,
    OtherMails,
    Stream,
)
from saleor_support_plugin.shop.errors import NotFound
from saleor_support_plugin.shop.port import Command, Shop
from saleor_support_plugin.shop.saleor import events, executor, goods, identity, reader, takeover
from saleor_support_plugin.shop.saleor.ids import integer_key, missing

logger = logging.getLogger(__name__)

PLUGIN_ID = "saleor.support"

Given = ParamSpec("Given")
Result = TypeVar("Result")


def primary(function: Callable[Given, Result]) -> Callable[Given, Result]:
    """Allow the primary database while ``function`` runs: Saleor asks for it to be said."""

    @functools.wraps(function)
    def run(*args: Given.args, **kwargs: Given.kwargs) -> Result:
        with allow_writer():
            return function(*args, **kwargs)

    return run


class SaleorShop(Shop):
    """The Saleor that we are installed in; see :class:`Shop` for what each method promises."""

    @primary
    def identify(self, who: Any) -> Actor:
        return identity.again(who) if isinstance(who, Actor) else identity.identify(who)

    @primary
    def settings(self, channel_id: str) -> SupportSettings:
        key = integer_key("Channel", channel_id, "channel")
        rows = PluginConfiguration.objects.select_related("channel")
        rows = rows.annotate(support_switched=switches.moments(channel_id))
        row = rows.filter(identifier=PLUGIN_ID, channel_id=key).first()
        channel = row.channel if row else ChannelRow.objects.filter(pk=key).first()
        if channel is None:
            raise missing("channel")
        slug = channel.slug
        known = {"channel_id": channel_id, "channel": slug, "plugin_url": plugin_url(slug)}
        if row is None or not row.active:
            return parse_stored(values_of(row.configuration) if row else {}, since={}, **known)
        since, kinds_since = switches.both(row.support_switched)
        return parse_stored(values_of(row.configuration), since=since, kinds_since=kinds_since, **known)

    @primary
    def is_on(self, channel_id: str, feature: Feature) -> bool:
        try:
            key = integer_key("Channel", channel_id, "channel")
        except NotFound:
            return False
        switched = switches.is_switched(channel_id, feature)
        rows = PluginConfiguration.objects.filter(switched, identifier=PLUGIN_ID, channel_id=key, active=True)
        row = rows.first()
        return row is not None and values_of(row.configuration).get(feature) is True

    @primary
    def channels(self) -> Mapping[str, Channel]:
        return reader.channels()

    @primary
    def order_email(self, order_id: str) -> str:
        return reader.order_email(order_id)

    @primary
    def orders(self, order_ids: Iterable[str]) -> Mapping[str, Order]:
        return reader.orders(order_ids)

    @primary
    def lock_order(self, order_id: str) -> Order:
        return reader.lock_order(order_id)

    @primary
    def find_order(self, channel: str, number: str, email: str) -> Order:
        return reader.find_order(channel, number, email)

    @primary
    def goods(self, ids: Iterable[str]) -> Mapping[str, Goods]:
        return goods.goods(ids)

    @primary
    def fulfillments_after(self, sequence: int, limit: int) -> list[FulfillmentKey]:
        return reader.fulfillments_after(sequence, limit)

    @primary
    def fulfillments(self, fulfillment_ids: Iterable[str]) -> list[FulfillmentKey]:
        return reader.fulfillments(fulfillment_ids)

    @primary
    def order_events_after(
        self, sequence: int, limit: int, stream: Stream = Stream.ORDER_EVENTS
    ) -> list[OrderEventKey]:
        return events.after(sequence, limit, stream)

    @primary
    def last_sequence(self, stream: Stream) -> int:
        return events.last_sequence(stream)

    @primary
    def other_mails(self, channel_id: str) -> OtherMails:
        return OtherMails(kinds=takeover.mailed(channel_id), apps=takeover.mail_apps(channel_id))

    @primary
    def act(self, command: Command, reference: str) -> Any:
        return acts.once(command, reference, executor.perform)

    def writing(self) -> AbstractContextManager[None]:
        writer: AbstractContextManager[None] = allow_writer()
        return writer


def plugin_url(slug: str) -> str:
    """Where the plugin's pages and webhooks of a channel are reached; ends with a slash."""
    # Written out: to reverse it, workers would have to build Saleor's whole GraphQL schema.
    return str(build_absolute_uri(f"/plugins/channel/{urllib.parse.quote(slug)}/{PLUGIN_ID}/"))


def values_of(configuration: Any) -> dict[str, Any]:
    """The values by name of a plugin's configuration as Saleor stores it."""
    if not isinstance(configuration, list):
        return {}
    items = (item for item in configuration if isinstance(item, dict) and "name" in item)
    return {item["name"]: item.get("value") for item in items}


def parse_stored(values: Mapping[str, Any], **known: Any) -> SupportSettings:
    """Settings that were valid when they were saved; should they no longer be, everything is off.

    ``known`` is what :func:`parse` takes besides the values.
    """
    try:
        return parse(values, **known)
    except Errors as error:
        logger.error(
            "The plugin's configuration of channel %s is not valid, so everything is off there: %s",
            known["channel"],
            "; ".join(one.message for one in error.errors),
        )
        return parse({}, **{**known, "since": {}, "kinds_since": {}})


SHOP = SaleorShop()
