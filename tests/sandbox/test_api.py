"""The shop's own fields and mutations, over HTTP."""

import json

import pytest
from django.test import Client

from saleor_support_plugin.notifications.models import Notification
from sandbox import models, worker
from sandbox.home.ids import WAREHOUSE_ID
from sandbox.makers import (
    fulfill,
    gid,
    make_app,
    make_channel,
    make_customer,
    make_order,
    make_staff,
    switch_on,
    token_for,
)


@pytest.fixture
def send(shop):
    """``send(who, document, **variables)`` → the answer's JSON."""

    def post(who, document, **variables):
        headers = {"authorization": f"Bearer {token_for(who)}"} if who else {}
        body = json.dumps({"query": document, "variables": variables})
        return Client().post("/graphql/", body, content_type="application/json", headers=headers).json()

    return post


PERSONAL = "query ($id: ID!) { order(id: $id) { number userEmail user { email } shippingAddress { city } } }"
FULFILL = """mutation ($order: ID!, $lines: [OrderFulfillLineInput!]!, $notify: Boolean) {
  orderFulfill(order: $order, input: {lines: $lines, trackingNumber: "T1", notifyCustomer: $notify}) {
    fulfillments { trackingNumber lines { quantity } } errors { field code }
  }
}"""


def test_whoever_holds_an_id_reads_the_order_but_not_whose_it_is(send):
    channel, customer = make_channel(), make_customer("lucia@example.com")
    order = make_order(channel, customer)
    hidden = {"number": str(order.number), "userEmail": None, "user": None, "shippingAddress": None}
    for who in (None, make_customer(), make_staff(permissions=[]), make_staff(channels=[make_channel()])):
        assert send(who, PERSONAL, id=gid(order)) == {"data": {"order": hidden}}
    shown = {
        "number": str(order.number),
        "userEmail": "lucia@example.com",
        "user": {"email": "lucia@example.com"},
        "shippingAddress": {"city": "MADRID"},
    }
    for who in (customer, make_staff(), make_staff(channels=[channel]), make_app()):
        assert send(who, PERSONAL, id=gid(order)) == {"data": {"order": shown}}


def test_staff_lists_the_orders_of_its_channels(send):
    here, there = make_channel(), make_channel()
    first, second = make_order(here), make_order(there)
    everything = [str(second.number), str(first.number)]
    for who, numbers in ((make_staff(), everything), (make_staff(channels=[here]), everything[1:])):
        rows = send(who, "{ orders { number } }")["data"]["orders"]
        assert [row["number"] for row in rows] == numbers
    answer = send(make_customer(), "{ orders { number } }")
    assert answer["data"] == {"orders": None}
    assert answer["errors"][0]["extensions"]["exception"]["code"] == "PermissionDenied"


def test_log_in_and_be_me(send):
    user = make_customer("lucia@example.com", password="secret-demo")
    login = """mutation ($p: String!) {
      tokenCreate(email: "Lucia@Example.com", password: $p) { token errors { code } } }"""
    right = send(None, login, p="secret-demo")["data"]["tokenCreate"]
    assert right["errors"] == []
    me = (
        Client()
        .post(
            "/graphql/",
            json.dumps({"query": "{ me { id } }"}),
            content_type="application/json",
            headers={"authorization": f"Bearer {right['token']}"},
        )
        .json()
    )
    assert me == {"data": {"me": {"id": gid(user)}}}
    wrong = send(None, login, p="guess")["data"]["tokenCreate"]
    assert wrong == {"token": None, "errors": [{"code": "INVALID_CREDENTIALS"}]}


def test_fulfil_tells_the_support_app_after_the_commit(send, run_jobs, mailoutbox):
    channel = make_channel()
    switch_on(channel, "notifications")
    order = make_order(channel, make_customer("lucia@example.com"))
    line = order.lines.first()
    lines = [{"orderLineId": gid(line), "stocks": [{"quantity": 2, "warehouse": WAREHOUSE_ID}]}]
    answer = send(make_staff(), FULFILL, order=gid(order), lines=lines, notify=True)["data"]["orderFulfill"]
    assert answer == {"fulfillments": [{"trackingNumber": "T1", "lines": [{"quantity": 2}]}], "errors": []}
    assert not Notification.objects.exists()
    run_jobs()
    assert [(row.kind, row.recipient) for row in Notification.objects.all()] == [
        ("order_partly_shipped", "lucia@example.com")
    ]
    assert mailoutbox == []  # others may join it for a minute


