"""One return by GraphQL, from the question to the money; and what of it is for staff alone."""

import pytest

from saleor_support_plugin.access import service as access
from saleor_support_plugin.access.models import GuestGrant
from saleor_support_plugin.graphql import loaders
from saleor_support_plugin.notifications.models import Notification
from saleor_support_plugin.returns.eligibility import explained
from saleor_support_plugin.returns.models import Return, ReturnComment
from saleor_support_plugin.tracking.models import Parcel, TrackingEvent
from sandbox import makers
from tests.graphql.return_stage import a_return

FLOW = """
fragment Whole on SupportReturn {
  number kind resolution status authorisation logistics settlement comment
  explanation { rule ruleName text whoPays settleOn isStatutory fees { code } }
  lines { quantity approvedQuantity sellableQuantity damagedQuantity missingQuantity receivedQuantity
          returnedQuantity keep reason fault english: reasonLabel spanish: reasonLabel(language: "es")
          policy { kind isAllowed ruleName isAuto } }
  shipments { state trackingNumber carrier labelUrl statusText events { id } }
  receipts { lines { orderLineId sellable damaged } state note warehouse }
  payouts { amount { amount currency } state note }
  quotedAmount { amount } refundAmount { amount }
  comments { author text isInternal }
  history { event actor actorName after }
  risk { rule } overrideReason destination question slipUrl slipPdfUrl sendBy decisionBy
}
"""
ONE = "query ($id: ID!, $accessToken: String) { it: supportReturn(id: $id, accessToken: $accessToken) { ...Whole } }"
REQUEST = (
    "mutation ($input: SupportReturnRequestInput!, $accessToken: String) { it: supportReturnRequest("
    "input: $input, accessToken: $accessToken) { errors { field code message } return { id number status } } }"
)


def act(stage, caller, field, key, arguments="", payload="return { status }"):
    """One mutation about a return, which must not be refused."""
    document = f"mutation ($id: ID!) {{ it: {field}(id: $id{arguments}) {{ errors {{ field code message }} {payload} }} }}"
    answer = stage.send(caller, document, {"id": key})
    assert answer["data"]["it"]["errors"] == [], answer
    return answer["data"]["it"]


def look(stage, caller, key):
    return stage.send(caller, ONE + FLOW, {"id": key})["data"]["it"]


@pytest.fixture
def asked(stage):
    """A return of one piece that Ana has asked for."""
    line = {"orderLineId": stage.ids["line"], "quantity": 1, "reason": "too_small"}
    given = {"orderId": stage.ids["order"], "lines": [line], "comment": "It pinches", "key": "one"}
    answers = [stage.send("owner", REQUEST, {"input": given})["data"]["it"] for _ in range(2)]
    assert answers[0] == answers[1]  # by its key
    assert answers[0]["errors"] == []
    return answers[0]["return"]["id"]


def test_the_whole_way(stage, asked):
    act(stage, "staff", "supportReturnInformationRequest", asked, ', question: "Which shoe?"')
    assert look(stage, "owner", asked)["question"] == "Which shoe?"
    for _ in range(2):
        said = ', input: {text: "The left one", key: "a1"}'
        act(stage, "owner", "supportReturnInformationProvide", asked, said)
    act(stage, "staff", "supportReturnApprove", asked, ', input: {message: "Fine"}')
    url = ', input: {url: "https://carrier.example/label/1", carrier: "UPS"}'
    made = act(stage, "staff", "supportReturnLabelAttach", asked, url, "shipment { state labelUrl }")
    assert made["shipment"] == {"state": "LABEL_SENT", "labelUrl": "https://carrier.example/label/1"}
    number = ', input: {trackingNumber: "1Z999AA10123456799"}'
    sent = act(
        stage, "owner", "supportReturnShipmentReport", asked, number, "return { status } shipment { state }"
    )
    assert sent == {"errors": [], "return": {"status": "ON_ITS_WAY"}, "shipment": {"state": "IN_TRANSIT"}}
    count = f', input: {{note: "Scuffed", lines: [{{orderLineId: "{stage.ids["line"]}", damaged: 1}}]}}'
    got = act(stage, "staff", "supportReturnReceive", asked, count, "receipt { lines { damaged } note }")
    assert got["receipt"] == {"lines": [{"damaged": 1}], "note": "Scuffed"}

    seen = look(stage, "owner", asked)

    (line,) = seen["lines"]
    assert (seen["authorisation"], seen["logistics"]) == ("APPROVED", "RECEIVED")
    assert (line["approvedQuantity"], line["damagedQuantity"], line["receivedQuantity"]) == (1, 1, 1)
    assert (line["reason"], line["english"], line["spanish"]) == (
        "too_small",
        "Too small",
        "Demasiado pequeño",
    )
    assert line["policy"]["isAllowed"] is True
    assert seen["quotedAmount"] == {"amount": 5.0}
    assert [one["trackingNumber"] for one in seen["shipments"]] == ["1Z999AA10123456799"]
    assert [one["text"] for one in seen["comments"]] == ["Which shoe?", "The left one"]
    assert [one["event"] for one in seen["history"]] == [
        "return_requested",
        "return_information_requested",
        "return_information_provided",
        "return_approved",
        "return_label_attached",
        "return_shipped",
        "return_received",
    ]
    assert "window" in seen["explanation"]["text"]


