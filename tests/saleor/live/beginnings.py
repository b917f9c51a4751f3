"""How the stories begin whose mails wait a minute: all at once, so that the minute is waited for once.

Each beginning is a fixture for the whole session and needs none of the others; those that the chosen
tests ask for run before the first test, in the order of ``NAMES``.
"""

import dataclasses
from typing import Any

from tests.saleor.live import documents as doc
from tests.saleor.live.cast import Cast
from tests.saleor.live.mails import await_subjects, quiet, to, told
from tests.saleor.live.world import wait_for

NAMES = ("busy", "taken_over", "shipments", "lost", "spanish", "unheard")  # the one that waits longest first

UPS = "1Z999AA10123456784"
LOST, BUSY, UNHEARD = "lost@customer.example", "busy@customer.example", "unheard@customer.example"
BY_HAND, BY_ITSELF = "by-hand@customer.example", "by-itself@customer.example"  # no more than one may get
RECEIVED = "Thank you: we have received your order #{}"
CONFIRMED = "Your order #{} is confirmed"
CANCELLED = "Your order #{} has been cancelled"
REFUNDED = "We have refunded $1.25 for your order #{}"

LOSE = """
import datetime
from django.utils import timezone
from saleor.order.models import Fulfillment
from saleor_support_plugin.tracking.models import Parcel
from saleor_support_plugin.shop.switches import Switch
row = Fulfillment.objects.get(order__number="{number}")
parcel = Parcel.objects.latest("pk")
assert parcel.hooked_at is not None and parcel.state == "pending", parcel
parcel.delete()
Switch.objects.update(since=timezone.now() - datetime.timedelta(hours=1))
ago = timezone.now() - datetime.timedelta(minutes=10)
Fulfillment.objects.filter(pk=row.pk).update(created_at=ago)
from saleor.celeryconf import app
app.control.purge()
"""


def spanish(cast: Cast) -> Any:
    """An order in Spanish, of which two pieces have left."""
    order = cast.order("eva", language="ES_ES")
    cast.fulfill(order, 2, tracking=UPS)
    return order


def lost(cast: Cast) -> Any:
    """An order of which a piece left as long ago as if the hook had been lost ten minutes ago."""
    order = cast.order(guest=LOST)
    cast.world.stop("worker")
    try:
        cast.fulfill(order, 1, tracking=UPS)
        cast.world.shell(LOSE.format(number=order["number"]))
    finally:
        cast.world.start("worker")
    return order


def unheard(cast: Cast) -> Any:
    """An order of which a piece left while the broker was down."""
    order = cast.order(guest=UNHEARD)
    cast.world.stop("broker", signal=9)
    try:
        cast.fulfill(order, 1, tracking=UPS)
        assert to(cast, UNHEARD) == []
    finally:
        cast.world.start("broker")
    return order


@dataclasses.dataclass
class Busy:
    """An order, and for each refusal of its mail that it was refused."""

    order: Any
    refused: list[str]


def busy(cast: Cast) -> Busy:
    """An order of which a piece left, while the mail server puts off its first try."""
    begun = Busy(cast.order(guest=BUSY), [])
    row = f"order_received {begun.order['number']} skipped"  # else it might count as new later on
    wait_for(lambda: row in cast.world.shell(doc.OUTBOX), 60, lambda: told(cast))

    def answer(recipient: str) -> str | None:
        if recipient != BUSY:
            return None
        begun.refused.append(recipient)
        return "451 try again later" if len(begun.refused) == 1 else None

    cast.world.sink.fault = answer
    cast.fulfill(begun.order, 1, tracking=UPS)
    return begun


@dataclasses.dataclass
class TakenOver:
    """Orders: one that staff confirmed and cancelled, and three that the channel confirmed by itself, of
    which one was shipped, one refunded, one shipped in two parcels; and the fulfilment of the first."""

    manual: Any
    tracked: Any
    fulfillment: Any
    refunded: Any
    both: Any


def taken_over(cast: Cast) -> TakenOver:
    """Every event of an order, with the mails about all of them switched on; all but the parcels' are out."""
    assert cast.configure(kinds_off="")["data"]["pluginUpdate"]["errors"] == []
    try:
        _confirms_by_itself(cast, on=False)
        manual = cast.order(guest=BY_HAND, paid=False)
        cast.world.do(doc.CONFIRM, {"id": manual["id"]}, cast.admin)
        cast.world.do(doc.CANCEL, {"id": manual["id"]}, cast.admin)
        wanted = [text.format(manual["number"]) for text in (RECEIVED, CONFIRMED, CANCELLED)]
        await_subjects(cast, wanted, BY_HAND)
        _confirms_by_itself(cast, on=True)
        tracked = cast.order(guest=BY_ITSELF)
        fulfillment = cast.fulfill(tracked, 3, tracking="OLD-0001")
        refunded = cast.order(guest=BY_ITSELF)
        (payment,) = cast.world.do(doc.ORDER, {"id": refunded["id"]}, cast.admin)["payments"]
        cast.world.do(doc.PAYMENT_REFUND, {"id": payment["id"], "amount": "1.25"}, cast.admin)
        both = cast.order(guest=BY_ITSELF)
        cast.fulfill(both, 1, tracking="BOTH-0001")
        cast.fulfill(both, 2, tracking="BOTH-0002")
        wanted = [RECEIVED.format(one["number"]) for one in (tracked, refunded, both)]
        await_subjects(cast, [*wanted, REFUNDED.format(refunded["number"])], BY_ITSELF)
        quiet(cast)
    finally:
        _confirms_by_itself(cast, on=True)
        cast.configure(kinds_off=cast.quiet)
    return TakenOver(manual, tracked, fulfillment, refunded, both)


def _confirms_by_itself(cast: Cast, on: bool) -> None:
    cast.world.do(doc.CHANNEL_CONFIRMS, {"channel": cast.channel, "on": on}, cast.admin)
