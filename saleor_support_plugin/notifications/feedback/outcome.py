"""What became of a mail, told from everything that its provider reported of it. Pure.

Reports come late, twice and in any order, so nothing here asks in which order they came: the same set
of reports always gives the same answer.
"""

import datetime
import enum
from collections.abc import Iterable

from saleor_support_plugin.notifications.models import Delivery


class Said(enum.StrEnum):
    """The reports that say something of a mail (others say nothing to us)."""

    SENT = "sent"
    DEFERRED = "deferred"
    DELIVERED = "delivered"
    OPENED = "opened"
    CLICKED = "clicked"  # who follows a link has the mail open
    SOFT_BOUNCED = "soft_bounced"  # not delivered, though the mailbox is there: full, too large, …
    BOUNCED = "bounced"  # not delivered, and never will be
    COMPLAINED = "complained"
    UNSUBSCRIBED = "unsubscribed"  # says something of the person, nothing of the mail


def outcome(reports: Iterable[tuple[str, datetime.datetime]]) -> tuple[str, datetime.datetime | None]:
    """What became of a mail of which this was reported, (type, when), and since when; ("", None) for nothing.

    A complaint beats everything. A mailbox that does not exist beats a "delivered": servers that take
    a mail and send it back later are common, the opposite does not happen. A bounce that may pass and a
    "delivered" go by the provider's clock: the later one holds. Opened beats delivered, delivered
    beats deferred, deferred beats sent.
    """
    times: dict[str, list[datetime.datetime]] = {}
    for said, when in reports:
        times.setdefault(said, []).append(when)
    for said, delivery in ((Said.COMPLAINED, Delivery.COMPLAINED), (Said.BOUNCED, Delivery.BOUNCED)):
        if said in times:
            return delivery, min(times[said])
    opened = times.get(Said.OPENED, []) + times.get(Said.CLICKED, [])
    arrived = opened + times.get(Said.DELIVERED, [])
    soft = times.get(Said.SOFT_BOUNCED, [])
    if soft and (not arrived or max(soft) > max(arrived)):
        return Delivery.BOUNCED, max(soft)
    if opened:
        return Delivery.OPENED, min(opened)
    for said, delivery in (
        (Said.DELIVERED, Delivery.DELIVERED),
        (Said.DEFERRED, Delivery.DEFERRED),
        (Said.SENT, Delivery.SENT),
    ):
        if said in times:
            return delivery, min(times[said])
    return "", None