def test_what_is_for_staff_alone(stage, asked):
    row = Return.objects.get(pk=Return.objects.order_by("-pk").values_list("pk", flat=True)[0])
    Return.objects.filter(pk=row.pk).update(
        risk=[{"rule": "rate", "points": 30, "text": "Often"}],
        override_reason="Kind",
        destination="Back room",
    )
    act(stage, "staff", "supportReturnCommentAdd", asked, ', input: {text: "Watch out", isInternal: true}')
    act(stage, "staff", "supportReturnCommentAdd", asked, ', input: {text: "We look at it"}')

    mine, theirs = look(stage, "owner", asked), look(stage, "staff", asked)

    assert (mine["risk"], mine["overrideReason"], mine["destination"]) == (None, None, None)
    assert mine["explanation"]["ruleName"] is mine["lines"][0]["policy"]["ruleName"] is None
    assert mine["lines"][0]["policy"]["isAuto"] is None
    assert [one["text"] for one in mine["comments"]] == ["We look at it"]
    assert (
        {one["after"] for one in mine["history"]} == {one["actorName"] for one in mine["history"]} == {None}
    )
    assert [one["event"] for one in mine["history"]] == ["return_requested", "return_commented"]
    assert theirs["risk"] == [{"rule": "rate"}]
    assert (theirs["overrideReason"], theirs["destination"]) == ("Kind", "Back room")
    assert theirs["explanation"]["ruleName"] == "Return window of the channel"
    assert [one["isInternal"] for one in theirs["comments"]] == [True, False]
    assert len(theirs["history"]) == 3
    assert all(one["after"] for one in theirs["history"])


def test_staff_of_one_channel_are_customers_in_another(stage, asked, now):
    """One list holds both a return that they look after and one of their own."""
    here = Return.objects.latest("pk")
    person = makers.make_staff(channels=[makers.models.Channel.objects.get(slug="here")])
    elsewhere = makers.models.Channel.objects.get(slug="elsewhere")
    own = a_return(makers.make_order(elsewhere, person, created_at=now), now)
    for row in (here, own):
        ReturnComment.objects.create(parent=row, author_kind="staff", text="Watch out", is_internal=True)
    stage.tokens["person"] = makers.token_for(person)
    document = "{ it: supportReturns(first: 50, sortBy: %s) { edges { node { number comments { text } } } } }"

    for direction in ("ASC", "DESC"):
        found = stage.send("person", document % f"{{field: CREATED_AT, direction: {direction}}}")
        seen = {one["node"]["number"]: one["node"]["comments"] for one in found["data"]["it"]["edges"]}
        assert (seen[here.number], seen[own.number]) == ([{"text": "Watch out"}], [])


