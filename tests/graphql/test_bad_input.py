"""Bad input over the endpoint: a code and a field, and nothing stored."""

import datetime

import pytest

from saleor_support_plugin.access.models import GuestGrant
from saleor_support_plugin.notifications.models import Notification, Suppression
from saleor_support_plugin.returns.models import ReturnPayout

TICKET = (
    "mutation ($input: SupportTicketCreateInput!) { it: supportTicketCreate(input: $input) "
    "{ errors { field code message } ticket { id } } }"
)
REPLY = (
    "mutation ($id: ID!, $input: SupportTicketReplyInput!) { it: supportTicketReply(id: $id, input: $input) "
    "{ errors { field code message } ticket { id } } }"
)
RETURN = (
    "mutation ($input: SupportReturnRequestInput!) { it: supportReturnRequest(input: $input) "
    "{ errors { field code message } return { id } } }"
)
ADDRESS = (
    "mutation ($orderId: ID!, $address: AddressInput!) { it: supportAddressChangeRequest(orderId: $orderId, "
    "address: $address) { errors { field code message } addressChange { id } } }"
)
GUEST = (
    "mutation ($channel: String!, $orderNumber: String!, $email: String!) { it: supportGuestAccessRequest("
    "channel: $channel, orderNumber: $orderNumber, email: $email) { errors { field code message } } }"
)
TASK = (
    "mutation ($id: ID!, $note: String!) { it: supportStaffTaskDismiss(id: $id, note: $note) "
    "{ errors { field code message } task { id } } }"
)

NOWHERE = ("", "x", "T3JkZXI6bm93aGVyZQ==", "T3JkZXI6MQ==", "UHJvZHVjdDox", "\x00", "é" * 300, "=" * 5000)


def refused(stage, everything, caller, document, variables):
    """The errors of a mutation that must have stored nothing, as (field, code) pairs."""
    before = everything()
    answer = stage.send(caller, document, variables)
    assert "errors" not in answer, answer
    assert everything() == before
    assert [name for name in answer["data"]["it"] if name != "errors" and answer["data"]["it"][name]] == []
    for error in answer["data"]["it"]["errors"]:
        assert error["message"].strip()
    return [(error["field"], error["code"]) for error in answer["data"]["it"]["errors"]]


@pytest.mark.parametrize("order", NOWHERE)
def test_unknown_orders(stage, everything, order):
    for document, variables in (
        (TICKET, {"input": {"orderId": order, "subject": "Hi", "message": "Hello"}}),
        (RETURN, {"input": {"orderId": order, "lines": [{"orderLineId": stage.ids["line"], "quantity": 1}]}}),
        (ADDRESS, {"orderId": order, "address": {"firstName": "Ana", "country": "ES"}}),
    ):
        assert refused(stage, everything, "owner", document, variables) == [("orderId", "NOT_FOUND")]


@pytest.mark.parametrize(
    "ticket", [*NOWHERE, "U3VwcG9ydFRpY2tldDowMA==", "U3VwcG9ydFRpY2tldDo5OTk5OTk5OTk5OTk5OTk5OTk5OQ=="]
)
def test_unknown_tickets(stage, everything, ticket):
    assert refused(stage, everything, "owner", REPLY, {"id": ticket, "input": {"message": "Hi"}}) == [
        ("id", "NOT_FOUND")
    ]


@pytest.mark.parametrize(
    ("subject", "message", "field", "code"),
    [
        ("", "Hello", "subject", "REQUIRED"),
        ("  \t", "Hello", "subject", "REQUIRED"),
        ("Hi", "", "message", "REQUIRED"),
        ("Hi", " \r\n ", "message", "REQUIRED"),
        ("x" * 201, "Hello", "subject", "TOO_LONG"),
        ("Hi", "x" * 10_001, "message", "TOO_LONG"),
        ("Hi\r\nBcc: everybody@example.com", "Hello", "subject", "INVALID"),
        ("Hi\nthere", "Hello", "subject", "INVALID"),
    ],
)
def test_texts_of_tickets(stage, everything, subject, message, field, code):
    given = {"orderId": stage.ids["order"], "subject": subject, "message": message}
    assert refused(stage, everything, "owner", TICKET, {"input": given}) == [(field, code)]


