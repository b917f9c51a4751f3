"""Hostile callers: what one request may cost, whose rights it has, and input that databases choke on."""

import base64
import json
import types

import pytest
from graphene.utils.str_converters import to_camel_case

from saleor_support_plugin.actors import Actor, ActorKind, Permission
from saleor_support_plugin.graphql import loaders
from saleor_support_plugin.graphql.base import actor_for
from saleor_support_plugin.graphql.schema import fields
from saleor_support_plugin.tickets import service as tickets
from sandbox import makers

NESTED = "order { supportTickets(accessToken: $accessToken) { id %s } }"


def nested(depth: int) -> str:
    inner = ""
    for _ in range(depth):
        inner = NESTED % inner
    return (
        "query ($order: ID!, $accessToken: String) { order(id: $order) "
        f"{{ supportTickets(accessToken: $accessToken) {{ id {inner} }} }} }}"
    )


@pytest.fixture
def talkative(stage, shop, now):
    """Ana's order has ten tickets."""
    ana = shop.identify(makers.request_for(makers.models.User.objects.get(email="ana@example.com")))
    for number in range(9):
        tickets.create(
            actor=ana, order_id=stage.ids["order"], subject=f"No. {number}", message="Hello", now=now
        )
    return stage


@pytest.mark.parametrize("caller", ["owner", "guest", "staff"])
def test_tickets_of_orders_of_tickets_come_to_an_end(talkative, caller):
    """Ten tickets, six levels deep, would be a million rows for a dozen points of query cost."""
    assert "errors" not in talkative.send(caller, nested(2), {"order": talkative.ids["order"]})

    answer = talkative.send(caller, nested(5), {"order": talkative.ids["order"]})

    assert {error["message"] for error in answer["errors"]} == {loaders.TOO_MUCH}
    assert len(json.dumps(answer)) < 5_000_000


def test_pages_inside_lists_count_as_well(talkative):
    """Each page is a query of its own: a thousand customers of orders of tickets are not."""
    inner = ""
    for _ in range(3):
        inner = f"order {{ user {{ supportTickets(first: 100) {{ edges {{ node {{ id {inner} }} }} }} }} }}"
    document = f"query ($order: ID!) {{ order(id: $order) {{ supportTickets {{ id {inner} }} }} }}"

    answer = talkative.send("owner", document, {"order": talkative.ids["order"]})

    assert loaders.TOO_MUCH in {error["message"] for error in answer.get("errors", [])}, str(answer)[:500]


@pytest.mark.parametrize("caller", ["anonymous", "owner"])
def test_what_may_come_back_is_not_asked_a_thousand_times_at_once(stage, caller):
    """Each answer takes a dozen queries, and about products anybody may ask."""
    product = makers.gid(makers.models.Product.objects.get(name="Juice"))
    one = f'supportReturnEligibility(productId: "{product}", channel: "here") {{ eligible }}'

    answer = stage.send(caller, "{" + " ".join(f"a{number}: {one}" for number in range(201)) + "}")

    assert list(answer["data"].values()) == [{"eligible": True}] * 200 + [None]
    assert [error["message"] for error in answer["errors"]] == [loaders.TOO_MUCH]


@pytest.mark.parametrize("part", ["rows(by: PRODUCT) { value }", "times { step }"])
def test_a_report_has_twenty_tables_at_most(stage, part):
    """Each goes through up to a year of returns and of what left, even when nothing is found."""
    tables = " ".join(f"a{number}: {part}" for number in range(21))
    document = f'{{ supportReturnReport(from: "2001-01-01", until: "2001-12-31") {{ {tables} }} }}'

    answer = stage.send("staff", document)

    assert [error["message"] for error in answer["errors"]] == [loaders.TOO_MUCH]


def test_every_mutation_and_root_field_has_a_price():
    """Saleor counts what the map does not name as free: thousands of aliases would fit one request."""
    whole = fields()
    for kind, added in (("Query", whole.query), ("Mutation", whole.mutation), ("Order", whole.order)):
        assert {to_camel_case(name) for name in added} <= set(whole.costs[kind]), kind
    assert all(entry["complexity"] >= 500 for entry in whole.costs["Mutation"].values())


def test_apps_that_share_a_context_do_not_share_their_rights(shop, monkeypatch):
    """Saleor 3.21 writes the payloads of all apps' webhooks with one context, whose app it exchanges."""
    context = types.SimpleNamespace(app=types.SimpleNamespace(pk=1))
    info = types.SimpleNamespace(context=context)
    rights = {1: frozenset({Permission.MANAGE_ORDERS}), 2: frozenset()}
    monkeypatch.setattr(
        type(shop),
        "identify",
        lambda _shop, given: Actor(ActorKind.APP, id=str(given.app.pk), permissions=rights[given.app.pk]),
    )

    assert actor_for(info).may(Permission.MANAGE_ORDERS)
    context.app = types.SimpleNamespace(pk=2)
    assert not actor_for(info).may(Permission.MANAGE_ORDERS)
    assert actor_for(info).id == "2"


def test_each_mutation_of_a_request_sees_what_the_one_before_it_wrote(stage):
    document = (
        "mutation ($id: ID!) { "
        'a: supportTicketReply(id: $id, input: {message: "one"}) { ticket { messages { body } } } '
        'b: supportTicketReply(id: $id, input: {message: "two"}) { ticket { messages { body } } } }'
    )

    data = stage.send("owner", document, {"id": stage.ids["ticket"]})["data"]

    assert [one["body"] for one in data["b"]["ticket"]["messages"]] == ["There?", "one", "two"]


@pytest.mark.parametrize("field", ["supportTickets", "supportReturns"])
@pytest.mark.parametrize("number", ["\x00", "\ud800", "1\x002", "x" * 100_000, "' OR 1=1 --", "%"])
@pytest.mark.parametrize("caller", ["owner", "staff"])
def test_filters_for_numbers_that_no_order_has_find_nothing(stage, caller, field, number):
    document = f"query ($n: String) {{ it: {field}(first: 5, filter: {{orderNumber: $n}}) {{ totalCount }} }}"

    answer = stage.send(caller, document, {"n": number})

    assert answer == {"data": {"it": {"totalCount": 0}}}


def test_a_state_named_a_hundred_thousand_times_is_one_state(stage):
    document = (
        "query ($s: [SupportTicketState!]) "
        "{ it: supportTickets(first: 5, filter: {state: $s}) { totalCount } }"
    )

    assert stage.send("owner", document, {"s": ["NEW"] * 100_000})["data"]["it"]["totalCount"] == 1


@pytest.mark.parametrize("moment", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"])
def test_cursors_at_the_end_of_time(stage, moment):
    cursor = base64.urlsafe_b64encode(json.dumps(["last_message_at", moment, 1]).encode()).decode()
    document = (
        "query ($after: String) { supportTickets(first: 5, after: $after, "
        "sortBy: {field: LAST_MESSAGE_AT, direction: ASC}) { totalCount } }"
    )

    answer = stage.send("owner", document, {"after": cursor})

    assert answer["errors"][0]["extensions"]["exception"]["code"] == "SupportRequestError"
