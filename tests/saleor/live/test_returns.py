"""Returns in a real Saleor over HTTP: a worker enters goods and money, and the sums are Saleor's own."""

import base64
import re
from decimal import Decimal

import pytest

from tests.saleor.live import documents as doc
from tests.saleor.live.mails import html_and_text, new_mails, quiet
from tests.saleor.live.returning import (
    ACTIVATE,
    APPROVE,
    CONFIRM,
    DEACTIVATE,
    DECLINE,
    OF_ORDER,
    OURS,
    READ,
    REPORT,
    RETRY,
    agree,
    approve,
    ask,
    asked,
    kinds,
    price,
    read,
    receive,
    staff_takes_back,
    until,
)
from tests.saleor.live.shipments import SECRET, report, scan
from tests.saleor.live.world import wait_for

pytestmark = pytest.mark.xdist_group("live")

PARCEL = "HV-1009-8001"
WHOLE = ["return_requested", "return_approved", "return_received", "return_refunded"]


def delivered(cast, who="ana", quantity=3, **more):
    """An order of which everything was shipped, nobody told."""
    order = cast.order(who, quantity=quantity, **more)
    cast.fulfill(order, quantity, notify=False)
    return order


def test_9_everything_comes_back_in_a_parcel_that_is_followed(cast):
    answer = cast.configure(tracking="true", tracking_own_secret=SECRET)
    assert answer["data"]["pluginUpdate"]["errors"] == []
    order, ana = delivered(cast), cast.customers["ana"]
    found = cast.world.do(doc.ELIGIBILITY, {"order": order["id"]}, ana["token"])
    assert [(line["fulfilled"], line["returnable"]) for line in found["lines"]] == [(3, 3)]
    assert [one["code"] for one in ask(cast, order, 4, ana["token"])["errors"]] == ["TOO_MANY"]
    row = asked(cast, order, 3, ana["token"], key="once")
    assert asked(cast, order, 3, ana["token"], key="once")["id"] == row["id"]
    assert (row["status"], bool(row["decisionBy"])) == ("REQUESTED", True)
    row = approve(cast, row)
    assert (row["status"], row["logistics"], row["quotedAmount"]["amount"]) == (
        "APPROVED",
        "AWAITING",
        pytest.approx(float(price(order, 3))),
    )
    second = cast.world.ask(APPROVE, {"id": row["id"]}, cast.admin)["data"]["supportReturnApprove"]
    assert [one["code"] for one in second["errors"]] == ["WRONG_STATE"]
    given = {"id": row["id"], "input": {"trackingNumber": PARCEL, "carrier": "ups"}}
    cast.world.do(REPORT, given, ana["token"])
    report(cast, scan(PARCEL, "in_transit", minutes_ago=3))
    until(cast, row, status="ON_ITS_WAY", logistics="IN_TRANSIT")
    report(cast, scan(PARCEL, "delivered", minutes_ago=1))
    row = until(cast, row, status="ON_ITS_WAY", logistics="DELIVERED")
    assert [(one["state"], one["status"]) for one in row["shipments"]] == [("DELIVERED", "DELIVERED")]
    assert agree(cast, order).pieces == {"FULFILLED": 3}

    receive(cast, row, sellable=2)
    until(cast, row, status="PARTLY_RECEIVED", settlement="PARTLY")
    found = agree(cast, order)
    assert (found.status, found.pieces) == ("PARTIALLY_RETURNED", {"FULFILLED": 1, "RETURNED": 2})
    assert found.money == price(order, 2)
    receive(cast, row, damaged=1)
    row = until(cast, row, status="COMPLETED", settlement="SETTLED")
    found = agree(cast, order)
    assert (found.status, found.pieces, found.money) == ("RETURNED", {"RETURNED": 3}, price(order, 3))
    wait_for(lambda: len(kinds(cast, order)) == 6, 120, lambda: str(kinds(cast, order)))
    quiet(cast)
    assert sorted(kinds(cast, order)) == sorted([*WHOLE, *WHOLE[2:]])
    events = cast.world.do(doc.ORDER, {"id": order["id"]}, cast.admin)["events"]
    assert [one["app"]["name"] for one in events if one["type"] == "FULFILLMENT_RETURNED"] == [
        "Customer support"
    ] * 2
    assert any(row["number"] in (one["message"] or "") for one in events)


