"""The main story in a real Saleor: its own mutations over HTTP, a real worker, beat, broker and mail server."""

import re

import pytest

from tests.saleor.live import documents as doc
from tests.saleor.live.mails import html_and_text, new_mails, quiet, to
from tests.saleor.live.world import wait_for

pytestmark = pytest.mark.xdist_group("live")

UNTOLD = "untold@customer.example"


def test_0_the_dashboard_lists_configures_and_never_tells_secrets(cast):
    plugin = next(
        edge["node"]
        for edge in cast.world.do(doc.PLUGINS, token=cast.admin)["edges"]
        if edge["node"]["id"] == "saleor.support"
    )
    assert plugin["name"] == "Customer support"
    assert {one["channel"]["slug"] for one in plugin["channelConfigurations"]} >= {
        "default-channel",
        "channel-pln",
    }

    answer = cast.configure(sender_address="nobody", guest_link_hours="soon")["data"]["pluginUpdate"]
    assert {error["field"]: error["message"] for error in answer["errors"]} == {
        "senderAddress": "Sender address: Give one e-mail address, for example help@example.com.",
        "guestLinkHours": "Guest links work for (hours): Give a whole number from 1 to 720.",
    }

    secret = f"smtp://user:unmistakable@127.0.0.1:{cast.world.sink.port}"
    saved = cast.configure(email_url=secret)
    assert saved["data"]["pluginUpdate"]["errors"] == []
    told = str(saved) + str(cast.world.do(doc.PLUGINS, token=cast.admin))
    assert "unmistakable" not in told
    assert cast.configure(email_url="")["data"]["pluginUpdate"]["errors"] == []


def test_1_staff_may_choose_not_to_notify(cast):
    order = cast.order(guest=UNTOLD)
    cast.fulfill(order, 1, tracking="1Z999AA10123456784", notify=False)
    wait_for(
        lambda: f"order_partly_shipped {order['number']} skipped staff_choice"
        in cast.world.shell(doc.OUTBOX),
        120,
        lambda: cast.world.shell(doc.OUTBOX),
    )
    quiet(cast)
    assert to(cast, UNTOLD) == []


def test_2_ticket_acknowledged_shown_and_answered_in_a_thread(cast):
    order, ana = cast.order(), cast.customers["ana"]
    since = quiet(cast)
    ticket = cast.world.do(
        doc.TICKET_CREATE,
        {
            "input": {
                "orderId": order["id"],
                "subject": "One glass is missing",
                "message": "There were <b>two</b>, not three.",
            }
        },
        ana["token"],
    )["ticket"]
    assert re.fullmatch(r"T\d{5,}", ticket["number"])
    assert ticket["state"] == "NEW"
    assert ticket["answerBy"]
    (receipt,) = new_mails(cast, ana["email"], 1, since)
    html, text = html_and_text(receipt)
    assert ticket["number"] in receipt["Subject"] + text
    assert "<b>two</b>" not in html
    assert "<b>two</b>" in text

    shown = cast.world.do(doc.ORDER_TICKETS, {"id": order["id"]}, ana["token"])
    assert shown["supportTickets"] == [{"number": ticket["number"], "subject": "One glass is missing"}]
    mine = cast.world.do(doc.MY_TICKETS, token=ana["token"])["supportTickets"]
    assert ticket["number"] in [edge["node"]["number"] for edge in mine["edges"]]

    reply = cast.world.do(
        doc.TICKET_REPLY, {"id": ticket["id"], "input": {"message": "The third is on its way."}}, cast.admin
    )
    assert reply["ticket"]["state"] == "OPEN"
    answer = new_mails(cast, ana["email"], 2, since)[1]
    assert receipt["Message-ID"] in answer["References"]
    assert "The third is on its way." in html_and_text(answer)[1]


