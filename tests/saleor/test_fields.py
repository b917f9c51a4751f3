"""Our fields over Saleor's own endpoint, whose guard against unmarked use of the primary database is on."""

import pytest
from django.utils import timezone

from saleor_support_plugin.returns.models import Return

TICKET_CREATE = """
    mutation ($input: SupportTicketCreateInput!) { supportTicketCreate(input: $input) {
        errors { field message code }
        ticket { id number subject answerBy order { id number } messages { body } } } }"""
TICKET_REPLY = """
    mutation ($id: ID!, $input: SupportTicketReplyInput!) { supportTicketReply(id: $id, input: $input) {
        errors { field message code } ticket { id state } } }"""
ORDERS = """
    query ($id: ID!) { order(id: $id) { number
        supportTickets { number subject messages { body } order { id } }
        supportReturns { number } supportAddressChanges { state } } }"""
ME = """
    { me { supportTickets(first: 5) { totalCount edges { node { number order { number } } } }
           supportReturns(first: 5) { totalCount edges { node { number lines { quantity } } } } } }"""
TICKETS = """
    { supportTickets(first: 100) { totalCount edges { node {
        id number order { id number } messages { body } } } } }"""
TASKS = "{ supportStaffTasks(first: 5) { totalCount edges { node { id order { id } } } } }"
ELIGIBILITY = """
    query ($id: ID!) { supportReturnEligibility(orderId: $id) { eligible windowDays
        lines { orderLineId returnable } } }"""
ADDRESS = """
    mutation ($id: ID!, $address: AddressInput!) {
        supportAddressChangeRequest(orderId: $id, address: $address) {
            errors { field message code }
            addressChange { state order { id shippingAddress { city postalCode } }
                            address { city country { code } phone } previous { city } } } }"""
RETURN_REQUEST = """
    mutation ($input: SupportReturnRequestInput!) { supportReturnRequest(input: $input) {
        errors { field message code } return { id number status lines { quantity } } } }"""
RETURN_APPROVE = """
    mutation ($id: ID!) { supportReturnApprove(id: $id) {
        errors { field message code } return { id status } } }"""
SEVILLE = {
    "firstName": "Lucía",
    "lastName": "Fernández",
    "streetAddress1": "Calle Sierpes 10",
    "city": "Sevilla",
    "postalCode": "41004",
    "country": "ES",
    "countryArea": "Sevilla",
    "phone": "+34600111222",
}


@pytest.fixture
def on(world):
    """A world where every feature is on."""
    features = ("notifications", "tickets", "returns", "order_changes", "guest_access")
    assert world.configure(world.channel_id, dict.fromkeys(features, True)) == set()
    return world


def ticket(world, order_id, who=None):
    given = {"input": {"orderId": order_id, "subject": "Where is it?", "message": "Hello"}}
    return world.do(TICKET_CREATE, given, who or world.customer)["ticket"]


def test_a_ticket_from_its_writer_to_the_answer(on):
    order_id = on.make_order()
    made = ticket(on, order_id)
    assert made["order"] == {"id": order_id, "number": str(on.row(order_id).number)}
    assert [message["body"] for message in made["messages"]] == ["Hello"]
    answer = on.do(TICKET_REPLY, {"id": made["id"], "input": {"message": "On its way"}}, on.user("staff"))
    assert answer["ticket"]["id"] == made["id"]
    (shown,) = on.do(ORDERS, {"id": order_id}, on.customer)["supportTickets"]
    assert (shown["number"], shown["order"]["id"]) == (made["number"], order_id)
    assert [message["body"] for message in shown["messages"]] == ["Hello", "On its way"]
    mine = on.do(ME, None, on.customer)["supportTickets"]
    assert (mine["totalCount"], mine["edges"][0]["node"]["number"]) == (1, made["number"])


def test_lists_for_staff(on):
    numbers = [ticket(on, on.make_order())["number"] for _ in range(3)]
    for who in (on.user("staff"), on.user("confined")):
        found = on.do(TICKETS, None, who)
        assert [edge["node"]["number"] for edge in found["edges"]][:3] == numbers[::-1]
        assert on.do(TASKS, None, who)["totalCount"] == 0


