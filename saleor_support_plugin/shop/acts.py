"""Acts on the shop happen at most once: the row that remembers each, and the protocol around it."""

from collections.abc import Callable
from typing import Any

from django.db import IntegrityError, models, transaction
from django.utils import timezone

from saleor_support_plugin.shop import codec
from saleor_support_plugin.shop.errors import OutcomeUnknown, ShopRefused
from saleor_support_plugin.shop.port import Command


class ActState(models.TextChoices):
    """How far an act has come."""

    STARTED = "started"  # a gateway may have been called; committed before the call
    DONE = "done"  # the shop did it; the result is stored
    REFUSED = "refused"  # the shop said no; may be tried again with a new reference


class ShopAct(models.Model):
    """One act on the shop under our reference, which Saleor's mutations have no room for."""

    reference = models.CharField(max_length=200, unique=True)
    command = models.CharField(max_length=100)
    state = models.CharField(max_length=20, choices=ActState.choices)
    result = models.JSONField(default=dict)
    message = models.TextField(default="", blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        app_label = "saleor_support_plugin"
        indexes = [
            models.Index(
                fields=["created_at"], condition=models.Q(command="AddNote"), name="support_act_note_age"
            )
        ]


def once(command: Command, reference: str, perform: Callable[[Command], Any]) -> Any:
    """Run ``perform(command)`` at most once for ``reference``; see :meth:`Shop.act` for the promise."""
    return (
        _with_gateway(command, reference, perform)
        if command.gateway
        else _atomic(command, reference, perform)
    )


def state(reference: str) -> ActState | None:
    """How far the act with this reference has come; None when it was never begun."""
    found = ShopAct.objects.filter(reference=reference).values_list("state", flat=True).first()
    return None if found is None else ActState(found)


def settle_unknown(reference: str, result: Any) -> None:
    """Store what reading back from the shop found for an act that was started and never answered."""
    ShopAct.objects.filter(reference=reference, state=ActState.STARTED).update(
        state=ActState.DONE, result=codec.dump(result)
    )


def _atomic(command: Command, reference: str, perform: Callable[[Command], Any]) -> Any:
    with transaction.atomic():
        try:
            with transaction.atomic():
                row = ShopAct.objects.create(
                    reference=reference, command=type(command).__name__, state=ActState.DONE
                )
        except IntegrityError:  # somebody was first; their transaction has ended
            return codec.load(ShopAct.objects.get(reference=reference).result)
        result = perform(command)
        row.result = codec.dump(result)
        row.save(update_fields=["result"])
        return result


def _with_gateway(command: Command, reference: str, perform: Callable[[Command], Any]) -> Any:
    with transaction.atomic(durable=True):
        row, created = ShopAct.objects.get_or_create(
            reference=reference,
            defaults={"command": type(command).__name__, "state": ActState.STARTED},
        )
    if not created:
        return _earlier(row)
    try:
        result = perform(command)
    except ShopRefused as refusal:
        ShopAct.objects.filter(pk=row.pk).update(state=ActState.REFUSED, message=refusal.message)
        raise
    ShopAct.objects.filter(pk=row.pk).update(state=ActState.DONE, result=codec.dump(result))
    return result


def _earlier(row: ShopAct) -> Any:
    if row.state == ActState.DONE:
        return codec.load(row.result)
    if row.state == ActState.REFUSED:
        raise ShopRefused(row.message)
    raise OutcomeUnknown(f"{row.command} was started and its outcome is not known.")
