"""Lists cost the same number of queries at 10 rows as at 100, pages are whole, and totals are lazy."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from graphql_relay import to_global_id

from saleor_support_plugin.returns import service as returns
from saleor_support_plugin.tickets import service as tickets
from saleor_support_plugin.tickets.models import Ticket
from saleor_support_plugin.worklist import service as worklist
from saleor_support_plugin.worklist.models import TaskKind
from sandbox import makers

LISTS = {
    "tickets": "{ it: supportTickets(first: 100) { edges { node { id number subject order { id number } "
    "messages { body author } } } } }",
    "returns": "{ it: supportReturns(first: 100) { edges { node { id number status order { number } "
    "lines { quantity unitPrice { amount } } } } } }",
    "tasks": "{ it: supportStaffTasks(first: 100) { edges { node { id summary order { number } } } } }",
    "orders": "{ it: orders { number supportTickets { id messages { body } } "
    "supportReturns { id lines { quantity } } supportAddressChanges { id } } }",
}


@pytest.fixture
def grow(stage, shop, now):
    """``grow(n)`` adds n orders, each with a ticket of two messages, a return and a task."""
    channel = makers.models.Channel.objects.get(slug="here")

    def more(count):
        for number in range(count):
            customer = makers.make_customer()
            order = makers.make_order(channel, customer, lines=[("Juice", 2, "5.00")], created_at=now)
            makers.fulfill(order, hook=False, created_at=now)
            actor = shop.identify(makers.request_for(customer))
            ticket = tickets.create(
                actor=actor, order_id=makers.gid(order), subject=f"No. {number}", message="Hello", now=now
            )
            tickets.reply(actor=actor, ticket_id=ticket.pk, message="Still there?", now=now)
            asked = returns.request(
                actor=actor, order_id=makers.gid(order), lines=[(makers.gid(order.lines.get()), 1)], now=now
            )
            worklist.open_task(
                kind=TaskKind.REFUND_FAILED,
                key=f"test {asked.pk}",
                subject=asked.subject,
                channel_id=asked.channel_id,
                order_id=asked.order_id,
                summary="Look",
                at=now,
            )

    return more


@pytest.mark.parametrize("name", sorted(LISTS))
def test_lists_cost_the_same_at_10_and_100(stage, grow, name):
    costs = []
    for count in (9, 90):
        grow(count)
        with CaptureQueriesContext(connection) as spent:
            answer = stage.send("staff", LISTS[name])
        assert "errors" not in answer, answer
        found = answer["data"]["it"]
        assert len(found if isinstance(found, list) else found["edges"]) >= count
        costs.append((len(spent), len([one for one in spent if "saleor_support_plugin_" in one["sql"]])))
    assert costs[0] == costs[1]
    assert costs[0][1] <= 8  # ours; the rest is the shop's own work for its orders


def test_the_total_is_counted_only_when_asked_for(stage, grow):
    grow(3)
    with CaptureQueriesContext(connection) as spent:
        stage.send("staff", "{ supportTickets(first: 1) { edges { node { id } } } }")
    assert not [one for one in spent if "COUNT(" in one["sql"]]
    answer = stage.send("staff", "{ supportTickets(first: 1) { totalCount } }")
    assert answer["data"]["supportTickets"]["totalCount"] == 4


@pytest.mark.parametrize(
    "sort",
    [
        "",
        "sortBy: {field: LAST_MESSAGE_AT, direction: ASC}",
        "sortBy: {field: LAST_MESSAGE_AT, direction: DESC}",
        "sortBy: {field: CREATED_AT, direction: ASC}",
    ],
)
def test_paging_forwards_and_backwards_shows_each_once(stage, grow, sort):
    grow(10)
    ask = (
        "query ($first: Int, $after: String, $last: Int, $before: String) { it: supportTickets(first: $first, "
        "after: $after, last: $last, before: $before, %s) { pageInfo { hasNextPage hasPreviousPage startCursor "
        "endCursor } edges { node { id } } } }" % (sort or "filter: {}")
    )
    forwards, after = [], None
    while True:
        found = stage.send("staff", ask, {"first": 4, "after": after})["data"]["it"]
        forwards += [edge["node"]["id"] for edge in found["edges"]]
        after = found["pageInfo"]["endCursor"]
        if not found["pageInfo"]["hasNextPage"]:
            break
    backwards, before = [], None
    while True:
        found = stage.send("staff", ask, {"last": 4, "before": before})["data"]["it"]
        backwards = [edge["node"]["id"] for edge in found["edges"]] + backwards
        before = found["pageInfo"]["startCursor"]
        if not found["pageInfo"]["hasPreviousPage"]:
            break
    every = {to_global_id("SupportTicket", pk) for pk in Ticket.objects.values_list("pk", flat=True)}
    assert len(forwards) == len(every)
    assert set(forwards) == every
    assert backwards == forwards
