"""The mails we take over from Saleor: each event told once, by us, and parcels of a minute together."""

from collections import Counter

import pytest

from tests.saleor.live import documents as doc
from tests.saleor.live.mails import html_and_text, mark
from tests.saleor.live.world import wait_for

pytestmark = pytest.mark.xdist_group("live")

RECEIVED = "Thank you: we have received your order #{}"
CONFIRMED = "Your order #{} is confirmed"
CANCELLED = "Your order #{} has been cancelled"
SHIPPED = "Your order #{} is on its way"
TRACKED = "New tracking details for your order #{}"


def confirms_by_itself(cast, on):
    cast.world.do(doc.CHANNEL_CONFIRMS, {"channel": cast.channel, "on": on}, cast.admin)


BY_HAND, BY_ITSELF = "by-hand@customer.example", "by-itself@customer.example"  # no more than one may get


def by_hand(cast):
    """An order that staff confirms, and cancels."""
    confirms_by_itself(cast, on=False)
    order = cast.order(guest=BY_HAND, paid=False)
    cast.world.do(doc.CONFIRM, {"id": order["id"]}, cast.admin)
    cast.world.do(doc.CANCEL, {"id": order["id"]}, cast.admin)
    return order


def by_itself(cast):
    """Orders that the channel confirms by itself: one is shipped, one refunded, one shipped in two parcels;
    and the fulfilment of the first."""
    tracked = cast.order(guest=BY_ITSELF)
    fulfillment = cast.fulfill(tracked, 3, tracking="OLD-0001")
    refunded = cast.order(guest=BY_ITSELF)
    (payment,) = cast.world.do(doc.ORDER, {"id": refunded["id"]}, cast.admin)["payments"]
    cast.world.do(doc.PAYMENT_REFUND, {"id": payment["id"], "amount": "1.25"}, cast.admin)
    both = cast.order(guest=BY_ITSELF)
    cast.fulfill(both, 1, tracking="BOTH-0001")
    cast.fulfill(both, 2, tracking="BOTH-0002")
    return tracked, fulfillment, refunded, both


def test_7_every_event_of_an_order_is_told_once_and_by_us(cast):
    since = mark(cast)
    assert cast.configure(kinds_off="")["data"]["pluginUpdate"]["errors"] == []

    def subjects():
        return Counter(mail["Subject"] for mail in cast.world.sink.mails[since:])

    def come(*wanted):
        wait_for(
            lambda: set(wanted) <= set(subjects()),
            300,
            lambda: f"{subjects()}\n{cast.world.shell(doc.OUTBOX)}\n{cast.world.log('worker')[-4000:]}",
        )

    try:
        manual = by_hand(cast)
        come(*(text.format(manual["number"]) for text in (RECEIVED, CONFIRMED, CANCELLED)))
        confirms_by_itself(cast, on=True)
        tracked, fulfillment, refunded, both = by_itself(cast)
        come(SHIPPED.format(tracked["number"]), SHIPPED.format(both["number"]))
        given = {"id": fulfillment["id"], "number": "NEW-0002"}
        for _again in range(2):  # the second time nothing changes
            cast.world.do(doc.UPDATE_TRACKING, given, cast.admin)
        come(TRACKED.format(tracked["number"]))
        money = f"We have refunded $1.25 for your order #{refunded['number']}"
        expected = Counter(
            [
                *(RECEIVED.format(one["number"]) for one in (tracked, manual, refunded, both)),
                SHIPPED.format(tracked["number"]),
                TRACKED.format(tracked["number"]),
                CONFIRMED.format(manual["number"]),
                CANCELLED.format(manual["number"]),
                money,
                SHIPPED.format(both["number"]),
            ]
        )
        come(*expected)
        mark(cast)
        assert subjects() == expected
    finally:
        confirms_by_itself(cast, on=True)
        cast.configure(kinds_off=cast.quiet)

    mails = {mail["Subject"]: mail for mail in cast.world.sink.mails[since:]}
    assert {mail["From"].addresses[0].addr_spec for mail in mails.values()} == {"help@shop.example"}
    for part in html_and_text(mails[SHIPPED.format(both["number"])]):
        assert "BOTH-0001" in part
        assert "BOTH-0002" in part
    for part in html_and_text(mails[TRACKED.format(tracked["number"])]):
        assert "NEW-0002" in part
