"""Lists of returns: filters, search, sorting, pages, and the same number of queries at 10 and at 100."""

import datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from graphql_relay import to_global_id

from saleor_support_plugin.actors import SYSTEM
from saleor_support_plugin.files.models import Attachment, FileState
from saleor_support_plugin.history import service as history
from saleor_support_plugin.returns.models import Return, ReturnLabel, ReturnPayout
from saleor_support_plugin.tracking.models import Direction, Parcel
from sandbox import makers
from tests.graphql.return_stage import a_return

DAY = datetime.timedelta(days=1)
WHOLE = (
    "query ($after: String) { it: supportReturns(first: 100, after: $after) { edges { node { id number status kind "
    "explanation { text } lines { quantity unitPrice { amount } files { name } policy { rule } } files { name } "
    "shipments { state label { name } statusText } labelRequest { isComing state message } receipts { lines { sellable } } payouts { amount { amount } } "
    "refundAmount { amount } comments { text } history { event after } } } } }"
)


@pytest.fixture
def grow(stage, now):
    """``grow(n)`` adds n returns, each with everything that belongs to one."""
    order = makers.models.Order.objects.get(number=stage.ids["number"])

    def more(count):
        for number in range(count):
            row = a_return(order, now, authorisation="approved", logistics="received")
            parcel = Parcel.objects.create(
                fulfillment_id=f"{row.subject}:1",
                direction=Direction.RETURN,
                subject=row.subject,
                order_id=row.order_id,
                channel_id=row.channel_id,
                number=row.number,
                tracking_key=f"NO{row.pk}",
                tracking_number=f"NO{row.pk}",
                shipped_at=now,
            )
            row.shipments.create(tracking_number=f"NO{row.pk}", parcel=parcel)
            ReturnLabel.objects.create(parent=row, maker="courier", state="by_hand", message="No answer.")
            receipt = row.receipts.create(actor_kind="staff", created_at=now)
            receipt.lines.create(line=row.lines.get(), sellable=1)
            ReturnPayout.objects.create(parent=row, amount=1, settled_at=now)
            row.comments.create(author_kind="staff", text=f"No. {number}")
            history.record(actor=SYSTEM, verb="return_approved", subject=row.subject, at=now)
            Attachment.objects.create(
                subject=row.subject,
                order_id=row.order_id,
                channel_id=row.channel_id,
                uploader_kind="customer",
                name="photo.jpg",
                content_type="image/jpeg",
                size=1,
                state=FileState.CLEAN,
                storage_name=f"x{row.pk}",
                created_at=now,
            )

    return more


@pytest.mark.parametrize("caller", ["staff", "owner"])
def test_lists_cost_the_same_at_10_and_100(stage, grow, caller):
    costs = []
    for count in (10, 90):
        grow(count)
        with CaptureQueriesContext(connection) as spent:
            answer = stage.send(caller, WHOLE)
        assert "errors" not in answer, answer
        assert len(answer["data"]["it"]["edges"]) >= count
        costs.append((len(spent), len([one for one in spent if "saleor_support_plugin_" in one["sql"]])))
    assert costs[0] == costs[1]
    assert costs[0][1] <= 9  # ours: the rest asks who is reading


@pytest.fixture
def several(stage, now):
    """Four returns of an order of Ana's, told apart by everything that lists can filter."""
    Return.objects.all().delete()
    order = makers.models.Order.objects.get(number=stage.ids["number"])
    rows = {
        "new": a_return(order, now, kind="claim", risk=[]),
        "sent": a_return(order, now, authorisation="approved", logistics="in_transit"),
        "paid": a_return(order, now, authorisation="approved", logistics="received", settlement="settled"),
        "refused": a_return(order, now, authorisation="declined", resolution="credit"),
    }
    for number, row in enumerate(rows.values()):
        Return.objects.filter(pk=row.pk).update(
            created_at=now - number * DAY,
            updated_at=now + number * DAY,
            quoted_amount=None if number == 3 else 10 - number,
            send_by=now + (9 - number) * DAY if number < 2 else None,
        )
    rows["new"].lines.update(reason="damaged")
    rows["sent"].shipments.create(tracking_number="ABC123")
    return rows