def test_3_the_address_changes_while_nothing_has_left(cast):
    order, ana = cast.order(), cast.customers["ana"]
    since = quiet(cast)
    new = {**cast.address, "streetAddress1": "1 First Street"}
    done = cast.world.do(doc.ADDRESS, {"order": order["id"], "address": new}, ana["token"])
    assert done["addressChange"]["state"] == "APPLIED"
    new_mails(cast, ana["email"], 1, since)
    wait_for(
        lambda: any(
            event["type"] == "NOTE_ADDED" and event["app"]
            for event in cast.world.do(doc.ORDER, {"id": order["id"]}, cast.admin)["events"]
        ),
        120,
        lambda: "no note",
    )
    assert (
        cast.world.do(doc.ORDER, {"id": order["id"]}, cast.admin)["shippingAddress"]["streetAddress1"]
        == "1 First Street"
    )

    bad = cast.world.ask(
        doc.ADDRESS, {"order": order["id"], "address": {**new, "postalCode": "nonsense"}}, ana["token"]
    )["data"]["supportAddressChangeRequest"]
    assert [error["field"] for error in bad["errors"]] == ["address.postalCode"]

    cast.fulfill(order, 1, notify=False)
    late = cast.world.ask(doc.ADDRESS, {"order": order["id"], "address": cast.address}, ana["token"])["data"][
        "supportAddressChangeRequest"
    ]
    assert [error["code"] for error in late["errors"]] == ["ALREADY_SHIPPED"]
    assert (
        cast.world.do(doc.ORDER, {"id": order["id"]}, cast.admin)["shippingAddress"]["streetAddress1"]
        == "1 First Street"
    )

    gone = cast.order()
    cast.world.do(doc.CANCEL, {"id": gone["id"]}, cast.admin)
    never = cast.world.ask(doc.ADDRESS, {"order": gone["id"], "address": new}, ana["token"])["data"][
        "supportAddressChangeRequest"
    ]
    assert [error["code"] for error in never["errors"]] == ["ORDER_CANCELED"]


def test_5_a_guest_opens_exactly_one_order_with_the_mailed_link(cast):
    order, other = cast.order(guest="guest@shop.example"), cast.order(guest="guest@shop.example")

    def ask(number, email):
        return cast.world.ask(doc.GUEST_ACCESS, {"channel": cast.slug, "number": number, "email": email})

    miss, hit = ask(order["number"], "stranger@shop.example"), ask(order["number"], "Guest@shop.example")
    assert (
        miss
        == hit
        == {"data": {"supportGuestAccessRequest": {"errors": []}}, "extensions": miss.get("extensions")}
        or miss["data"] == hit["data"]
    )
    (mail,) = new_mails(cast, "guest@shop.example", 1)
    quiet(cast)
    assert len(to(cast, "guest@shop.example")) == 1
    assert to(cast, "stranger@shop.example") == []
    token = re.search(r"token=([\w.\-:%]+)", html_and_text(mail)[1]).group(1)

    ticket = cast.world.do(
        doc.TICKET_CREATE,
        {"token": token, "input": {"orderId": order["id"], "subject": "Hello", "message": "Where is it?"}},
    )["ticket"]
    assert cast.world.do(doc.ORDER_TICKETS, {"id": order["id"], "token": token})["supportTickets"] == [
        {"number": ticket["number"], "subject": "Hello"}
    ]
    refused = cast.world.ask(
        doc.TICKET_CREATE,
        {"token": token, "input": {"orderId": other["id"], "subject": "Hello", "message": "Not mine"}},
    )["data"]["supportTicketCreate"]
    assert [(e["field"], e["code"]) for e in refused["errors"]] == [("orderId", "NOT_FOUND")]
    assert cast.world.ask(doc.ORDER_TICKETS, {"id": other["id"], "token": token})["errors"]
    forged = cast.world.ask(
        doc.TICKET_CREATE,
        {
            "token": token[:-2] + "xx",
            "input": {"orderId": order["id"], "subject": "Hello", "message": "Forged"},
        },
    )["data"]["supportTicketCreate"]
    assert [(e["field"], e["code"]) for e in forged["errors"]] == [("accessToken", "INVALID")]


def test_6_nobody_else_sees_or_does_anything(cast):
    order, ana, ben = cast.order(), cast.customers["ana"], cast.customers["ben"]
    ticket = cast.world.do(
        doc.TICKET_CREATE,
        {"input": {"orderId": order["id"], "subject": "Mine", "message": "Only mine"}},
        ana["token"],
    )["ticket"]
    weak_app = cast.world.do(doc.APP_CREATE, {"permissions": ["MANAGE_PRODUCTS"]}, cast.admin)["authToken"]
    unknown = "U3VwcG9ydFRpY2tldDo5OTk5OTk="
    for token in (ben["token"], weak_app, ""):
        assert cast.world.do(doc.TICKET, {"id": ticket["id"]}, token) is None
        there = cast.world.ask(doc.TICKET_REPLY, {"id": ticket["id"], "input": {"message": "x"}}, token)
        nowhere = cast.world.ask(doc.TICKET_REPLY, {"id": unknown, "input": {"message": "x"}}, token)
        assert there["data"] == nowhere["data"]
        assert there["data"]["supportTicketReply"]["errors"][0]["code"] == "NOT_FOUND"
        assert (
            cast.world.ask(doc.ORDER_TICKETS, {"id": order["id"]}, token)["errors"][0]["extensions"][
                "exception"
            ]["code"]
            == "PermissionDenied"
        )
        assert (
            cast.world.ask(doc.TASKS, {}, token)["errors"][0]["extensions"]["exception"]["code"]
            == "PermissionDenied"
        )
        done = cast.world.ask(doc.ADDRESS, {"order": order["id"], "address": cast.address}, token)
        assert done["data"]["supportAddressChangeRequest"]["errors"][0]["code"] == "NOT_FOUND"