@pytest.mark.parametrize("who", ["nobody", "other", "powerless"])
def test_others_are_denied_the_same_with_and_without_rows(on, who):
    user = None if who == "nobody" else on.user(who)
    with_rows, without = on.make_order(), on.make_order()
    made = ticket(on, with_rows)
    answers = []
    for order_id in (with_rows, without):
        answer = on.ask(ORDERS, {"id": order_id}, user)
        assert {error["extensions"]["exception"]["code"] for error in answer["errors"]} == {
            "PermissionDenied"
        }
        answers.append([(error["message"], error["path"]) for error in answer["errors"]])
    assert answers[0] == answers[1]
    reply = on.ask(TICKET_REPLY, {"id": made["id"], "input": {"message": "x"}}, user)
    (error,) = reply["data"]["supportTicketReply"]["errors"]
    assert (error["field"], error["code"]) == ("id", "NOT_FOUND")


def test_staff_of_another_channel_see_nothing(on):
    made = ticket(on, on.make_order())
    stranger = on.user("confined")
    stranger.groups.get().channels.clear()
    assert on.do(TICKETS, None, stranger)["totalCount"] == 0
    reply = on.ask(TICKET_REPLY, {"id": made["id"], "input": {"message": "x"}}, stranger)
    assert reply["data"]["supportTicketReply"]["errors"][0]["code"] == "NOT_FOUND"


def test_the_address_changes_in_saleor(on):
    order_id = on.make_order()
    given = {"id": order_id, "address": {**SEVILLE, "skipValidation": True}}
    change = on.do(ADDRESS, given, on.customer)["addressChange"]
    assert change["order"] == {"id": order_id, "shippingAddress": {"city": "SEVILLA", "postalCode": "41004"}}
    assert (change["address"]["country"], change["address"]["phone"]) == ({"code": "ES"}, "+34600111222")
    assert change["previous"] == {"city": "MADRID"}
    wrong = {"id": order_id, "address": {**SEVILLE, "postalCode": "4100", "skipValidation": True}}
    errors = on.ask(ADDRESS, wrong, on.customer)["data"]["supportAddressChangeRequest"]["errors"]
    assert [(error["field"].rpartition(".")[2], error["code"]) for error in errors] == [
        ("postalCode", "INVALID")
    ]
    assert on.row(order_id).shipping_address.postal_code == "41004"


def test_a_return_is_requested_and_approved(on):
    order_id = on.make_order()
    on.fulfill(order_id)
    eligible = on.do(ELIGIBILITY, {"id": order_id}, on.customer)
    assert eligible["eligible"] is True
    line = eligible["lines"][0]["orderLineId"]
    given = {"input": {"orderId": order_id, "lines": [{"orderLineId": line, "quantity": 1}]}}
    made = on.do(RETURN_REQUEST, given, on.customer)["return"]
    assert on.do(RETURN_APPROVE, {"id": made["id"]}, on.user("staff"))["return"]["id"] == made["id"]
    again = on.ask(RETURN_APPROVE, {"id": made["id"]}, on.user("staff"))
    assert again["data"]["supportReturnApprove"]["errors"][0]["code"] == "WRONG_STATE"
    assert on.do(ME, None, on.customer)["supportReturns"]["totalCount"] == 1


WHOLE_RETURN = """
    query ($id: ID!) { supportReturn(id: $id) { number status explanation { text } slipUrl
        lines { receivedQuantity reasonLabel(language: "es") files { name } policy { rule ruleName } } files { name }
        shipments { state label { url } events { id } statusText } receipts { lines { sellable } }
        payouts { amount { amount } state } refundAmount { amount } comments { text } history { event after } } }"""
RETURNS = """
    query ($filter: SupportReturnFilterInput, $sort: SupportReturnSortingInput, $after: String) {
        supportReturns(first: 1, filter: $filter, sortBy: $sort, after: $after) {
            totalCount pageInfo { endCursor } edges { node { id order { number } } } } }"""