def test_9_with_transactions_a_granted_refund_is_requested_from_the_payment_app(cast):
    ana = cast.customers["ana"]
    app = cast.world.do(doc.APP_CREATE, {"permissions": ["HANDLE_PAYMENTS", "MANAGE_ORDERS"]}, cast.admin)
    cast.world.do(doc.WEBHOOK_CREATE, {"app": app["app"]["id"], "url": cast.world.payments.url}, cast.admin)
    order = cast.order(paid=False)
    total = order["total"]["gross"]
    charged = {"amount": total["amount"], "currency": total["currency"]}
    made = {
        "name": "Card",
        "pspReference": f"psp-{order['number']}",
        "availableActions": ["REFUND"],
        "amountCharged": charged,
    }
    cast.world.do(doc.TRANSACTION_CREATE, {"id": order["id"], "transaction": made}, app["authToken"])
    cast.fulfill(order, 3, notify=False)
    first = approve(cast, asked(cast, order, 1, ana["token"]))
    second = approve(cast, asked(cast, order, 2, ana["token"]))
    receive(cast, second, sellable=2)
    until(cast, second, status="COMPLETED")
    assert (agree(cast, order).pieces, read(cast, first)["status"]) == (
        {"FULFILLED": 1, "RETURNED": 2},
        "APPROVED",
    )
    receive(cast, first, sellable=1)
    until(cast, first, status="COMPLETED")
    found = agree(cast, order)
    assert (found.status, found.money) == ("RETURNED", price(order, 3))
    granted = cast.world.do(OF_ORDER, {"id": order["id"]}, cast.admin)["grantedRefunds"]
    assert [one["status"] for one in granted] == ["SUCCESS"] * 2
    assert len(cast.world.payments.asked) == 2


def test_9_a_guest_asks_and_confirms_by_the_mailed_link(cast):
    guest = "returning-guest@customer.example"
    order = delivered(cast, guest=guest)
    since = quiet(cast)
    cast.world.do(doc.GUEST_ACCESS, {"channel": cast.slug, "number": order["number"], "email": guest})
    link = token_in(new_mails(cast, guest, 1, since)[0])
    row = asked(cast, order, 1, access=link)
    assert row["status"] == "UNCONFIRMED"
    by_the_wrong_one = cast.world.ask(CONFIRM, {"id": row["id"], "token": link})
    assert [one["field"] for one in by_the_wrong_one["data"]["supportReturnConfirm"]["errors"]] == [
        "accessToken"
    ]
    assert cast.world.ask(CONFIRM, {"id": row["id"]})["data"]["supportReturnConfirm"]["errors"]
    mailed = token_in(new_mails(cast, guest, 2, since)[1])
    row = cast.world.do(CONFIRM, {"id": row["id"], "token": mailed})["return"]
    assert row["status"] == "REQUESTED"
    row = approve(cast, row)
    receive(cast, row, sellable=1)
    until(cast, row, status="COMPLETED")
    assert read(cast, row, access=link)["status"] == "COMPLETED"
    assert agree(cast, order).pieces == {"FULFILLED": 2, "RETURNED": 1}
    wait_for(lambda: len(kinds(cast, order)) == 5, 120, lambda: str(kinds(cast, order)))
    assert set(kinds(cast, order)) == {"return_confirm", *WHOLE}
    for token in ("", cast.customers["ana"]["token"]):  # nobody else
        assert cast.world.ask(READ, {"id": row["id"]}, token)["data"]["supportReturn"] is None


def token_in(mail):
    """The guest's token in a mail's link."""
    return re.search(r"token=([\w.\-:%]+)", html_and_text(mail)[1]).group(1)


def test_9_a_withdrawal_is_stated_confirmed_and_acknowledged(cast):
    ben = cast.customers["ben"]
    order = delivered(cast, "ben", country="ES")
    since = quiet(cast)
    row = asked(cast, order, 3, ben["token"], kind="WITHDRAWAL", reason="")
    assert (row["status"], bool(row["confirmBy"])) == ("UNCONFIRMED", True)
    row = cast.world.do(CONFIRM, {"id": row["id"]}, ben["token"])["return"]
    assert row["authorisation"] in ("REQUESTED", "APPROVED")
    (mail, *_more) = new_mails(cast, ben["email"], 1, since)
    for part in html_and_text(mail):
        assert order["number"] in part
        assert row["number"] in part
    if row["authorisation"] == "REQUESTED":
        refused = cast.world.ask(DECLINE, {"id": row["id"]}, cast.admin)["data"]["supportReturnDecline"]
        assert refused["errors"]
        row = approve(cast, row)
    receive(cast, row, sellable=3)
    until(cast, row, status="COMPLETED")
    found = agree(cast, order)
    # Everything was withdrawn: what the delivery cost goes back, too.
    total = Decimal(str(order["total"]["gross"]["amount"]))
    assert (found.status, found.money) == ("RETURNED", total)
    wait_for(lambda: "return_refunded" in kinds(cast, order), 120, lambda: str(kinds(cast, order)))
    assert kinds(cast, order).count("return_withdrawal") == 1