def staff_with(cast, email, permission, channel):
    """The token of a new member of staff with one permission in one channel."""
    group = cast.world.do(
        doc.GROUP_CREATE,
        {
            "input": {
                "name": email,
                "addPermissions": [permission],
                "restrictedAccessToChannels": True,
                "addChannels": [channel],
            }
        },
        cast.admin,
    )["group"]
    person = {"email": email, "isActive": True, "addGroups": [group["id"]]}
    cast.world.do(doc.STAFF_CREATE, {"input": person}, cast.admin)
    cast.world.shell(doc.PASSWORD.format(email=email, password="a long enough password"))
    return cast.world.do(doc.LOGIN, {"email": email, "password": "a long enough password"})["token"]


def test_6_staff_needs_the_permission_and_the_channel(cast):
    order, ana = cast.order(), cast.customers["ana"]
    ticket = cast.world.do(
        doc.TICKET_CREATE,
        {"input": {"orderId": order["id"], "subject": "Mine", "message": "Only mine"}},
        ana["token"],
    )["ticket"]
    elsewhere = next(
        one["id"] for one in cast.world.do(doc.CHANNELS, token=cast.admin) if one["slug"] == "channel-pln"
    )
    outcomes = {}
    for name, permission, channel in (
        ("here", "MANAGE_ORDERS", cast.channel),
        ("elsewhere", "MANAGE_ORDERS", elsewhere),
        ("powerless", "MANAGE_PRODUCTS", cast.channel),
    ):
        token = staff_with(cast, f"{name}@shop.example", permission, channel)
        reply = cast.world.ask(doc.TICKET_REPLY, {"id": ticket["id"], "input": {"message": "Hi"}}, token)
        errors = [error["code"] for error in reply["data"]["supportTicketReply"]["errors"]]
        seen = cast.world.do(doc.TICKET, {"id": ticket["id"]}, token)
        shown = "errors" in cast.world.ask(doc.ORDER_TICKETS, {"id": order["id"]}, token)
        outcomes[name] = (errors, seen and seen["number"], shown)
    assert outcomes == {
        "here": ([], ticket["number"], False),
        "elsewhere": (["NOT_FOUND"], None, True),
        "powerless": (["NOT_FOUND"], None, True),
    }


def test_8_one_shipped_mail_by_the_worker_in_the_language_of_the_order(cast, spanish):
    order, address = spanish, cast.customers["eva"]["email"]
    (mail,) = new_mails(cast, address, 1)
    html, text = html_and_text(mail)
    assert order["number"] in mail["Subject"]
    for part in (html, text):
        assert "Ana" in part
        assert order["lines"][0]["productName"] in part.replace("&#x27;", "'").replace("&amp;", "&")
        assert "1Z999AA10123456784" in part
        assert "UPS" in part
    assert "Hola" in text
    assert mail["From"].addresses[0].addr_spec == "help@shop.example"
    assert "deliver" in cast.world.log("worker")

    quiet(cast)
    assert len(to(cast, address)) == 1  # nothing from Saleor's own plugin, nothing twice
    cast.world.shell(
        "from saleor_support_plugin import tasks\n"
        "from saleor.order.models import Fulfillment\nimport graphene\n"
        f"row = Fulfillment.objects.get(order__number='{order['number']}')\n"
        "gid = graphene.Node.to_global_id('Fulfillment', row.pk)\n"
        "tasks.announce_parcel.delay(gid); tasks.announce_parcel.delay(gid); tasks.sweep_parcels.delay()"
    )
    quiet(cast)
    assert len(to(cast, address)) == 1
