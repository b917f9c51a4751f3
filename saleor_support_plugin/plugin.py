"""The plugin as Saleor loads it: the dashboard's configuration page, and the hooks."""

import logging
from collections.abc import Mapping
from typing import Any

import saleor.plugins.base_plugin as base
from django.conf import settings as django_settings
from django.core.exceptions import ValidationError
from django.db import transaction
from saleor.core.db.connection import allow_writer

from saleor_support_plugin.errors import Errors
from saleor_support_plugin.settings import (
    BY_NAME,
    FIELDS,
    Feature,
    FieldKind,
    Overlap,
    SupportSettings,
    parse,
)
from saleor_support_plugin.shop import switches
from saleor_support_plugin.shop.current import get_shop
from saleor_support_plugin.shop.saleor import executor, takeover
from saleor_support_plugin.shop.saleor.ids import global_id
from saleor_support_plugin.shop.saleor.shop import PLUGIN_ID, values_of
from saleor_support_plugin.sla.calendar import Calendar
from saleor_support_plugin.tracking import service as tracking
from saleor_support_plugin.webhooks import router

logger = logging.getLogger(__name__)

STATUS = "status"
NEVER_SAVED, SAVED = "", "saved"
UNSET_SENDER = "noreply@example.com"  # what Saleor falls back to when nobody configured a sender


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
        problems = find_problems(values_of(plugin_configuration.configuration))
        if problems:
            raise ValidationError(
                {name: ValidationError(message, code="invalid") for name, message in problems.items()}
            )

    @classmethod
    def save_plugin_configuration(cls, plugin_configuration: Any, cleaned_data: Mapping[str, Any]) -> Any:
        """Save, remember what was switched on when, and take Saleor's mails over or give them back."""
        first = values_of(plugin_configuration.configuration).get(STATUS) == NEVER_SAVED
        if first and "active" not in cleaned_data:  # Saleor makes the row, and makes it inactive
            cleaned_data = {**cleaned_data, "active": cls.DEFAULT_ACTIVE}
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
        switches.record(channel_id, on, get_shop().now())
        taken = Feature.NOTIFICATIONS in on and _read(values).overlap is Overlap.TAKE_OVER
        takeover.apply(channel_id, taken=taken)
        for app in executor.our_apps():
            executor.grant(app)

    def resolve_plugin_configuration(self, request: Any) -> Any:
        """What the dashboard shows: the stored values, and the status as it is now."""
        for item in self.configuration:
            if item["name"] == STATUS:
                item["value"] = status(values_of(self.configuration), active=self.active)
        return self.configuration

    def webhook(self, request: Any, path: str, previous_value: Any) -> Any:
        """The channel's pages and webhooks, below the address that ``settings.plugin_url`` names."""
        channel_id = global_id("Channel", self.channel.pk) if self.channel else ""
        return router.handle(request, channel_id=channel_id, path=path or "")

    def fulfillment_created(self, row: Any, *args: Any, previous_value: Any = None, **kwargs: Any) -> Any:
        """A parcel leaves: now, or once it was approved (Saleor fires this hook then, too). Never raises."""
        self._shipped(row, args, kwargs)
        return previous_value

    def _shipped(self, fulfillment: Any, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> None:
        try:
            if values_of(self.configuration).get(Feature.NOTIFICATIONS) is not True:
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


def find_problems(values: Mapping[str, Any]) -> dict[str, str]:
    """What is wrong with raw configuration values: option → a sentence that says what is right."""
    try:
        read = _read(values)
    except Errors as errors:
        return {error.field or STATUS: error.message for error in errors.errors}
    problems = {}
    usual = str(BY_NAME["business_hours"].default)
    for name, hours, holidays in (
        ("business_hours", read.business_hours, ""),
        ("holidays", usual, read.holidays),
    ):
        try:
            Calendar.from_text(read.time_zone, hours, holidays)
        except ValueError as error:
            problems[name] = str(error)
    return problems


def status(values: Mapping[str, Any], *, active: bool) -> str:
    """What works and what is missing, from the configuration alone; holds nothing secret."""
    switches_on = (field for field in FIELDS if values.get(field.name) is True)
    on = [field.label for field in switches_on if field.kind is FieldKind.SWITCH]
    if not active:
        return "The plugin is off in this channel: nothing happens."
    if not on:
        return "Nothing is switched on yet."
    lines = [f"On: {', '.join(on)}."]
    sender = values.get("sender_address") or getattr(django_settings, "DEFAULT_FROM_EMAIL", "")
    if not sender or UNSET_SENDER in sender:
        lines.append("Missing: a sender address, or the server's DEFAULT_FROM_EMAIL.")
    if not values.get("email_url") and not getattr(django_settings, "EMAIL_BACKEND", ""):
        lines.append("Missing: a mail server, or the server's EMAIL_URL.")
    if values.get(Feature.GUEST_ACCESS) is True and not values.get("guest_url"):
        lines.append("Missing: the guest page of your storefront. Without it no guest gets a link.")
    if not values.get("order_url"):
        lines.append("Missing: the order page of your storefront. Without it mails to members have no link.")
    if values.get(Feature.NOTIFICATIONS) is True and values.get("overlap") != Overlap.TAKE_OVER.value:
        lines.append("Where Saleor's own e-mail plugin tells of a parcel, our mail is skipped.")
    return "\n".join(lines)


def _read(values: Mapping[str, Any]) -> SupportSettings:
    return parse(values, channel_id="", channel="", since={})
