"""Whether a return needs a label from a carrier, and that it gets at most one by itself."""

import datetime

from django.db.models import QuerySet

from saleor_support_plugin import jobs
from saleor_support_plugin.actors import SYSTEM
from saleor_support_plugin.history import service as history
from saleor_support_plugin.returns.axes import Authorisation, Logistics, ShipmentState
from saleor_support_plugin.returns.models import LABEL_OPEN, LabelState, Return, ReturnLabel, ReturnShipment
from saleor_support_plugin.returns.policy import ReturnSettings, Terms, WhoPays
from saleor_support_plugin.states import move
from saleor_support_plugin.worklist import service as worklist
from saleor_support_plugin.worklist.models import TaskKind

MESSAGE = 500
FOLLOWING = (*LABEL_OPEN, LabelState.BY_HAND)  # a carrier is asked for it, or a person sees to it


def plan(row: Return, settings: ReturnSettings, terms: Terms, now: datetime.datetime) -> None:
    """Write down, in the approval's transaction, that a carrier shall make the label; a job asks it.

    Whoever was asked for a label of this return before is not asked again: one that was approved once more
    goes to a person, since the label that exists may be void or may not.
    """
    if not settings.label_maker or row.send_by is None or not is_wanted(row):
        return
    if terms.who_pays is not WhoPays.SHOP and not settings.label_always:
        return
    label, is_new = ReturnLabel.objects.get_or_create(
        parent=row,
        defaults={"maker": settings.label_maker, "next_try_at": now, "created_at": now},
    )
    if not is_new and label.state == LabelState.DROPPED:
        move(label, LabelState.WAITING, maker=settings.label_maker, next_try_at=now)
    elif not is_new and label.state not in LABEL_OPEN:
        message = "The return was approved once more after a label was asked for."
        by_hand(row, label, message, now)
        return
    jobs.later("make_return_label", label.pk)


def is_wanted(row: Return) -> bool:
    """Whether the goods of this return have to come, and nobody gave the customer a label yet."""
    return awaits_goods(row) and not has_label(row)


def awaits_goods(row: Return) -> bool:
    """Whether the goods of this return have to come, and did not leave yet as far as anybody knows."""
    return (
        row.authorisation == Authorisation.APPROVED
        and row.closed_at is None
        and row.logistics == Logistics.AWAITING
    )


def has_label(row: Return) -> bool:
    """Whether the customer has a label that counts."""
    return labelled(row.shipments.all()).exists()


def labelled(shipments: QuerySet[ReturnShipment]) -> QuerySet[ReturnShipment]:
    """Of these parcels, those for which the customer has a label that counts."""
    return shipments.exclude(state=ShipmentState.CANCELED).exclude(label_url="", label_id=None)


def is_coming(label: ReturnLabel, row: Return, *, labelled: bool) -> bool:
    """Whether the customer of this return may wait for the label; ``labelled``: they have one already."""
    return label.state in FOLLOWING and not labelled and awaits_goods(row)


def follows(row: Return) -> bool:
    """Whether the customer may wait for a label: a carrier is asked for it, or a person sees to it."""
    return not has_label(row) and ReturnLabel.objects.filter(parent=row, state__in=FOLLOWING).exists()


def by_hand(row: Return, label: ReturnLabel, message: str, now: datetime.datetime) -> None:
    """Give it to a person, in the caller's transaction; ``message`` says why."""
    message = " ".join(message.replace("\x00", "").split())[:MESSAGE]
    before = label.state
    if before == LabelState.BY_HAND:
        ReturnLabel.objects.filter(pk=label.pk).update(message=message, next_try_at=None)
    else:
        move(label, LabelState.BY_HAND, message=message, next_try_at=None)
    need = "Attach a label" if is_wanted(row) else "If the carrier made a label, cancel it there"
    worklist.open_task(
        kind=TaskKind.RETURN_LABEL,
        key=task_key(row),
        subject=row.subject,
        order_id=row.order_id,
        channel_id=row.channel_id,
        at=now,
        summary=f"Return {row.number}: {need}. {message}",
    )
    row.updated_at = now
    Return.objects.filter(pk=row.pk).update(updated_at=now)
    history.record(
        actor=SYSTEM,
        verb="return_label_by_hand",
        subject=row.subject,
        at=now,
        order_id=row.order_id,
        before={"label": before},
        after={"label": LabelState.BY_HAND, "message": message},
    )


def task_key(row: Return) -> str:
    """Of the task for a label: one for each approval."""
    approved = int(row.decided_at.timestamp()) if row.decided_at else 0
    return f"{row.subject}:label:{approved}"
