"""The plugin as Saleor loads it: the dashboard's configuration page, and the hooks."""

import logging
from collections.abc import Mapping
from typing import Any

import saleor.plugins.base_plugin as base
from django.core.exceptions import ValidationError
from django.db import transaction
from saleor.core.db.connection import allow_writer

from saleor_support_plugin import jobs
from saleor_support_plugin.reports import options, summary
from saleor_support_plugin.returns import queries as returns
from saleor_support_plugin.settings import FIELDS, Feature, Overlap, parse
from saleor_support_plugin.shop import switches
from saleor_support_plugin.shop.current import get_shop
from saleor_support_plugin.shop.data import Channel
from saleor_support_plugin.shop.saleor import executor, takeover
from saleor_support_plugin.shop.saleor.ids import global_id
from saleor_support_plugin.shop.saleor.shop import PLUGIN_ID, values_of
from saleor_support_plugin.tracking import handover
from saleor_support_plugin.tracking import service as tracking
from saleor_support_plugin.webhooks import router

logger = logging.getLogger(__name__)

STATUS = "status"
NEVER_SAVED, SAVED = "", "saved"
ABOUT_PARCELS = (Feature.NOTIFICATIONS, Feature.TRACKING)  # the features that need to know what happens


class SupportPlugin(base.BasePlugin):
    """Customer support after the order, configured per channel; every feature is off at first."""

    PLUGIN_ID = PLUGIN_ID
    PLUGIN_NAME = "Customer support"
    PLUGIN_DESCRIPTION = (
        "Tells customers about their parcels, lets them return goods and correct addresses by themselves, "
        "and keeps every conversation with the order it is about."
    )
    CONFIGURATION_PER_CHANNEL = True
    DEFAULT_ACTIVE = True  # the dashboard lists only active plugins; each feature has its own switch
    DEFAULT_CONFIGURATION = [
        *({"name": str(field.name), "value": field.default} for field in FIELDS),
        {"name": STATUS, "value": NEVER_SAVED},
    ]
    CONFIG_STRUCTURE = {
        **{
            str(field.name): {"type": field.kind.value, "help_text": field.help_text, "label": field.label}
            for field in FIELDS
        },
        STATUS: {
            "type": base.ConfigurationTypeField.OUTPUT,
            "help_text": "What works, and what is still missing.",
            "label": "Status",
        },
    }

    @classmethod
    def validate_plugin_configuration(cls, plugin_configuration: Any, **kwargs: Any) -> None:
        """Refuse values that can't be used.

        Raises:
            ValidationError: for each bad option a sentence that says what is right.
        """
        problems = options.problems(values_of(plugin_configuration.configuration))
        if problems:
            raise ValidationError(
                {name or STATUS: ValidationError(text, code="invalid") for name, text in problems.items()}
            )

    @classmethod
    def save_plugin_configuration(cls, plugin_configuration: Any, cleaned_data: Mapping[str, Any]) -> Any:
        """Save, remember what was switched on when, and take Saleor's mails over or give them back."""
        first = values_of(plugin_configuration.configuration).get(STATUS) == NEVER_SAVED
        if first and "active" not in cleaned_data:  # Saleor makes the row, and makes it inactive
            cleaned_data = {**cleaned_data, "active": cls.DEFAULT_ACTIVE}
        with allow_writer():
            handover.before(now=get_shop().now())
        try:
            with allow_writer(), transaction.atomic():
                saved = super().save_plugin_configuration(plugin_configuration, cleaned_data)
                cls._follow(saved)
        except ValidationError:
            if first:  # else the row that Saleor made would switch the plugin off and hide it
                plugin_configuration.delete()
            raise
        return saved

    @classmethod
    def pre_save_plugin_configuration(cls, plugin_configuration: Any) -> None:
        """Mark the row as saved with valid values; what is shown is :func:`status`."""
        for item in plugin_configuration.configuration:
            if item["name"] == STATUS:
                item["value"] = SAVED

    @staticmethod
    def _follow(saved: Any) -> None:
        channel_id = global_id("Channel", saved.channel_id)
        values = values_of(saved.configuration)
        on = {feature for feature in Feature if saved.active and values.get(feature) is True}
        read = parse(values, channel_id=channel_id, channel="", since={})
        kinds = read.kinds_on if saved.active else ()
        switches.record(channel_id, on, get_shop().now(), kinds=kinds)
        taken = Feature.NOTIFICATIONS in on and read.overlap is Overlap.TAKE_OVER
        takeover.apply(channel_id, taken=taken)
        for app in executor.our_apps():
            executor.grant(app)

    def resolve_plugin_configuration(self, request: Any) -> Any:
        """What the dashboard shows: the stored values, and the status as it is now."""
        for item in self.configuration:
            if item["name"] == STATUS:
                item["value"] = self._status()
        return self.configuration

    def webhook(self, request: Any, path: str, previous_value: Any) -> Any:
        """The channel's pages and webhooks, below the address that ``settings.plugin_url`` names."""
        channel_id = global_id("Channel", self.channel.pk) if self.channel else ""
        return router.handle(request, channel_id=channel_id, path=path or "")

    def _status(self) -> str:
        if not self.active:
            return "The plugin is off in this channel: nothing happens."
        channel = self.channel
        if channel is None:
            return ""
        known = Channel(global_id("Channel", channel.pk), channel.slug, channel.name, channel.currency_code)
        try:
            with allow_writer():
                return summary.of(known)
        except Exception:  # the page must open, for it is where whatever is wrong is put right
            logger.exception("The status of channel %s can't be told.", channel.slug)
            return "The status can't be told at this moment; the server's log says why."

    def fulfillment_created(self, row: Any, *args: Any, previous_value: Any = None, **kwargs: Any) -> Any:
        """A parcel leaves: now, or once it was approved (Saleor fires this hook then, too). Never raises."""
        self._shipped(row, args, kwargs)
        return previous_value

    def order_created(self, row: Any, *args: Any, previous_value: Any = None, **kwargs: Any) -> Any:
        """An order was placed: a nudge to read what happened. No query; never raises."""
        self._nudge()
        return previous_value

    def order_confirmed(self, row: Any, *args: Any, previous_value: Any = None, **kwargs: Any) -> Any:
        """An order was confirmed; as :meth:`order_created`."""
        self._nudge()
        return previous_value

    def order_cancelled(self, row: Any, *args: Any, previous_value: Any = None, **kwargs: Any) -> Any:
        """An order was cancelled; as :meth:`order_created`."""
        self._nudge()
        return previous_value

    def order_refunded(self, row: Any, *args: Any, previous_value: Any = None, **kwargs: Any) -> Any:
        """Money went back; as :meth:`order_created`, and as :meth:`order_updated`."""
        self._nudge()
        self._changed(row)
        return previous_value

    def order_updated(self, row: Any, *args: Any, previous_value: Any = None, **kwargs: Any) -> Any:
        """Something about an order changed: perhaps its goods came back, for which Saleor has no hook of
        its own. A nudge to hold its open returns against it. One query; never raises."""
        self._changed(row)
        return previous_value

    def fulfillment_canceled(self, row: Any, *args: Any, previous_value: Any = None, **kwargs: Any) -> Any:
        """A shipment was cancelled; as :meth:`order_created`."""
        self._nudge()
        return previous_value

    def _listens(self) -> bool:
        values = values_of(self.configuration)
        return any(values.get(feature) is True for feature in ABOUT_PARCELS)

    def _nudge(self) -> None:
        try:
            if self._listens():
                jobs.later("read_orders")
        except Exception:  # the shop's mutation and other plugins must not suffer
            logger.exception("What happened to an order was not noted; the next sweep will find it.")

    def _changed(self, order: Any) -> None:
        try:
            if values_of(self.configuration).get(Feature.RETURNS) is not True:
                return
            with allow_writer(), transaction.atomic():
                is_open = returns.is_open(global_id("Order", order.pk))
            if is_open:
                jobs.later("reconcile_returns")
        except Exception:  # the shop's mutation and other plugins must not suffer
            logger.exception("Returns were not held against what changed; the next sweep does it.")

    def _shipped(self, fulfillment: Any, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> None:
        try:
            if not self._listens():
                return
            notify = kwargs.get("notify_customer", args[0] if args else None)
            with allow_writer(), transaction.atomic():
                tracking.shipped(
                    fulfillment_id=global_id("Fulfillment", fulfillment.pk),
                    order_id=global_id("Order", fulfillment.order_id),
                    notify=None if notify is None else bool(notify),
                    now=get_shop().now(),
                )
        except Exception:  # the shop's mutation and other plugins must not suffer
            logger.exception("A parcel was not noted when it left; the next sweep will find it.")
