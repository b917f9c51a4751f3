"""The life of parcels in a real Saleor: every way to leave, scans by webhook, every reader, each mail once."""

import json
import re
from collections import Counter

import pytest

from tests.saleor.live import documents as doc
from tests.saleor.live.mails import await_subjects, html_and_text, new_mails, quiet, to
from tests.saleor.live.shipments import (
    APPROVED,
    NEW,
    OLD,
    PAIR,
    RETURN,
    RETURNED,
    SENT_BACK,
    SEVERAL,
    TAKEN_BACK,
    WAITED,
    await_statuses,
    parcels,
    report,
    scan,
    send,
    signed,
)
from tests.saleor.live.world import wait_for

pytestmark = pytest.mark.xdist_group("live")

SHIPPED = "Your order #{} is on its way"
DELIVERED = "Your parcel from order #{} has been delivered"
BOTH_TODAY = "Your parcels from order #{} are out for delivery"
BOTH_DELIVERED = "Your parcels from order #{} have been delivered"


def outbox(cast, order):
    """What the outbox says of an order: kind, state and reason, in the order in which it was written."""
    rows = [line.split() for line in cast.world.shell(doc.OUTBOX).splitlines()]
    return [(kind, state, reason) for kind, number, state, reason in rows if number == order["number"]]


def test_8_several_parcels_of_one_order_are_told_together_up_to_delivered(cast, shipments):
    order = shipments.several
    await_subjects(cast, [SHIPPED.format(order["number"])], SEVERAL)
    today = [
        scan(
            number, "out_for_delivery", minutes_ago=9, carrier="ups", window="14:00-16:00", place="Washington"
        )
        for number in PAIR
    ]
    report(cast, *today)
    await_statuses(cast, order, "OUT_FOR_DELIVERY", "OUT_FOR_DELIVERY")
    await_subjects(cast, [BOTH_TODAY.format(order["number"])], SEVERAL)
    report(cast, *(scan(number, "delivered", subStatus="neighbour", carrier="ups") for number in PAIR))
    await_statuses(cast, order, "DELIVERED", "DELIVERED")
    await_subjects(cast, [BOTH_DELIVERED.format(order["number"])], SEVERAL)
    report(
        cast, *today, scan(PAIR[0], "in_transit", minutes_ago=30), scan(PAIR[1], "in_transit", minutes_ago=-1)
    )
    quiet(cast)
    mails = to(cast, SEVERAL)
    assert Counter(mail["Subject"] for mail in mails) == Counter(
        text.format(order["number"]) for text in (SHIPPED, BOTH_TODAY, BOTH_DELIVERED)
    )
    for mail in mails:
        for part in html_and_text(mail):
            assert all(number in part for number in PAIR)
    found = parcels(cast, order, cast.admin)
    assert [(one["status"], one["subStatus"]) for one in found] == [("DELIVERED", "NEIGHBOUR")] * 2
    told = [row for row in outbox(cast, order) if row[0] not in ("order_received", "check_in")]
    assert told.pop(0)[1:] == ("skipped", "merged")  # that a part has left, unless both were seen at once
    assert told == [
        ("order_shipped", "accepted", "-"),
        ("out_for_delivery", "skipped", "merged"),
        ("out_for_delivery", "accepted", "-"),
        ("delivered", "skipped", "merged"),
        ("delivered", "accepted", "-"),
    ]


