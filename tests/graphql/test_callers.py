"""Every field and mutation of ours, tried by every kind of caller; a field without an entry fails."""

from typing import Any

import pytest
from graphql.type.definition import GraphQLObjectType

from sandbox.home.schema import schema
from tests.graphql.conftest import CALLERS
from tests.graphql.entries import (
    BAD_LINK,
    DENIED,
    EMPTY,
    MINE,
    NOT_FOUND,
    NULL,
    OK,
    STAFF,
    STAFF_EVERYWHERE,
    STAFF_ONLY,
    Entry,
)
from tests.graphql.parcel_entries import PARCELS
from tests.graphql.return_entries import RETURNS

ADDRESS = {
    "firstName": "Ana",
    "lastName": "Prieto",
    "streetAddress1": "Calle Mayor 1",
    "city": "Madrid",
    "postalCode": "28013",
    "country": "ES",
    "countryArea": "M",
}
MATRIX = {
    **PARCELS,
    **RETURNS,
    "Query.supportTicket": Entry(
        "query ($ticket: ID!, $accessToken: String) { it: supportTicket(id: $ticket, accessToken: $accessToken) "
        "{ id number order { id } messages { body } } }",
        MINE,
        NULL,
    ),
    "Query.supportTickets": Entry(
        "query ($accessToken: String) { it: supportTickets(first: 5, accessToken: $accessToken) "
        "{ totalCount edges { node { id subject } } } }",
        MINE,
        EMPTY,
    ),
    "Query.supportStaffTasks": Entry(
        "query ($accessToken: String) { it: supportStaffTasks(first: 5, accessToken: $accessToken) "
        "{ totalCount edges { node { id summary } } } }",
        STAFF,
        DENIED,
        denied={"staff_of_another_channel": EMPTY},
    ),
    "Query.supportHealth": Entry(
        "query { it: supportHealth { level problems { message } outbox { accepted } channels { channel } } }",
        (*STAFF, "staff_of_another_channel"),
        DENIED,
    ),
    "Query.supportNotifications": Entry(
        "query ($accessToken: String) { it: supportNotifications(first: 5, accessToken: $accessToken) "
        "{ totalCount edges { node { id recipient detail order { id } events { id } } } } }",
        STAFF,
        DENIED,
        denied={"staff_of_another_channel": EMPTY},
    ),
    "Query.supportSuppressions": Entry(
        "query ($accessToken: String) { it: supportSuppressions(first: 5, accessToken: $accessToken) "
        "{ totalCount edges { node { id email } } } }",
        STAFF,
        DENIED,
        denied={"staff_of_another_channel": EMPTY},
    ),
    "Query.supportNotificationKinds": Entry(
        "{ it: supportNotificationKinds { name title enabled variables { name type fields } } }",
        STAFF_EVERYWHERE,
        DENIED,
    ),
    "Query.supportNotificationTemplates": Entry(
        "query ($accessToken: String) { it: supportNotificationTemplates(first: 5, accessToken: $accessToken) "
        "{ totalCount edges { node { id kind blocks { name text } } } } }",
        STAFF,
        DENIED,
        denied={"staff_of_another_channel": EMPTY},
    ),
    "Query.supportNotificationPreview": Entry(
        'query ($channel: ID!, $order: ID!) { it: supportNotificationPreview(kind: "order_shipped", '
        'channelId: $channel, order: $order, language: "es") { subject html text problems { message } } }',
        STAFF,
        DENIED,
        denied={"staff_of_another_channel": NULL},
    ),
    "Order.supportTickets": Entry(
        "query ($order: ID!, $accessToken: String) { order(id: $order) { it: supportTickets("
        "accessToken: $accessToken) { id } } }",
        MINE,
        DENIED,
    ),
    "Order.supportAddressChanges": Entry(
        "query ($order: ID!, $accessToken: String) { order(id: $order) { it: supportAddressChanges("
        "accessToken: $accessToken) { id } } }",
        MINE,
        DENIED,
    ),
    "Order.supportNotifications": Entry(
        "query ($order: ID!) { order(id: $order) { it: supportNotifications { id recipient } } }",
        STAFF,
        DENIED,
        forged=DENIED,
    ),
    "User.supportTickets": Entry(
        "{ me { it: supportTickets(first: 5) { totalCount edges { node { id } } } } }", ("owner",), EMPTY
    ),
    "Mutation.supportTicketCreate": Entry(
        "mutation ($order: ID!, $accessToken: String) { it: supportTicketCreate(input: {orderId: $order, "
        'subject: "Hi", message: "Hello"}, accessToken: $accessToken) { errors { field code } ticket { id } } }',
        MINE,
        NOT_FOUND,
    ),
    "Mutation.supportTicketReply": Entry(
        "mutation ($ticket: ID!, $accessToken: String) { it: supportTicketReply(id: $ticket, "
        'input: {message: "Hello"}, accessToken: $accessToken) { errors { field code } message { id } } }',
        MINE,
        NOT_FOUND,
    ),
    "Mutation.supportFileUpload": Entry(
        "mutation ($file: Upload!, $order: ID!, $accessToken: String) { it: supportFileUpload(file: $file, "
        "orderId: $order, accessToken: $accessToken) { errors { field code } file { id url } } }",
        MINE,
        NOT_FOUND,
        more={"file": True},  # sent as one
    ),
    "Mutation.supportAddressChangeRequest": Entry(
        "mutation ($fresh: ID!, $address: AddressInput!, $accessToken: String) { it: supportAddressChangeRequest("
        "orderId: $fresh, address: $address, accessToken: $accessToken) { errors { field code } "
        "addressChange { id } } }",
        ("owner", "staff", "app"),
        NOT_FOUND,
        more={"address": ADDRESS},
    ),
    "Mutation.supportGuestAccessRequest": Entry(
        'mutation ($number: String!) { it: supportGuestAccessRequest(channel: "here", orderNumber: $number, '
        'email: "who@example.com") { errors { field code } } }',
        CALLERS,
        OK,
    ),
    "Mutation.supportGuestAccessRevoke": Entry(
        "mutation ($order: ID!) { it: supportGuestAccessRevoke(orderId: $order) { errors { field code } revoked } }",
        STAFF,
        DENIED,
        denied=STAFF_ONLY,
        forged=DENIED,
    ),
    "Mutation.supportNotificationResend": Entry(
        "mutation ($ended: ID!) { it: supportNotificationResend(id: $ended) { errors { field code } "
        "notification { id resendOf { id } } } }",
        STAFF,
        DENIED,
        denied=STAFF_ONLY,
        forged=DENIED,
    ),
    "Mutation.supportNotificationCancel": Entry(
        "mutation ($waiting: ID!) { it: supportNotificationCancel(id: $waiting) { errors { field code } "
        "notification { id state } } }",
        STAFF,
        DENIED,
        denied=STAFF_ONLY,
        forged=DENIED,
    ),
    "Mutation.supportSuppressionAdd": Entry(
        'mutation ($channel: ID!) { it: supportSuppressionAdd(email: "x@example.com", channelId: $channel) '
        "{ errors { field code } suppression { id email } } }",
        STAFF,
        DENIED,
        denied=STAFF_ONLY,
        forged=DENIED,
    ),
    "Mutation.supportSuppressionLift": Entry(
        "mutation ($suppression: ID!) { it: supportSuppressionLift(id: $suppression) { errors { field code } "
        "suppression { id email } } }",
        STAFF,
        DENIED,
        denied=STAFF_ONLY,
        forged=DENIED,
    ),
    "Mutation.supportNotificationPreferencesUpdate": Entry(
        "mutation ($order: ID!, $accessToken: String) { it: supportNotificationPreferencesUpdate(orderId: "
        "$order, onlyNecessary: true, accessToken: $accessToken) { errors { field code } onlyNecessary } }",
        MINE,
        NOT_FOUND,
    ),
    "Mutation.supportNotificationTemplateUpdate": Entry(
        'mutation ($channel: ID!) { it: supportNotificationTemplateUpdate(input: {kind: "order_shipped", '
        'language: "en", channelId: $channel, blocks: [{name: "subject", text: "On its way"}]}) '
        "{ errors { field code } template { id version } } }",
        STAFF,
        DENIED,
        denied=STAFF_ONLY,
    ),
    "Mutation.supportNotificationTemplateReset": Entry(
        'mutation ($channel: ID!) { it: supportNotificationTemplateReset(kind: "delivered", language: "en", '
        "channelId: $channel) { errors { field code } } }",
        STAFF,
        DENIED,
        denied=STAFF_ONLY,
    ),
    "Mutation.supportNotificationTestSend": Entry(
        'mutation ($channel: ID!) { it: supportNotificationTestSend(kind: "delivered", channelId: $channel) '
        "{ errors { field code } recipient } }",
        ("staff",),
        DENIED,
        denied={**STAFF_ONLY, "app": "REQUIRED"},  # an app has no address
    ),
    "Mutation.supportStaffTaskAssign": Entry(
        "mutation ($task: ID!, $ana: ID) { it: supportStaffTaskAssign(id: $task, assignee: $ana) "
        "{ errors { field code } task { id } } }",
        STAFF,
        DENIED,
        denied=STAFF_ONLY,
        forged=DENIED,
    ),
    "Mutation.supportStaffTaskComplete": Entry(
        "mutation ($task: ID!) { it: supportStaffTaskComplete(id: $task) { errors { field code } task { id } } }",
        STAFF,
        DENIED,
        denied=STAFF_ONLY,
        forged=DENIED,
    ),
    "Mutation.supportStaffTaskDismiss": Entry(
        'mutation ($task: ID!) { it: supportStaffTaskDismiss(id: $task, note: "No") '
        "{ errors { field code } task { id } } }",
        STAFF,
        DENIED,
        denied=STAFF_ONLY,
        forged=DENIED,
    ),
}