@pytest.mark.parametrize(
    ("quantity", "warehouse", "code"),
    [
        (3, WAREHOUSE_ID, "FULFILL_ORDER_LINE"),
        (-1, WAREHOUSE_ID, "FULFILL_ORDER_LINE"),
        (0, WAREHOUSE_ID, "ZERO_QUANTITY"),
        (1, "nonsense", "NOT_FOUND"),
    ],
)
def test_fulfil_refuses_what_cannot_be(send, quantity, warehouse, code):
    order = make_order(make_channel())
    lines = [
        {"orderLineId": gid(order.lines.first()), "stocks": [{"quantity": quantity, "warehouse": warehouse}]}
    ]
    answer = send(make_staff(), FULFILL, order=gid(order), lines=lines)["data"]["orderFulfill"]
    assert answer["fulfillments"] is None
    assert [error["code"] for error in answer["errors"]] == [code]
    assert models.Fulfillment.objects.count() == 0


def test_cancel_only_what_has_not_left(send):
    cancel = "mutation ($id: ID!) { orderCancel(id: $id) { order { status } errors { code } } }"
    channel, staff = make_channel(), make_staff()
    fresh, gone = make_order(channel), make_order(channel)
    fulfill(gone, hook=False)
    assert send(staff, cancel, id=gid(fresh))["data"]["orderCancel"] == {
        "order": {"status": "CANCELED"},
        "errors": [],
    }
    answer = send(staff, cancel, id=gid(gone))["data"]["orderCancel"]
    assert answer == {"order": None, "errors": [{"code": "CANNOT_CANCEL_ORDER"}]}
    for who in (None, make_customer(), make_staff(permissions=[]), make_staff(channels=[make_channel()])):
        assert send(who, cancel, id=gid(make_order(channel)))["data"] == {"orderCancel": None}
    assert list(models.Order.objects.filter(status="canceled")) == [fresh]


def test_the_plugin_page(send, shop):
    save = """mutation ($channel: ID, $active: Boolean, $options: [ConfigurationItemInput!]) {
      pluginUpdate(
        id: "saleor.support", channelId: $channel, input: {active: $active, configuration: $options}
      ) {
        plugin { channelConfigurations { configuration { name value } } } errors { field code } } }"""
    channel = make_channel()
    admin = make_staff(permissions=["MANAGE_PLUGINS"])

    def options(**values):
        return [{"name": name, "value": value} for name, value in values.items()]

    answer = send(
        admin,
        save,
        channel=gid(channel),
        options=options(tickets="true", email_url="smtp://u:pa55word@mail.example.com:25"),
    )
    shown = answer["data"]["pluginUpdate"]["plugin"]["channelConfigurations"][0]["configuration"]
    values = {item["name"]: item["value"] for item in shown}
    assert (values["tickets"], values["email_url"]) == ("true", "m:25")
    answer = send(admin, save, channel=gid(channel), options=options(return_window_days="-1", nonsense="x"))
    assert answer["data"]["pluginUpdate"] == {
        "plugin": None,
        "errors": [{"field": "returnWindowDays", "code": "INVALID"}],
    }
    answer = send(admin, save, channel=gid(channel), options=options(email_url=None, shop_name="Casa"))
    settings = shop.settings(gid(channel))
    assert (settings.email_url, settings.shop_name, len(settings.since)) == (
        "smtp://u:pa55word@mail.example.com:25",
        "Casa",
        1,
    )
    send(admin, save, channel=gid(channel), active=False)
    assert dict(shop.settings(gid(channel)).since) == {}
    for who in (None, make_customer(), make_staff(), make_app()):
        assert send(who, save, channel=gid(channel), active=True)["data"] == {"pluginUpdate": None}


def test_a_token_of_yesterday_and_of_somebody_else(send, shop):
    user = make_customer()
    token = token_for(user)
    models.User.objects.filter(pk=user.pk).update(is_active=False)
    for given in (token, token[:-2], token + "x", "", "x" * 5000):
        answer = (
            Client()
            .post(
                "/graphql/",
                json.dumps({"query": "{ me { id } }"}),
                content_type="application/json",
                headers={"authorization": f"Bearer {given}"},
            )
            .json()
        )
        assert answer == {"data": {"me": None}}


def test_a_hook_that_fails_does_not_fail_the_shop(send, run_jobs, monkeypatch, caplog):
    from saleor_support_plugin.tracking import service as tracking

    def fail(**_):
        raise RuntimeError("broken")

    monkeypatch.setattr(tracking, "shipped", fail)
    channel = make_channel()
    switch_on(channel)
    order = make_order(channel)
    lines = [
        {"orderLineId": gid(order.lines.first()), "stocks": [{"quantity": 1, "warehouse": WAREHOUSE_ID}]}
    ]
    answer = send(make_staff(), FULFILL, order=gid(order), lines=lines)["data"]["orderFulfill"]
    assert answer["errors"] == []
    run_jobs()
    assert "missed that" in caplog.text
    assert not worker.PENDING
