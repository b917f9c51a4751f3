"""Whose rights a request of Saleor's has: every kind of token, webhooks' payloads, and many aliases."""

import inspect
import json

import pytest
from django.test import Client
from saleor.app.models import App
from saleor.core.jwt import create_access_token, create_access_token_for_app, create_refresh_token
from saleor.graphql.webhook import subscription_payload
from saleor.permission.models import Permission

from saleor_support_plugin.access.models import GuestAccessRequest
from saleor_support_plugin.settings import Feature
from saleor_support_plugin.tickets.models import Ticket

CREATE = """mutation ($input: SupportTicketCreateInput!) {
  supportTicketCreate(input: $input) { errors { code } ticket { id } }
}"""
NOTE = """mutation ($id: ID!) {
  supportTicketReply(id: $id, input: {message: "Secret", internal: true}) { errors { code } ticket { id } }
}"""
ONE = "query ($id: ID!) { supportTicket(id: $id) { number messages { body } } }"
EVENT = """subscription {
  event { ... on OrderUpdated { order { id supportTickets { number messages { body internal } } } } }
}"""
SEEN_BY_STAFF = ["Hello", "Secret"]


@pytest.fixture
def asked(world):
    """An order's and its ticket's global ids; the ticket holds a customer's message and a note of staff."""
    assert world.configure(world.channel_id, {str(feature): True for feature in Feature}) == set()
    order_id = world.make_order()
    given = {"input": {"orderId": order_id, "subject": "Hi", "message": "Hello"}}
    ticket = world.do(CREATE, given, world.customer)["ticket"]
    world.do(NOTE, {"id": ticket["id"]}, world.user("staff"))
    return order_id, ticket["id"]


def bodies(token, ticket_id):
    """The messages that the bearer of this token sees; None when there is no such ticket."""
    answer = Client().post(
        "/graphql/",
        json.dumps({"query": ONE, "variables": {"id": ticket_id}}),
        content_type="application/json",
        HTTP_AUTHORIZATION=f"Bearer {token}",
    )
    ticket = (answer.json().get("data") or {}).get("supportTicket")
    return [message["body"] for message in ticket["messages"]] if ticket else None


def app_with(*codenames):
    app = App.objects.create(name="An app", is_active=True)
    app.permissions.set(Permission.objects.filter(codename__in=codenames))
    return app


def test_a_users_token_for_an_app_has_the_rights_that_both_have(world, asked):
    _order_id, ticket_id = asked
    staff, powerless = world.user("staff"), world.user("powerless")
    orders, products = app_with("manage_orders"), app_with("manage_products")

    assert bodies(create_access_token(staff), ticket_id) == SEEN_BY_STAFF
    assert bodies(create_access_token_for_app(orders, staff), ticket_id) == SEEN_BY_STAFF
    assert bodies(create_access_token_for_app(products, staff), ticket_id) is None
    assert bodies(create_access_token_for_app(orders, powerless), ticket_id) is None
    assert bodies(create_access_token_for_app(orders, world.customer), ticket_id) == ["Hello"]


def test_other_tokens_open_nothing(world, asked):
    _order_id, ticket_id = asked
    staff = world.user("staff")
    access = create_access_token(staff)

    assert bodies(create_refresh_token(staff), ticket_id) is None
    assert bodies(access[:-4] + "AAAA", ticket_id) is None
    staff.is_active = False
    staff.save()
    assert bodies(access, ticket_id) is None


def test_a_webhook_gets_what_its_own_app_may_see(world, asked):
    """Up to 3.21 Saleor writes the payloads of all apps with one context."""
    order_id, _ticket_id = asked
    order = world.row(order_id)
    apps = [app_with("manage_orders"), app_with("manage_products"), app_with("manage_orders")]

    payloads = list(write_payloads(order, apps))

    (seen,) = payloads[0]["order"]["supportTickets"]
    assert [message["body"] for message in seen["messages"]] == SEEN_BY_STAFF
    assert payloads[2] == payloads[0]
    assert (payloads[1].get("order"), len(payloads[1]["errors"])) == (None, 1)


def write_payloads(order, apps):
    """The payload that each app's webhook would be sent, written as this Saleor writes them."""
    write = subscription_payload.generate_payload_from_subscription
    given = {"event_type": "order_updated", "subscribable_object": order, "subscription_query": EVENT}
    if "app" in inspect.signature(write).parameters:
        request = subscription_payload.initialize_request()
        for app in apps:
            yield write(**given, request=request, app=app)
    else:
        loaders = {}
        for app in apps:
            yield write(**given, request=subscription_payload.initialize_request(app, dataloaders=loaders))


def test_a_request_can_not_hold_hundreds_of_mutations(world, asked):
    before = GuestAccessRequest.objects.count()
    one = 'supportGuestAccessRequest(channel: "x", orderNumber: "1", email: "a@b.example") { errors { code }}'
    many = " ".join(f"a{number}: {one}" for number in range(101))

    answer = world.ask(f"mutation {{ {many} }}")

    assert "maximum cost" in answer["errors"][0]["message"]
    assert GuestAccessRequest.objects.count() == before
    assert Ticket.objects.count() >= 1