def test_8_who_may_read_a_parcel_reads_its_whole_page(cast, shipments):
    order = shipments.several
    since = quiet(cast)
    asked = {"channel": cast.slug, "number": order["number"], "email": SEVERAL}
    cast.world.do(doc.GUEST_ACCESS, asked)
    (mail,) = new_mails(cast, SEVERAL, 1, since)
    link = re.search(r"token=([\w.\-:%]+)", html_and_text(mail)[1]).group(1)
    for token, access in ((cast.admin, None), ("", link)):
        first, second = parcels(cast, order, token, access)
        assert [first["number"], second["number"]] == [f"{order['number']}-1", f"{order['number']}-2"]
        assert [one["quantity"] for parcel in (first, second) for one in parcel["items"]] == [1, 2]
        assert {first["carrier"], second["carrier"]} == {"UPS"}
        assert first["address"]["city"] == "WASHINGTON"
        assert first["trackingNumber"] == PAIR[0]
        assert PAIR[0].replace("-", "") in first["trackingUrl"]
        assert first["shippingMethod"]
        assert first["deliveredAt"]
        assert first["statusText"] == "Left with a neighbour"
        told = [event["status"] for event in first["events"]]
        assert told[:2] == ["DELIVERED", "OUT_FOR_DELIVERY"]
        assert (first["warehouse"] is not None) == (token == cast.admin)
        assert (first["events"][0]["source"] is not None) == (token == cast.admin)
    for token in ("", cast.customers["ana"]["token"]):
        assert cast.world.ask(doc.ORDER_PARCELS, {"id": order["id"]}, token)["errors"]
    forged = {"id": order["id"], "token": link[:-2] + "xx"}
    assert cast.world.ask(doc.ORDER_PARCELS, forged)["errors"]


def test_8_a_changed_number_takes_the_scans_of_the_new_one_alone(cast, shipments):
    order, ben = shipments.renumbered, cast.customers["ben"]
    (mail,) = new_mails(cast, ben["email"], 1)
    assert mail["Subject"] == SHIPPED.format(order["number"])
    for part in html_and_text(mail):
        assert NEW in part
        assert OLD not in part
    report(cast, scan(OLD, "delivered"), scan(NEW, "in_transit", minutes_ago=20))
    await_statuses(cast, order, "IN_TRANSIT")
    report(cast, scan(NEW, "exception", subStatus="incorrect_address", minutes_ago=10))
    await_statuses(cast, order, "EXCEPTION")
    report(cast, scan(NEW, "in_transit", minutes_ago=8))
    await_statuses(cast, order, "IN_TRANSIT")
    report(cast, scan(NEW, "delivered"))
    await_statuses(cast, order, "DELIVERED")
    await_subjects(cast, [DELIVERED.format(order["number"])], ben["email"])
    (parcel,) = parcels(cast, order, ben["token"])
    assert parcel["trackingNumber"] == NEW
    assert [one["status"] for one in parcel["events"]] == [
        "DELIVERED",
        "IN_TRANSIT",
        "EXCEPTION",
        "IN_TRANSIT",
    ]
    quiet(cast)
    problem = "Please check the delivery address of your order #{}"
    assert Counter(mail["Subject"] for mail in to(cast, ben["email"])) == Counter(
        text.format(order["number"]) for text in (SHIPPED, problem, DELIVERED)
    )
    tasks = cast.world.do(doc.TASKS, token=cast.admin)["edges"]
    found = [one["node"]["summary"] for one in tasks if one["node"]["kind"] == "PARCEL_PROBLEM"]
    assert len([one for one in found if f"{order['number']}-1" in one]) == 1


def test_8_what_was_cancelled_travels_no_more_and_nobody_is_told(cast, shipments):
    order = shipments.cancelled
    await_statuses(cast, order, "CANCELLED")
    report(cast, scan(TAKEN_BACK, "in_transit"), scan(TAKEN_BACK, "delivered", minutes_ago=1))
    wait_for_payloads(cast)
    assert [one["status"] for one in parcels(cast, order, cast.admin)] == ["CANCELLED"]
    quiet(cast)
    about = [mail["Subject"] for mail in cast.world.sink.mails if f"#{order['number']}" in mail["Subject"]]
    assert about == []