@pytest.mark.parametrize("kind", ["CLAIM", "RETURN"])
def test_9_the_goods_stay_with_the_customer(cast, kind):
    order, ben = delivered(cast, "ben"), cast.customers["ben"]
    reason = "missing_part" if kind == "CLAIM" else "too_small"
    row = asked(cast, order, 2, ben["token"], kind=kind, reason=reason)
    row = approve(cast, row, keep=True, overrideReason="As a favour.")
    assert row["logistics"] == "NOT_REQUIRED"
    until(cast, row, status="COMPLETED")
    found = agree(cast, order)
    assert (found.status, found.pieces, found.money) == ("FULFILLED", {"FULFILLED": 3}, price(order, 2))
    assert [one["code"] for one in ask(cast, order, 2, ben["token"])["errors"]] == ["TOO_MANY"]


def test_9_goods_of_several_fulfilments_a_claim_and_what_was_missing(cast):
    order, ben = cast.order("ben", quantity=5), cast.customers["ben"]
    for quantity in (1, 3, 1):
        cast.fulfill(order, quantity, notify=False)
    row = asked(cast, order, 5, ben["token"], kind="CLAIM", reason="not_as_described")
    row = approve(cast, row)
    receive(cast, row, sellable=2, damaged=2, missing=1)
    until(cast, row, status="COMPLETED")
    found = agree(cast, order)
    assert (found.status, found.pieces) == ("PARTIALLY_RETURNED", {"FULFILLED": 1, "RETURNED": 4})
    assert found.money == price(order, 4)
    row = approve(cast, asked(cast, order, 1, ben["token"]))
    receive(cast, row, sellable=1)
    until(cast, row, status="COMPLETED")
    assert agree(cast, order).status == "RETURNED"


def test_9_staff_returns_the_same_goods_in_between(cast):
    order, ben = delivered(cast, "ben", quantity=5), cast.customers["ben"]
    approved = approve(cast, asked(cast, order, 2, ben["token"]))
    waiting = asked(cast, order, 3, ben["token"])
    staff_takes_back(cast, order, 2)

    def quantities():
        return [line["quantity"] for line in read(cast, waiting)["lines"]]

    wait_for(lambda: quantities() == [1], 120, lambda: str(read(cast, waiting)))
    assert agree(cast, order, by_staff=2).pieces == {"FULFILLED": 3, "RETURNED": 2}
    staff_takes_back(cast, order, 2)
    until(cast, waiting, status="CANCELED")

    def conflicts():
        tasks = cast.world.do(doc.TASKS, token=cast.admin)["edges"]
        return [
            one["node"]["summary"]
            for one in tasks
            if one["node"]["kind"] == "RETURN_CONFLICT" and approved["number"] in one["node"]["summary"]
        ]

    # First, as many were returned as the return expects; then, too few are left.
    wait_for(lambda: len(conflicts()) == 2, 120, lambda: str(conflicts()))
    receive(cast, approved, sellable=1)
    wait_for(lambda: stuck(cast, approved) == ["STUCK"], 120, lambda: str(stuck(cast, approved)))
    assert agree(cast, order, by_staff=4).money == 0
    cast.world.do(RETRY, {"id": approved["id"]}, cast.admin)
    until(cast, approved, status="PARTLY_RECEIVED", settlement="PARTLY")
    found = agree(cast, order, by_staff=4)
    assert (found.status, found.money) == ("RETURNED", price(order, 1))
    receive(cast, approved, sellable=1)
    wait_for(lambda: stuck(cast, approved) == ["ENTERED", "STUCK"], 120, lambda: str(stuck(cast, approved)))
    assert agree(cast, order, by_staff=4).money == price(order, 1)


def stuck(cast, row):
    return [one["state"] for one in read(cast, row)["receipts"]]


def test_9_what_saleor_refused_is_tried_again(cast):
    order, ana = delivered(cast), cast.customers["ana"]
    row = approve(cast, asked(cast, order, 2, ana["token"]))
    ours = {"id": app_id(cast.world.shell(OURS))}
    cast.world.do(DEACTIVATE, ours, cast.admin)
    try:
        receive(cast, row, sellable=2)
        wait_for(lambda: stuck(cast, row) == ["STUCK"], 120, lambda: str(read(cast, row)))
        assert agree(cast, order).pieces == {"FULFILLED": 3}
        assert "deactivated" in read(cast, row)["receipts"][0]["message"]
    finally:
        cast.world.do(ACTIVATE, ours, cast.admin)
    cast.world.do(RETRY, {"id": row["id"]}, cast.admin)
    row = until(cast, row, status="COMPLETED")
    assert stuck(cast, row) == ["ENTERED"]
    assert agree(cast, order).pieces == {"FULFILLED": 1, "RETURNED": 2}


def app_id(key):
    """The global id of an app."""
    return base64.b64encode(f"App:{key}".encode()).decode()