def test_each_line_reads_its_own_answer(stage, asked, monkeypatch):
    """Not all of them again: of a return with a thousand lines that would be a million."""
    row, read = Return.objects.latest("pk"), []
    (stored,) = row.decision["lines"].values()
    others = [f"other{number}" for number in range(9)]
    row.decision["lines"] |= dict.fromkeys(others, stored)
    row.save(update_fields=["decision"])
    for one in [*others, "unknown"]:
        row.lines.create(order_line_id=one, product_name="Juice", unit_price=5, quantity=1)
    answer = explained._answer
    monkeypatch.setattr(explained, "_answer", lambda stored: read.append(stored) or answer(stored))
    document = "query ($id: ID!) { it: supportReturn(id: $id) { lines { policy { kind } } } }"
    lines = stage.send("owner", document, {"id": asked})["data"]["it"]["lines"]
    assert [one["policy"] for one in lines] == [{"kind": "RETURN"}] * 10 + [None]
    assert len(read) == 10


def test_scans_of_parcels_that_come_back_count(stage, asked, now, monkeypatch):
    """They are rows like all others, of which one request is given only so many."""
    row = Return.objects.latest("pk")
    key = "1Z999AA10123456799"
    parcel = Parcel.objects.create(
        fulfillment_id="back", direction="return", order_id=row.order_id, channel_id=row.channel_id,
        tracking_key=key, shipped_at=now,
    )  # fmt: skip
    row.shipments.create(tracking_number=key, parcel=parcel)
    TrackingEvent.objects.bulk_create(
        TrackingEvent(channel_id=row.channel_id, key=key, code=str(number), happened_at=now)
        for number in range(50)
    )
    document = "query ($id: ID!) { it: supportReturn(id: $id) { shipments { events { id } } } }"
    (found,) = stage.send("owner", document, {"id": asked})["data"]["it"]["shipments"]
    assert len(found["events"]) == 50
    monkeypatch.setattr(loaders, "BUDGET", 40)
    answer = stage.send("owner", document, {"id": asked})
    assert [error["message"] for error in answer["errors"]] == [loaders.TOO_MUCH]


def test_customers_write_no_internal_comments(stage, asked):
    document = (
        'mutation ($id: ID!) { it: supportReturnCommentAdd(id: $id, input: {text: "Hi", isInternal: true}) '
        "{ errors { field code } comment { id } } }"
    )
    answer = stage.send("owner", document, {"id": asked})["data"]["it"]
    assert answer == {"errors": [{"field": "isInternal", "code": "INVALID"}], "comment": None}
    assert not ReturnComment.objects.exists()


def test_names_of_staff_are_no_addresses(stage, asked):
    ReturnComment.objects.create(
        parent=Return.objects.latest("pk"), author_kind="staff", author_name="all@example.com", text="Hello"
    )
    document = "query ($id: ID!) { it: supportReturn(id: $id) { comments { authorName } } }"
    names = {
        who: stage.send(who, document, {"id": asked})["data"]["it"]["comments"][0]["authorName"]
        for who in ("owner", "staff")
    }
    assert names == {"owner": "", "staff": "all@example.com"}


def test_decline_cancel_and_reopen(stage, asked):
    assert act(stage, "staff", "supportReturnDecline", asked, ', message: "Worn"')["return"] == {
        "status": "DECLINED"
    }
    again = act(stage, "staff", "supportReturnReopen", asked, ', reason: "Not worn"')
    assert again["return"] == {"status": "REQUESTED"}
    assert act(stage, "owner", "supportReturnCancel", asked, ', reason: "It fits"')["return"] == {
        "status": "CANCELED"
    }


def test_quantities_of_an_approval_are_named_once(stage, asked):
    line = stage.ids["line"]
    document = (
        "mutation ($id: ID!, $q: [SupportReturnQuantityInput!]) { it: supportReturnApprove(id: $id, "
        "input: {quantities: $q}) { errors { field code } return { id } } }"
    )
    one = {"orderLineId": line, "quantity": 1}
    refused = stage.send("staff", document, {"id": asked, "q": [one, one]})["data"]["it"]
    assert refused == {"errors": [{"field": "quantities", "code": "INVALID"}], "return": None}


@pytest.mark.parametrize("amount", ["1e999", "-1e300"])
def test_amounts_that_are_none(stage, everything, amount):
    document = (
        f"mutation ($id: ID!) {{ it: supportReturnSettle(id: $id, input: {{amount: {amount}}}) "
        "{ errors { field code } return { id } } }"
    )
    before = everything()
    refused = stage.send("staff", document, {"id": stage.ids["kept"]})["data"]["it"]
    assert refused == {"errors": [{"field": "amount", "code": "OUT_OF_RANGE"}], "return": None}
    assert everything() == before