def names(several, answer):
    by_id = {to_global_id("SupportReturn", row.pk): name for name, row in several.items()}
    assert "errors" not in answer, answer
    return [by_id[edge["node"]["id"]] for edge in answer["data"]["it"]["edges"]]


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ("status: [REQUESTED, ON_ITS_WAY]", ["sent", "new"]),
        ("kind: [CLAIM]", ["new"]),
        ("resolution: [CREDIT]", ["refused"]),
        ("authorisation: [APPROVED]", ["paid", "sent"]),
        ("logistics: [IN_TRANSIT]", ["sent"]),
        ("settlement: [SETTLED]", ["paid"]),
        ('reason: ["damaged", "x"]', ["new"]),
        ('reason: ["\\u0000"]', []),
        ('customerId: "x"', []),
        ('orderId: ""', []),
        ('createdAt: {gte: "2024-04-16T12:00:00Z"}', ["sent", "new"]),
        ('updatedAt: {gte: "2024-04-18T00:00:00Z", lte: "2024-04-19T12:00:00Z"}', ["paid", "sent"]),
        ('sendBy: {lte: "2024-04-25T12:00:00Z"}', ["sent"]),
        ('search: "ABC123"', ["sent"]),
        ('search: "ANA@example.com"', ["refused", "paid", "sent", "new"]),
        ('search: "nobody@example.com"', []),
        ('search: "R"', []),
        ('search: "R99999999999999"', []),
        ('search: " "', []),
    ],
)
def test_filters(stage, several, wanted, found):
    document = f"{{ it: supportReturns(first: 9, filter: {{{wanted}}}) {{ edges {{ node {{ id }} }} }} }}"
    assert names(several, stage.send("staff", document)) == found
    assert names(several, stage.send("owner", document)) == found
    assert names(several, stage.send("other_customer", document)) == []


def test_a_return_is_found_by_its_number_and_its_orders(stage, several):
    document = (
        "query ($s: String) { it: supportReturns(first: 9, filter: {search: $s}) { edges { node { id } } } }"
    )
    number = several["paid"].number
    assert names(several, stage.send("staff", document, {"s": number.lower()})) == ["paid"]
    assert names(several, stage.send("staff", document, {"s": stage.ids["number"]})) == [
        "refused",
        "paid",
        "sent",
        "new",
    ]


@pytest.mark.parametrize(
    ("field", "found"),
    [
        ("CREATED_AT", ["new", "sent", "paid", "refused"]),
        ("UPDATED_AT", ["new", "sent", "paid", "refused"]),
        ("SEND_BY", ["sent", "new"]),
        ("AMOUNT", ["paid", "sent", "new"]),
    ],
)
@pytest.mark.parametrize("direction", ["ASC", "DESC"])
def test_sorting_and_pages(stage, several, field, direction, found):
    document = (
        "query ($after: String, $sort: SupportReturnSortingInput) { it: supportReturns(first: 1, after: $after, "
        "sortBy: $sort) { pageInfo { endCursor hasNextPage } edges { node { id } } } }"
    )
    sort = {"field": field, "direction": direction}
    seen, after = [], None
    for _ in range(4):
        answer = stage.send("staff", document, {"after": after, "sort": sort})
        seen += names(several, answer)
        after = answer["data"]["it"]["pageInfo"]["endCursor"]
        if not answer["data"]["it"]["pageInfo"]["hasNextPage"]:
            break
    assert seen == (found if direction == "ASC" else found[::-1])


@pytest.mark.parametrize(
    "cursor", ["WyJxdW90ZWRfYW1vdW50IiwgIk5hTiIsIDFd", "WyJxdW90ZWRfYW1vdW50IiwgIjFlOTkiLCAxXQ==", "x"]
)
def test_cursors_that_are_none(stage, cursor):
    document = (
        "query ($c: String) { it: supportReturns(first: 1, after: $c, sortBy: {field: AMOUNT, direction: ASC}) "
        "{ edges { node { id } } } }"
    )
    answer = stage.send("staff", document, {"c": cursor})
    assert answer["errors"][0]["extensions"]["exception"]["code"] == "SupportRequestError"


def test_too_long_lists_of_a_filter(stage):
    document = "query ($r: [String!]) { it: supportReturns(first: 1, filter: {reason: $r}) { edges { node { id } } } }"
    answer = stage.send("staff", document, {"r": [str(one) for one in range(101)]})
    assert "at most 100" in answer["errors"][0]["message"]