def test_8_a_parcel_that_waits_for_approval_has_not_left(cast, shipments):
    order = shipments.approved
    assert shipments.while_waiting == []
    (mail,) = new_mails(cast, WAITED, 1)
    assert mail["Subject"] == SHIPPED.format(order["number"])
    report(
        cast,
        scan(APPROVED, "available_for_pickup", point=["Corner Shop", "5 High Street"], pickupCode="4711"),
    )
    (parcel,) = await_statuses(cast, order, "AVAILABLE_FOR_PICKUP")
    assert parcel["trackingNumber"] == APPROVED
    ready = new_mails(cast, WAITED, 2)[1]
    for part in html_and_text(ready):
        assert "Corner Shop" in part
        assert "4711" in part
    quiet(cast)
    assert len(to(cast, WAITED)) == 2


def test_8_a_parcel_outlives_its_fulfilment(cast, shipments):
    order = shipments.returned
    await_subjects(cast, [SHIPPED.format(order["number"])], SENT_BACK)
    report(cast, scan(RETURNED, "in_transit", minutes_ago=50))
    await_statuses(cast, order, "IN_TRANSIT")
    report(cast, scan(RETURNED, "delivered", subStatus="signed"))
    await_statuses(cast, order, "DELIVERED")
    await_subjects(cast, [DELIVERED.format(order["number"])], SENT_BACK)
    (before,) = parcels(cast, order, cast.admin)
    for quantity in (1, 2):
        shipped = next(one for one in fulfillments(cast, order) if one["status"] == "FULFILLED")
        lines = [{"fulfillmentLineId": shipped["lines"][0]["id"], "quantity": quantity}]
        cast.world.do(RETURN, {"order": order["id"], "lines": lines}, cast.admin)
        assert parcels(cast, order, cast.admin) == [before]
    assert [one["status"] for one in fulfillments(cast, order)] == ["RETURNED"] * 2  # the first is gone
    report(cast, scan(RETURNED, "exception", minutes_ago=0, subStatus="lost", correction=True))
    (after,) = await_statuses(cast, order, "EXCEPTION")
    assert (after["id"], after["items"]) == (before["id"], before["items"])


def fulfillments(cast, order):
    document = "query ($id: ID!) { order(id: $id) { fulfillments { id status lines { id quantity } } } }"
    return cast.world.do(document, {"id": order["id"]}, cast.admin)["fulfillments"]


COUNTS = """
from saleor_support_plugin.tracking.models import TrackingEvent, TrackingPayload
print(TrackingEvent.objects.count(), TrackingPayload.objects.count())
"""
UNREAD = """
from saleor_support_plugin.tracking.models import TrackingPayload
print(TrackingPayload.objects.exclude(state="read").count())
"""


def wait_for_payloads(cast):
    wait_for(lambda: cast.world.shell(UNREAD) == "0", 60, lambda: cast.world.log("worker")[-3000:])


def test_8_what_is_forged_stale_too_long_or_sent_again_has_no_effect(cast, shipments):
    order = shipments.several
    await_statuses(cast, order, "DELIVERED", "DELIVERED")
    body = report(cast, scan(PAIR[0], "in_transit", minutes_ago=40))
    wait_for_payloads(cast)
    counts, since = cast.world.shell(COUNTS), quiet(cast)
    lie = json.dumps({"events": [scan(PAIR[0], "exception", subStatus="lost", correction=True)]}).encode()
    assert send(cast, lie, signed(lie, secret="somebody else's long secret")) == 403
    assert send(cast, lie, signed(body)) == 403
    assert send(cast, lie, signed(lie, age=301)) == 403
    assert send(cast, lie, {"Content-Type": "application/json"}) == 403
    assert send(cast, lie, {**signed(lie), "Content-Type": "text/plain"}) == 415
    long = lie + b" " * 10_000_000
    assert send(cast, long, signed(long)) == 413
    assert send(cast, body, signed(body)) == 200  # the very same once more, signed anew
    assert cast.world.shell(COUNTS) == counts
    assert quiet(cast) == since