DIMENSIONS = ("REASON", "FAULT", "PRODUCT", "VARIANT", "CHANNEL", "CARRIER", "KIND")
REPORT = (
    "query ($from: Date!, $until: Date!) { supportReturnReport(from: $from, until: $until) { returns pieces orders "
    "rate refunded { amount currency } times { step returns p50 p90 } "
    + " ".join(f"{one}: rows(by: {one}) {{ value label returns pieces share rate }}" for one in DIMENSIONS)
    + " } }"
)
DESK = """
    query ($channel: ID!) { supportReturnReasons { code label(language: "es") }
        supportReturnRules { name outcome { days } } supportReturnSettings(channelId: $channel) { sendDays }
        supportReturnListEntries(first: 5) { totalCount } }"""
COMMENT = """
    mutation ($id: ID!) { supportReturnCommentAdd(id: $id, input: {text: "Hello"}) {
        errors { field message code } return { id } comment { text } } }"""
SHIPPED = """
    mutation ($id: ID!) { supportReturnShipmentReport(id: $id, input: {trackingNumber: "1Z999AA10123456799"}) {
        errors { field message code } return { id } shipment { state events { id } } } }"""
RECEIVED = """
    mutation ($id: ID!, $line: ID!) { supportReturnReceive(id: $id, input: {lines: [{orderLineId: $line,
        sellable: 1}]}) { errors { field message code } return { id } receipt { lines { sellable } } } }"""


def test_returns_are_listed_found_and_counted(on):
    Return.objects.all().delete()  # those that tests with threads of their own have left committed
    order_id, staff = on.make_order(), on.user("staff")
    on.fulfill(order_id)
    line = on.do(ELIGIBILITY, {"id": order_id}, on.customer)["lines"][0]["orderLineId"]
    wish = {"orderLineId": line, "quantity": 1, "reason": "too_small"}
    given = {"input": {"orderId": order_id, "lines": [wish]}}
    made = on.do(RETURN_REQUEST, given, on.customer)["return"]
    key = {"id": made["id"]}
    on.do(RETURN_APPROVE, key, staff)
    assert on.do(COMMENT, key, on.customer)["comment"] == {"text": "Hello"}
    assert on.do(SHIPPED, key, on.customer)["shipment"] == {"state": "IN_TRANSIT", "events": []}
    assert on.do(RECEIVED, {**key, "line": line}, staff)["receipt"] == {"lines": [{"sellable": 1}]}
    for who in (on.customer, staff):
        seen = on.do(WHOLE_RETURN, key, who)
        assert seen["lines"][0]["receivedQuantity"] == 1
        assert seen["lines"][0]["reasonLabel"] == "Demasiado pequeño"
        assert seen["history"][0]["event"] == "return_requested"
    for field in ("CREATED_AT", "UPDATED_AT", "SEND_BY", "AMOUNT"):
        sort = {"field": field, "direction": "DESC"}
        for wanted in (
            {"search": made["number"]},
            {"search": "1Z999AA10123456799"},
            {"reason": ["too_small"]},
        ):
            found = on.do(RETURNS, {"filter": wanted, "sort": sort}, staff)
            assert [one["node"]["id"] for one in found["edges"]] == [made["id"]]
            rest = on.do(
                RETURNS, {"filter": wanted, "sort": sort, "after": found["pageInfo"]["endCursor"]}, staff
            )
            assert rest["edges"] == []
    today = timezone.now().date()
    answer = on.ask(REPORT, {"from": str(today), "until": str(today)}, staff)
    assert "errors" not in answer, answer
    report = answer["data"]["supportReturnReport"]
    assert (report["returns"], report["pieces"]) == (1, 1)
    assert report["REASON"][0]["value"] == "too_small"
    assert [len(report[one]) for one in DIMENSIONS] == [1] * len(DIMENSIONS)
    answer = on.ask(DESK, {"channel": on.channel_id}, staff)
    assert "errors" not in answer, answer
