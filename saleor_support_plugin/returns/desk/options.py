"""The options of returns in a channel that are no line of the plugin's page."""

import datetime
import logging
from collections.abc import Mapping
from typing import Any

from django.db import transaction

from saleor_support_plugin import scopes
from saleor_support_plugin.actors import Actor
from saleor_support_plugin.errors import Code, Errors, Invalid, SupportError
from saleor_support_plugin.history import service as history
from saleor_support_plugin.returns.labels import registry
from saleor_support_plugin.returns.models import ReturnOptions
from saleor_support_plugin.returns.policy import ReturnSettings, codec, validation

logger = logging.getLogger(__name__)


def load(channel_id: str) -> ReturnSettings:
    """The channel's options (global id) in one query; what nobody decided is as it is by default."""
    values = ReturnOptions.objects.filter(channel_id=channel_id).values_list("values", flat=True).first()
    return parse(values, channel_id)


def parse(values: Mapping[str, Any] | None, channel_id: str) -> ReturnSettings:
    """Stored options; None: nobody decided anything. What can't be read is reported to the log."""
    try:
        return codec.load(ReturnSettings, values or {})
    except SupportError:
        logger.exception("The options of returns in %s can't be read; the defaults hold.", channel_id)
        return ReturnSettings()


def update(
    *, actor: Actor, channel_id: str, values: Mapping[str, Any], now: datetime.datetime
) -> ReturnSettings:
    """Change a channel's options; ``values`` holds those that change, by the names of
    ``policy.ReturnSettings`` (``risk`` is changed by its parts, too).

    Raises:
        NotThere: no such channel among the actor's (field ``channelId``).
        Invalid: no channel was named (REQUIRED).
        Errors: everything that is wrong with the values.
    """
    if not channel_id:
        raise Invalid("Name the channel.", field="channelId", code=Code.REQUIRED)
    scopes.check(actor, channel_id, purpose="that these options are for")
    with transaction.atomic():
        row, _created = ReturnOptions.objects.select_for_update().get_or_create(
            channel_id=channel_id, defaults={"updated_at": now}
        )
        before = codec.dump(load(channel_id))
        whole = {**before, **values}
        if isinstance(values.get("risk"), Mapping):
            whole["risk"] = {**before.get("risk", {}), **values["risk"]}
        found = validation.options(whole)
        if found.label_maker != before.get("label_maker", ""):
            _check_maker(found.label_maker)
        after = codec.dump(found)
        row.values = after
        row.updated_at = now
        row.save(update_fields=["values", "updated_at"])
        changed = sorted(name for name in {*before, *after} if before.get(name) != after.get(name))
        history.record(
            actor=actor,
            verb="return_options_updated",
            subject=f"return_options:{row.pk}",
            at=now,
            before={name: before.get(name) for name in changed},
            after={name: after.get(name) for name in changed},
        )
    return found


def _check_maker(name: str) -> None:
    if name and registry.find(name) is None:
        there = ", ".join(sorted(registry.known())) or "none"
        message = f"There is no label maker of this name. There are: {there}."
        raise Errors([Invalid(message, field="labelMaker")])