def test_staff_says_how_it_ended(stage):
    document = (
        "mutation ($id: ID!) { it: supportReturnSettle(id: $id, input: "
        '{amount: 0, note: "Worn", message: "It was worn."}) { errors { field code } return { status } } }'
    )
    answer = stage.send("staff", document, {"id": stage.ids["kept"]})["data"]["it"]
    assert answer == {"errors": [], "return": {"status": "COMPLETED"}}
    assert Notification.objects.get(kind="return_completed").data["message"] == "It was worn."


def test_a_guest_confirms_by_the_link_of_the_mail(stage):
    given = {"orderId": stage.ids["order"], "lines": [{"orderLineId": stage.ids["line"], "quantity": 1}]}
    answer = stage.send("guest", REQUEST, {"input": given})["data"]["it"]
    assert answer["return"]["status"] == "UNCONFIRMED"
    confirm = (
        "mutation ($id: ID!, $accessToken: String) { it: supportReturnConfirm(id: $id, accessToken: $accessToken) "
        "{ errors { field code } return { status } } }"
    )
    by_the_page = stage.send("guest", confirm, {"id": answer["return"]["id"]})["data"]["it"]
    assert by_the_page == {"errors": [{"field": "accessToken", "code": "INVALID"}], "return": None}

    stage.links["guest"] = access.token(GuestGrant.objects.latest("pk"))  # as mailed
    by_the_mail = stage.send("guest", confirm, {"id": answer["return"]["id"]})["data"]["it"]

    assert by_the_mail == {"errors": [], "return": {"status": "REQUESTED"}}


TO_CONFIRM = (
    "query ($accessToken: String) { it: supportReturns(first: 10, filter: {authorisation: [UNCONFIRMED]}, "
    "accessToken: $accessToken) { edges { node { id number confirmBy lines { productName quantity } } } } }"
)


def test_a_guest_page_finds_what_to_confirm(stage):
    confirm = (
        "mutation ($id: ID!, $accessToken: String) { it: supportReturnConfirm(id: $id, accessToken: $accessToken) "
        "{ errors { field code } return { status } } }"
    )

    def waiting():
        found = stage.send("guest", TO_CONFIRM)["data"]["it"]["edges"]
        return [one["node"]["id"] for one in found]

    before = waiting()
    made = []
    for number in range(2):
        line = {"orderLineId": stage.ids["line"], "quantity": 1}
        given = {"orderId": stage.ids["order"], "lines": [line], "key": f"guest-{number}"}
        made.append(stage.send("guest", REQUEST, {"input": given})["data"]["it"]["return"]["id"])
    stage.links["guest"] = access.token(GuestGrant.objects.latest("pk"))  # as mailed for the second
    assert waiting() == [*reversed(made), *before]
    first, second = (stage.send("guest", confirm, {"id": one})["data"]["it"] for one in made)
    assert first == {"errors": [{"field": "accessToken", "code": "INVALID"}], "return": None}
    assert second == {"errors": [], "return": {"status": "REQUESTED"}}
    assert waiting() == [made[0], *before]


@pytest.mark.parametrize("other", ["order", "line", "channel"])
def test_an_id_of_something_else_is_no_return(stage, other):
    for caller in ("owner", "staff"):
        answer = stage.send(
            caller, "query ($id: ID!) { it: supportReturn(id: $id) { id } }", {"id": stage.ids[other]}
        )
        assert answer == {"data": {"it": None}}


def test_the_slip_is_for_who_has_to_send_something(stage):
    ask = "query ($id: ID!) { it: supportReturn(id: $id) { slipUrl slipPdfUrl } }"
    waiting = stage.send("owner", ask, {"id": stage.ids["approved"]})["data"]["it"]
    assert "returns/slip/" in waiting["slipUrl"]
    assert waiting["slipPdfUrl"].endswith("/pdf")
    assert stage.send("owner", ask, {"id": stage.ids["kept"]})["data"]["it"] == {
        "slipUrl": None,
        "slipPdfUrl": None,
    }