@pytest.mark.parametrize(
    ("quantity", "code"), [(0, "OUT_OF_RANGE"), (-1, "OUT_OF_RANGE"), (2, "TOO_MANY"), (10**9, "TOO_MANY")]
)
def test_quantities(stage, everything, quantity, code):
    """Six were shipped, and returns hold five of them."""
    lines = [{"orderLineId": stage.ids["line"], "quantity": quantity}]
    assert refused(
        stage, everything, "owner", RETURN, {"input": {"orderId": stage.ids["order"], "lines": lines}}
    ) == [("lines.0.quantity", code)]


def test_returns_of_nothing_of_foreign_lines_and_for_no_known_reason(stage, everything):
    def ask(*lines):
        return refused(
            stage,
            everything,
            "owner",
            RETURN,
            {"input": {"orderId": stage.ids["order"], "lines": list(lines)}},
        )

    assert ask() == [("lines", "REQUIRED")]
    assert ask({"orderLineId": "T3JkZXJMaW5lOjk5", "quantity": 1}) == [("lines.0.orderLineId", "NOT_FOUND")]
    assert ask({"orderLineId": stage.ids["line"], "quantity": 1, "reason": "<b>"}) == [
        ("lines.0.reason", "INVALID")
    ]
    assert ask({"orderLineId": stage.ids["line"], "quantity": 1, "note": "x" * 501}) == [
        ("lines.0.note", "TOO_LONG")
    ]


@pytest.mark.parametrize("quantity", ["two", None, 10**12, [1], {}])
def test_wrong_types_are_refused_before_anything_runs(stage, everything, quantity):
    before = everything()
    answer = stage.send(
        "owner",
        RETURN,
        {
            "input": {
                "orderId": stage.ids["order"],
                "lines": [{"orderLineId": stage.ids["line"], "quantity": quantity}],
            }
        },
    )
    assert answer["data"] is None
    assert "Internal" not in answer["errors"][0]["message"]
    assert everything() == before


def test_guest_requests(stage, everything):
    good = {"channel": "here", "orderNumber": "1", "email": "a@example.com"}
    for field, value, code in (
        ("channel", "", "REQUIRED"),
        ("orderNumber", " ", "REQUIRED"),
        ("email", "", "REQUIRED"),
        ("email", "x" * 255, "TOO_LONG"),
        ("orderNumber", "1" * 65, "TOO_LONG"),
        ("channel", "c" * 256, "TOO_LONG"),
        ("email", "a@example.com\nBcc: b@example.com", "INVALID"),
    ):
        assert refused(stage, everything, "anonymous", GUEST, {**good, field: value}) == [(field, code)]


def test_tasks_want_a_reason(stage, everything):
    task = stage.ids["task"]
    assert refused(stage, everything, "staff", TASK, {"id": task, "note": " "}) == [("note", "REQUIRED")]
    assert refused(stage, everything, "staff", TASK, {"id": task, "note": "x" * 2001}) == [
        ("note", "TOO_LONG")
    ]
    assert refused(stage, everything, "staff", TASK, {"id": stage.ids["ticket"], "note": "x"}) == [
        ("id", "NOT_FOUND")
    ]


def test_addresses_get_the_shops_own_field_errors(stage, everything):
    address = {
        "firstName": "Ana",
        "lastName": "Prieto",
        "streetAddress1": "Calle Mayor 1",
        "city": "Madrid",
        "country": "ES",
        "countryArea": "M",
        "postalCode": "nonsense",
    }
    assert refused(
        stage, everything, "owner", ADDRESS, {"orderId": stage.ids["fresh"], "address": address}
    ) == [("address.postalCode", "INVALID")]
    header = {**address, "postalCode": "28013", "city": "Madrid\r\nBcc: everybody@example.com"}
    assert refused(
        stage, everything, "owner", ADDRESS, {"orderId": stage.ids["fresh"], "address": header}
    ) == [("address.city", "INVALID")]