def test_every_field_of_ours_has_an_entry():
    ours = {
        f"{kind.name}.{name}"
        for kind in schema().get_type_map().values()
        if isinstance(kind, GraphQLObjectType) and not kind.name.startswith("Support")
        for name in kind.fields
        if name.startswith("support")
    }
    assert ours == set(MATRIX)


def expected(entry: Entry, caller: str) -> str:
    if caller in entry.allowed:
        return OK
    if caller == "guest_with_forged_link" and "$accessToken" in entry.document:
        return entry.forged
    return entry.denied.get(caller, entry.otherwise)


def outcome(answer: dict[str, Any]) -> str:
    if answer.get("errors"):
        code = answer["errors"][0]["extensions"]["exception"]["code"]
        return BAD_LINK if "link" in answer["errors"][0]["message"] else code
    data = answer["data"]
    found = data["it"] if "it" in data else (next(iter(data.values())) or {}).get("it")
    if found is None:
        return NULL
    if isinstance(found, dict) and found.get("errors"):
        (error,) = found["errors"]
        return BAD_LINK if error == {"field": "accessToken", "code": "INVALID"} else error["code"]
    if isinstance(found, dict) and "edges" in found and not found["edges"]:
        return EMPTY
    return OK


@pytest.mark.parametrize("caller", CALLERS)
@pytest.mark.parametrize("name", sorted(MATRIX))
def test_caller(stage, everything, name, caller):
    entry = MATRIX[name]
    names = {key: value for key, value in {**stage.ids, **entry.more}.items() if f"${key}:" in entry.document}
    if (
        name.startswith("User.")
        and caller not in stage.tokens
        or name.startswith("User.")
        and "app" in caller
    ):
        assert stage.send(caller, entry.document, names)["data"] == {"me": None}
        return
    before = everything()
    answer = stage.send(caller, entry.document, names)
    wanted = expected(entry, caller)
    assert outcome(answer) == wanted, answer
    if wanted != OK or not name.startswith("Mutation."):
        assert everything() == before


