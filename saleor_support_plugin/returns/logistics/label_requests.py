"""Have a carrier make the label of an approved return, at most once, and give it to the customer.

That the carrier is being asked is committed before it is asked. When no answer is known after that, the
label is looked for under its reference; where the maker can't do that, a person looks. No transaction is
open while a carrier is asked, or a file stored.
"""

import datetime
import logging
import time

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction

from saleor_support_plugin.actors import SYSTEM
from saleor_support_plugin.errors import Invalid, SupportError, WrongState
from saleor_support_plugin.files import service as files
from saleor_support_plugin.returns import ground, notices, queries
from saleor_support_plugin.returns.desk import options
from saleor_support_plugin.returns.labels import planning, registry
from saleor_support_plugin.returns.labels.base import (
    Goods,
    Label,
    LabelMaker,
    LabelRequest,
    LabelSettings,
    NotSupported,
    Refused,
    Unavailable,
)
from saleor_support_plugin.returns.logistics import shipments
from saleor_support_plugin.returns.models import LabelState, Return, ReturnLabel
from saleor_support_plugin.shop.current import get_shop
from saleor_support_plugin.shop.data import Address, Order
from saleor_support_plugin.states import move

logger = logging.getLogger(__name__)

LEASE = datetime.timedelta(minutes=10)  # so long nobody else looks at what is being asked for
FIRST, LONGEST = datetime.timedelta(minutes=5), datetime.timedelta(hours=6)  # until the next try
TRIES = 9  # about half a day in all
RUN = 45  # seconds after which a sweep asks no more
_ENDINGS = {"application/pdf": "pdf", "image/png": "png", "image/jpeg": "jpg"}


def sweep(*, now: datetime.datetime, limit: int) -> int:
    """Go on with up to ``limit`` labels whose job was lost or whose carrier did not answer; how many."""
    due = ReturnLabel.objects.filter(next_try_at__lte=now).order_by("next_try_at", "pk")
    until, seen = time.monotonic() + RUN, 0
    for label_id in list(due.values_list("pk", flat=True)[:limit]):
        if time.monotonic() > until:
            break
        seen += 1
        try:
            make(label_id=label_id, now=now)
        except Exception:  # one label must not stop the others
            logger.exception("Label %s: the next sweep tries again.", label_id)
    return seen


def make(*, label_id: int, now: datetime.datetime) -> None:
    """Bring one label a step on, or to its end; nothing happens while somebody else does."""
    label, request, looks = _claimed(label_id, now)
    if label is None:
        return
    if request is not None:
        maker = registry.find(label.maker)
        if maker is None:
            _give_up(label, f"There is no label maker {label.maker!r} any more.", now)
            return
        made = _answer(maker, label, request, looks, now)
        if made is None or not _keep(label, made, now):
            return
    _give(label, now)


def _claimed(label_id: int, now: datetime.datetime) -> tuple[ReturnLabel | None, LabelRequest | None, bool]:
    """The label to go on with; what its carrier is to be asked, None when that was answered; and whether
    an earlier question may have been heard."""
    with transaction.atomic():
        return_id = ReturnLabel.objects.filter(pk=label_id).values_list("parent_id", flat=True).first()
        if return_id is None:
            return None, None, False
        order, row = ground.locked(return_id)
        label = ReturnLabel.objects.select_for_update().get(pk=label_id)
        label.parent = row
        if label.next_try_at is None or label.next_try_at > now:
            return None, None, False
        again, tries = now + LEASE, label.tries + 1
        if label.state == LabelState.MADE:
            ReturnLabel.objects.filter(pk=label.pk).update(next_try_at=again, tries=tries)
            label.tries = tries
            return label, None, False
        looks = label.state == LabelState.ASKED
        if order is None or not planning.is_wanted(row):
            if looks:
                planning.by_hand(row, label, "Nobody knows whether its carrier made one.", now)
            else:
                move(label, LabelState.DROPPED, next_try_at=None)
                notices.touch(row, now)
            return None, None, False
        if looks:
            ReturnLabel.objects.filter(pk=label.pk).update(next_try_at=again, tries=tries)
            label.tries = tries
        else:
            move(label, LabelState.ASKED, next_try_at=again, tries=tries)
            asked = {"maker": label.maker, "tries": tries}
            notices.silently(row, "return_label_asked", now=now, after=asked)
        return label, _request(order, row, label), looks


