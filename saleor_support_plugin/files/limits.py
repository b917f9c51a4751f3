"""How much may be handed in: how large a file, and how many about one order."""

import datetime

from saleor_support_plugin.actors import Actor, ActorKind, Permission
from saleor_support_plugin.errors import Code, Invalid
from saleor_support_plugin.files.kinds import MEGABYTE, FileKind
from saleor_support_plugin.files.models import Attachment
from saleor_support_plugin.settings import SupportSettings
from saleor_support_plugin.shop.data import Order

MINUTE, DAY = datetime.timedelta(minutes=1), datetime.timedelta(days=1)
A_MINUTE, A_DAY, IN_ALL = 20, 60, 200  # files about one order that are not staff's
OF_STAFF = 500  # files about one order with staff's
_SHOPS = (ActorKind.STAFF.value, ActorKind.APP.value, ActorKind.SYSTEM.value)
OF_SUBJECT = 30  # files attached to one object: of customers, and as many of the shop


def check_size(size: int, kind: FileKind, settings: SupportSettings) -> None:
    """Stop a file that is empty, or larger than the channel takes.

    Raises:
        Invalid: REQUIRED or OUT_OF_RANGE, field ``file``.
    """
    if size <= 0:
        raise Invalid("This file is empty.", field="file", code=Code.REQUIRED)
    megabytes = settings.film_megabytes if kind.is_film else settings.file_megabytes
    if not megabytes:
        raise Invalid("This shop takes no films.", field="file")
    if size > megabytes * MEGABYTE:
        raise Invalid(f"Send at most {megabytes} MB.", field="file", code=Code.OUT_OF_RANGE)


def check_count(actor: Actor, order: Order, now: datetime.datetime) -> None:
    """Stop whoever hands in one file after the other; the caller holds the order's lock. Members of staff
    are customers where they don't look after orders.

    Raises:
        Invalid: LIMIT_REACHED, field ``file``.
    """
    rows = Attachment.objects.filter(order_id=order.id)
    is_shops = actor.may(Permission.MANAGE_ORDERS, order.channel_id)
    if rows.count() >= (OF_STAFF if is_shops else IN_ALL):
        message = "There are very many files about this order; no more can be taken."
        raise Invalid(message, field="file", code=Code.LIMIT_REACHED)
    if is_shops:
        return
    for most, time, when in ((A_MINUTE, MINUTE, "in a minute"), (A_DAY, DAY, "tomorrow")):
        if rows.filter(created_at__gt=now - time).count() >= most:
            message = f"You have sent many files; try again {when}."
            raise Invalid(message, field="file", code=Code.LIMIT_REACHED)


def attached(actor: Actor, subject: str) -> int:
    """How many files an object has that are customers', or the shop's when the actor is: a return with
    many photos still gets its labels."""
    rows = Attachment.objects.filter(subject=subject)
    of_shop = rows.filter(uploader_kind__in=_SHOPS).count()
    return of_shop if actor.kind.value in _SHOPS else rows.count() - of_shop