@pytest.mark.parametrize("name", [name for name in sorted(MATRIX) if name.startswith("Mutation.")])
@pytest.mark.parametrize("caller", ["other_customer", "guest_of_another_order", "staff_of_another_channel"])
def test_not_yours_looks_like_not_there(stage, name, caller):
    entry = MATRIX[name]
    there = {key: value for key, value in {**stage.ids, **entry.more}.items() if f"${key}:" in entry.document}
    nowhere = {
        **there,
        **{key: "T3JkZXI6bm93aGVyZQ==" for key in there if key not in ("address", "number", "ana", "file")},
    }
    first, second = (stage.send(caller, entry.document, names) for names in (there, nowhere))
    for answer in (first, second):
        for error in answer.get("errors", ()):
            error.pop("locations", None)
    assert first == second


def test_internal_notes_are_for_staff_alone(stage):
    note = (
        'mutation ($ticket: ID!) { supportTicketReply(id: $ticket, input: {message: "Secret", internal: true}) '
        "{ errors { code field } } }"
    )
    ask = (
        "query ($ticket: ID!, $accessToken: String) { supportTicket(id: $ticket, accessToken: $accessToken) "
        "{ messages { body internal } } }"
    )
    ticket = {"ticket": stage.ids["ticket"]}
    refused = stage.send("owner", note, ticket)["data"]["supportTicketReply"]["errors"]
    assert refused == [{"code": "INVALID", "field": "internal"}]
    assert stage.send("staff", note, ticket)["data"]["supportTicketReply"]["errors"] == []
    seen = {
        who: [one["body"] for one in stage.send(who, ask, ticket)["data"]["supportTicket"]["messages"]]
        for who in MINE
    }
    assert seen == {
        "owner": ["There?"],
        "guest": ["There?"],
        "staff": ["There?", "Secret"],
        "app": ["There?", "Secret"],
    }
