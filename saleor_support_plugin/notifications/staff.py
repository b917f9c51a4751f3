"""Alerts to the people of the shop, and customers whom no mail reaches."""

import dataclasses
import datetime
import logging
import urllib.parse
from collections.abc import Mapping
from typing import Any

from django.db.models import Q

from saleor_support_plugin.errors import SupportError
from saleor_support_plugin.notifications import kinds
from saleor_support_plugin.notifications.models import Notification
from saleor_support_plugin.notifications.service import Message, notify
from saleor_support_plugin.notifications.variables import Audience
from saleor_support_plugin.settings import SupportSettings
from saleor_support_plugin.shop.current import get_shop
from saleor_support_plugin.shop.data import Order
from saleor_support_plugin.shop.errors import ShopError
from saleor_support_plugin.worklist import service as worklist
from saleor_support_plugin.worklist.models import StaffTask, TaskKind, TaskState

logger = logging.getLogger(__name__)


def notify_staff(
    *,
    kind: str,
    subject: str,
    occasion: str,
    order: Order,
    data: Mapping[str, Any],
    now: datetime.datetime,
) -> list[Notification]:
    """Write one alert for each of the channel's staff addresses, in the channel's language and zone, in
    the caller's transaction; none when there is no such address.

    ``kind`` is one for staff; the other arguments are those of ``service.notify``. An empty ``page`` in
    ``data`` becomes the order's page in the dashboard, if the channel says where that is.

    Raises:
        ValueError: no such kind, or ``data`` is not what the kind needs (a programming error).
    """
    settings = get_shop().settings(order.channel_id)
    found = alerts(kind=kind, subject=subject, occasion=occasion, order=order, data=data, settings=settings)
    return [
        notify(
            kind=kind,
            subject=subject,
            occasion=occasion,
            order=one.order,
            data=one.data,
            now=now,
            recipient=one.recipient,
        )
        for one in found
    ]


def alerts(
    *,
    kind: str,
    subject: str,
    occasion: str,
    order: Order,
    data: Mapping[str, Any],
    settings: SupportSettings,
) -> list[Message]:
    """What :func:`notify_staff` writes, for callers who alert of many things at once; ``settings`` are
    those of the order's channel."""
    if "page" in data:
        data = {**data, "page": data["page"] or dashboard_page(settings, order.id)}
    ours = dataclasses.replace(
        order,
        language=settings.language,
        customer_id=None,
        customer_name="",
        shipping_address=None,
        billing_address=None,
    )
    return [
        Message(kind, subject, occasion, ours, data, recipient=address)
        for address in settings.staff_addresses
    ]


def dashboard_page(settings: SupportSettings, order_id: str) -> str:
    """The order's page in the shop's dashboard (``/orders/<id>``); "" when the channel does not say where
    the dashboard is."""
    base = settings.dashboard_url.rstrip("/")
    return f"{base}/orders/{urllib.parse.quote(order_id, safe='')}" if base else ""


def unreachable(row: Notification, detail: str, now: datetime.datetime) -> None:
    """An essential mail did not reach its customer: open a task with the order's other contact routes,
    and alert staff; in the caller's transaction.

    Nothing happens for mails that are not essential, for mails to staff, a second time for the same mail,
    and while such a task of the order is open.

    Args:
        row: the mail.
        detail: why it did not arrive, for people.
        now: UTC.
    """
    if not _matters(row):
        return
    detail = " ".join(detail.split())  # a stranger's server must not write lines of its own into our mail
    order = _order(row)
    contacts = contact_routes(order, row.recipient) if order else []
    why = f"“{_title(row)}” did not reach {row.recipient} ({detail[:200].rstrip('.')})."
    _open_task(row, why, contacts, now)
    if order is None:
        return
    try:
        notify_staff(
            kind="staff_customer_unreachable",
            subject=f"notification:{row.pk}",
            occasion="unreachable",
            order=order,
            data={
                "email": row.recipient,
                "mail": _title(row),
                "reason": detail[:500],
                "contacts": contacts,
                "page": "",
            },
            now=now,
        )
    except SupportError:  # of this channel's options: the task is there all the same
        logger.warning("Nobody is alerted of notification %s: no options.", row.pk, exc_info=True)


def complained(row: Notification, now: datetime.datetime) -> None:
    """The customer called an essential mail spam, so nothing more is sent there: open the same task as
    :func:`unreachable`, on the same terms. Nobody is alerted by mail, since this one did arrive."""
    if _matters(row):
        order = _order(row)
        contacts = contact_routes(order, row.recipient) if order else []
        why = f"{row.recipient} called “{_title(row)}” spam and gets no more mails."
        _open_task(row, why, contacts, now)


def _matters(row: Notification) -> bool:
    """Whether it is staff's work that this mail did not arrive, and nobody was told yet."""
    kind = kinds.kinds().get(row.kind)
    if kind is None or not kind.essential or kind.audience is not Audience.CUSTOMER or row.is_test:
        return False
    known = StaffTask.objects.filter(kind=TaskKind.CUSTOMER_UNREACHABLE, order_id=row.order_id)
    return not known.filter(Q(state=TaskState.OPEN) | Q(key=_key(row))).exists()


def _open_task(row: Notification, why: str, contacts: list[str], now: datetime.datetime) -> None:
    ways = f"Other ways: {', '.join(contacts)}." if contacts else "The order names no other way."
    worklist.open_task(
        kind=TaskKind.CUSTOMER_UNREACHABLE,
        key=_key(row),
        subject=row.subject,
        channel_id=row.channel_id,
        order_id=row.order_id,
        summary=f"Order {row.order_number}: {why} {ways}",
        at=now,
    )


def _key(row: Notification) -> str:
    return f"unreachable:{row.pk}"


def _title(row: Notification) -> str:
    kind = kinds.get(row.kind)
    return kind.title or kind.name


def contact_routes(order: Order, email: str) -> list[str]:
    """How else the order's customer can be reached: telephone numbers of its addresses, and the order's
    and the account's e-mail addresses where they differ from ``email``. Each once."""
    found: dict[str, str] = {}
    for address in (order.shipping_address, order.billing_address):
        if address is not None and (phone := " ".join(address.phone.split())):
            name = " ".join(f"{address.first_name} {address.last_name}".split())
            found.setdefault(phone, f"{phone} ({name})" if name else phone)
    for other in (order.email, order.account_email):
        if other and other.lower() != email.lower():
            found.setdefault(other.lower(), other)
    return list(found.values())


def _order(row: Notification) -> Order | None:
    try:
        return get_shop().order(row.order_id)
    except ShopError:  # gone, or no answer: the task is there all the same
        logger.warning("Order %s could not be read for its contact routes.", row.order_id, exc_info=True)
        return None