def _answer(
    maker: LabelMaker, label: ReturnLabel, request: LabelRequest, looks: bool, now: datetime.datetime
) -> Label | None:
    """The label that the carrier made; None: there is none now, and that is written down."""
    shop_settings = get_shop().settings(label.parent.channel_id)
    settings = LabelSettings(shop_settings.channel, shop_settings.label_api_key)
    try:
        made = maker.find(request, settings) if looks else None
        looks = False  # what was asked before was not heard: from here on it is a new question
        made = made or maker.make(request, settings)
        if not isinstance(made, Label):
            raise TypeError(f"{type(made).__name__} is no Label.")
    except Unavailable as error:
        logger.warning("%s made no label for %s: %s", maker.name, request.number, error)
        _later(label, now, error.retry_after, is_sure=not looks)
    except Refused as error:
        _give_up(label, str(error) or "Its carrier refused.", now)
    except NotSupported:
        _give_up(label, "Its carrier was asked and did not answer: look there whether it made one.", now)
    except Exception:  # whatever somebody else's maker raises: nobody knows what became of the question
        logger.exception("%s gave no answer for %s.", maker.name, request.number)
        _later(label, now, None, is_sure=False)
    else:
        return made
    return None


def _later(label: ReturnLabel, now: datetime.datetime, wait: float | None, *, is_sure: bool) -> None:
    """Try once more, later each time; ``is_sure``: that there is no label now."""
    if label.tries >= TRIES:
        _give_up(label, "Its carrier could not be reached." if is_sure else _UNKNOWN, now)
        return
    pause = min(max(FIRST * 2 ** (label.tries - 1), datetime.timedelta(seconds=wait or 0)), LONGEST)
    if is_sure and label.state == LabelState.ASKED:
        move(label, LabelState.WAITING, next_try_at=now + pause)
        notices.touch(label.parent, now)
    else:
        ReturnLabel.objects.filter(pk=label.pk, state=label.state).update(next_try_at=now + pause)


_UNKNOWN = "Nobody could find out whether its carrier made one: look there."


def _keep(label: ReturnLabel, made: Label, now: datetime.datetime) -> bool:
    """Write down what the carrier gave; whether it can be given to the customer."""
    file_id = None
    if made.content:
        name = f"label-{label.parent.number}.{_ENDINGS.get(made.content_type.lower(), 'pdf')}"
        file = SimpleUploadedFile(name, made.content, made.content_type)
        try:
            file_id = files.store(actor=SYSTEM, file=file, order_id=label.parent.order_id, now=now).pk
        except Invalid as error:
            _give_up(label, f"The file that its carrier made can't be used: {error}", now)
            return False
        except SupportError as error:  # the storage: the label is looked for again
            logger.warning("The label of %s was not stored: %s", label.parent.number, error)
            _later(label, now, None, is_sure=False)
            return False
    move(
        label,
        LabelState.MADE,
        next_try_at=now,
        url=made.url,
        file_id=file_id,
        carrier=made.carrier,
        tracking_number=made.tracking_number,
    )
    notices.touch(label.parent, now)
    return True


def _give(label: ReturnLabel, now: datetime.datetime) -> None:
    """Give the label to the customer, with the mail that tells of it."""
    row = Return.objects.get(pk=label.parent_id)
    if not planning.is_wanted(row):
        _give_up(label, _of(label, "It is not needed any more"), now)
        return
    try:
        with transaction.atomic():
            shipments.attach_label(
                actor=SYSTEM,
                return_id=row.pk,
                now=now,
                file_id=label.file_id,
                url=label.url,
                carrier=label.carrier,
                tracking_number=label.tracking_number,
                key=f"label:{label.pk}",
            )
            move(label, LabelState.ATTACHED, next_try_at=None)
    except WrongState as error:  # the file is still being scanned, or the return has just ended
        logger.warning("The label of %s waits: %s", row.number, error)
        if label.tries >= TRIES:
            _give_up(label, _of(label, str(error)), now)
        else:
            again = now + min(FIRST * 2 ** (label.tries - 1), LONGEST)
            ReturnLabel.objects.filter(pk=label.pk, state=LabelState.MADE).update(next_try_at=again)
    except SupportError as error:
        _give_up(label, _of(label, str(error)), now)


def _give_up(label: ReturnLabel, message: str, now: datetime.datetime) -> None:
    with transaction.atomic():
        planning.by_hand(ground.locked_row(label.parent_id), label, message, now)


def _of(label: ReturnLabel, why: str) -> str:
    """What exists at the carrier, for the person who sees to it."""
    named = " ".join(filter(None, (label.carrier, label.tracking_number))) or label.maker
    return f"The label of {named} was made, and the customer does not have it: {why}"


def _request(order: Order, row: Return, label: ReturnLabel) -> LabelRequest:
    lines = queries.lines([row.pk])[row.pk]
    where = options.load(row.channel_id).address_of(row.destination)
    return LabelRequest(
        number=row.number,
        reference=label.reference,
        order_number=row.order_number,
        goods=tuple(
            Goods(
                name=" ".join(filter(None, (line.product_name, line.variant_name))),
                sku=line.sku,
                quantity=line.approved_quantity,
                unit_price=line.unit_price,
                currency=row.currency,
            )
            for line in lines
            if line.approved_quantity and not line.keep
        ),
        sender=order.shipping_address or order.billing_address or Address(country=row.country),
        country=row.country,
        receiver=tuple(filter(None, (one.strip() for one in where.splitlines()))),
        destination=row.destination,
    )