def test_html_is_text(stage, mailoutbox, run_jobs):
    Suppression.objects.all().delete()  # on this stage the owner gets no mail
    sent = stage.send(
        "owner",
        TICKET,
        {
            "input": {
                "orderId": stage.ids["order"],
                "subject": "<script>alert(1)</script>",
                "message": "<img src=x onerror=x>",
            }
        },
    )
    assert sent["data"]["it"]["errors"] == []
    run_jobs()
    mail = mailoutbox[-1]
    html = mail.alternatives[0][0]
    assert "<script>alert" not in html
    assert "<img src=x" not in html
    assert "&lt;img src=x onerror=x&gt;" in html
    assert "<img src=x onerror=x>" in mail.body


@pytest.mark.parametrize(
    "token", ["", "x", "1.n.s", "\x00", "9" * 100_000, "1:2:3", "１.a.b"], ids=lambda token: repr(token[:9])
)
def test_tokens_that_are_none(stage, everything, token):
    before = everything()
    document = TICKET.replace("$input:", "$accessToken: String, $input:").replace(
        "(input: $input)", "(input: $input, accessToken: $accessToken)"
    )
    stage.links["guest"] = token
    answer = stage.send(
        "guest", document, {"input": {"orderId": stage.ids["order"], "subject": "Hi", "message": "Hello"}}
    )
    assert [(e["field"], e["code"]) for e in answer["data"]["it"]["errors"]] == [("accessToken", "INVALID")]
    assert everything() == before


def test_expired_and_revoked_links(stage, clock, now):
    ask = (
        "query ($order: ID!, $accessToken: String) { order(id: $order) { "
        "supportTickets(accessToken: $accessToken) { id } } }"
    )
    clock(now + datetime.timedelta(hours=73))
    answer = stage.send("guest", ask, {"order": stage.ids["order"]})
    assert answer["errors"][0]["message"] == "This link has expired; ask for a new one."
    clock(now)
    revoke = (
        "mutation ($order: ID!) { supportGuestAccessRevoke(orderId: $order) { errors { code } revoked } }"
    )
    assert stage.send("staff", revoke, {"order": stage.ids["order"]})["data"]["supportGuestAccessRevoke"] == {
        "errors": [],
        "revoked": 1,
    }
    answer = stage.send("guest", ask, {"order": stage.ids["order"]})
    assert answer["errors"][0]["message"] == "This link is not valid; ask for a new one."
    assert GuestGrant.objects.filter(revoked_at=None).count() == 1


@pytest.mark.parametrize(
    "arguments",
    [
        "",
        "first: 0",
        "first: 101",
        "first: -1",
        "last: 101",
        "first: 5, last: 5",
        'first: 5, after: "x"',
        'first: 5, after: "W10="',
        'first: 5, after: "WyJwayIsIDEsICJ4Il0="',
        'first: 5, before: "bnVsbA=="',
    ],
)
def test_pages(stage, arguments):
    asked = f"({arguments})" if arguments else ""
    answer = stage.send("owner", f"{{ supportTickets{asked} {{ totalCount }} }}")
    assert answer["data"] is None or answer["data"]["supportTickets"] is None
    assert answer["errors"][0]["extensions"]["exception"]["code"] == "SupportRequestError"


def test_a_double_click_with_a_key_does_it_once(stage, run_jobs):
    given = {"orderId": stage.ids["order"], "subject": "Hi", "message": "Hello", "key": "one-click"}
    first, second = (stage.send("owner", TICKET, {"input": given}) for _click in range(2))
    assert first == second
    run_jobs()
    assert Notification.objects.filter(kind="ticket_acknowledged").count() == 2  # the stage's own, and this


@pytest.mark.parametrize("amount", ["0", "-0.0"])
def test_nothing_is_nothing_with_a_minus_too(stage, amount):
    settle = (
        "mutation ($id: ID!) { it: supportReturnSettle(id: $id, input: "
        f'{{amount: {amount}, note: "As agreed"}}) {{ errors {{ code }} return {{ status }} }} }}'
    )
    answer = stage.send("staff", settle, {"id": stage.ids["kept"]})
    assert answer["data"]["it"] == {"errors": [], "return": {"status": "COMPLETED"}}
    assert ReturnPayout.objects.get().basis["asked"] == "0"  # what mails go by: nothing was given
