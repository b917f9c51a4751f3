"""The outbox over GraphQL: what staff can ask, how it is paged, what it costs, and the verbs."""

import datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from graphql_relay import to_global_id

from saleor_support_plugin.history.models import HistoryEntry
from saleor_support_plugin.notifications import suppression
from saleor_support_plugin.notifications.models import (
    DeliveryEvent,
    Notification,
    NotificationState,
    OptOut,
    Suppression,
    SuppressionReason,
)
from sandbox import makers

EVERYTHING = """
    id kind title group state reason detail recipient language subject orderNumber isTest attempts happenedAt dueAt
    nextAttemptAt createdAt finishedAt messageId provider delivery deliveryAt order { id number }
    mergedInto { id state } resendOf { id } events { type detail happenedAt receivedAt recipient provider }
"""
LIST = (
    "query ($filter: SupportNotificationFilterInput) { it: supportNotifications(first: 100, filter: $filter) "
    f"{{ totalCount edges {{ node {{ {EVERYTHING} }} }} }} }}"
)


@pytest.fixture
def outbox(stage, now):
    """Rows of every state beside those of the stage; returns the pk by name."""
    base = Notification.objects.get(kind="ticket_acknowledged")
    Notification.objects.exclude(pk=base.pk).delete()

    def make(name, **changes):
        values = {
            field.attname: getattr(base, field.attname)
            for field in Notification._meta.concrete_fields
            if not field.primary_key
        }
        return Notification.objects.create(**{**values, "occasion": name, **changes}).pk

    shipped = make(
        "shipped", kind="order_shipped", subject="parcel:1", state=NotificationState.ACCEPTED,
        message_id="<support.1.x@shop.example>", provider="postmark", provider_id="p1", delivery="bounced",
        delivery_at=now, finished_at=now, attempts=2, created_at=now - datetime.timedelta(days=3),
    )  # fmt: skip
    made = {
        "waiting": base.pk,
        "shipped": shipped,
        "merged": make("merged", kind="order_shipped", state="skipped", reason="merged", merged_into_id=shipped,
                       created_at=now - datetime.timedelta(days=2)),
        "stale": make("stale", kind="delivered", state="skipped", reason="stale", recipient="Ben@Example.com"),
        "again": make("again", kind="order_shipped", resend_of_id=shipped),
    }  # fmt: skip
    DeliveryEvent.objects.create(
        provider="postmark", event_id="e1", channel_id=base.channel_id, type="bounced", detail="550 no",
        recipient="ana@example.com", happened_at=now, notification_id=shipped,
    )  # fmt: skip
    return made


def found(stage, outbox, wanted, caller="staff"):
    answer = stage.send(caller, LIST, {"filter": wanted})
    assert "errors" not in answer, answer
    names = {to_global_id("SupportNotification", pk): name for name, pk in outbox.items()}
    edges = answer["data"]["it"]["edges"]
    assert answer["data"]["it"]["totalCount"] == len(edges)
    return [names[edge["node"]["id"]] for edge in edges]


def test_all_of_one_message(stage, outbox, now):
    nodes = stage.send("staff", LIST, {"filter": {"delivery": ["BOUNCED"]}})["data"]["it"]["edges"]
    moment = "2024-04-17T12:00:00+00:00"
    assert nodes[0]["node"] == {
        "id": to_global_id("SupportNotification", outbox["shipped"]), "kind": "order_shipped",
        "title": "Order shipped", "group": "PARCEL", "state": "ACCEPTED", "reason": "", "detail": "",
        "recipient": "ana@example.com", "language": "en", "subject": "parcel:1",
        "orderNumber": stage.ids["number"], "isTest": False, "attempts": 2, "happenedAt": moment, "dueAt": moment,
        "nextAttemptAt": None, "createdAt": "2024-04-14T12:00:00+00:00", "finishedAt": moment,
        "messageId": "<support.1.x@shop.example>", "provider": "postmark", "delivery": "BOUNCED",
        "deliveryAt": moment, "order": {"id": stage.ids["order"], "number": stage.ids["number"]},
        "mergedInto": None, "resendOf": None,
        "events": [{
            "type": "bounced", "detail": "550 no", "happenedAt": moment,
            "receivedAt": nodes[0]["node"]["events"][0]["receivedAt"], "recipient": "ana@example.com",
            "provider": "postmark",
        }],
    }  # fmt: skip


@pytest.mark.parametrize(
    ("wanted", "names"),
    [
        ({}, ["again", "stale", "merged", "shipped", "waiting"]),
        ({"state": ["SKIPPED"]}, ["stale", "merged"]),
        ({"state": ["SKIPPED", "ACCEPTED"]}, ["stale", "merged", "shipped"]),
        ({"state": []}, []),
        ({"kind": ["delivered"]}, ["stale"]),
        ({"kind": ["order_shipped", "delivered"]}, ["again", "stale", "merged", "shipped"]),
        ({"group": ["TICKET"]}, ["waiting"]),
        ({"group": ["PARCEL", "TICKET"]}, ["again", "stale", "merged", "shipped", "waiting"]),
        ({"reason": ["stale"]}, ["stale"]),
        ({"delivery": ["BOUNCED"]}, ["shipped"]),
        ({"recipient": "Ben@Example.com"}, ["stale"]),
        ({"recipient": "ANA@example.com "}, ["again", "merged", "shipped", "waiting"]),
        ({"recipient": "nobody@example.com"}, []),
        ({"recipient": "a\x00b"}, []),
        ({"kind": ["a\x00b"]}, []),
        ({"subject": "parcel:1"}, ["shipped"]),
        ({"orderId": "T3JkZXI6bm93aGVyZQ=="}, []),
        ({"orderNumber": "nothing"}, []),
        ({"createdAt": {"gte": "2024-04-15T00:00:00Z"}}, ["again", "stale", "merged", "waiting"]),
        ({"createdAt": {"lte": "2024-04-15T14:00:00+02:00"}}, ["merged", "shipped"]),
        ({"createdAt": {"gte": "2024-04-15T12:00:00Z", "lte": "2024-04-15T12:00:00"}}, ["merged"]),
        ({"createdAt": {"gte": None}, "state": None}, ["again", "stale", "merged", "shipped", "waiting"]),
    ],
)
def test_filters(stage, outbox, wanted, names):
    assert found(stage, outbox, wanted) == names


def test_by_order(stage, outbox):
    assert len(found(stage, outbox, {"orderId": stage.ids["order"]})) == 5
    assert found(stage, outbox, {"orderId": stage.ids["fresh"]}) == []
    assert len(found(stage, outbox, {"orderNumber": stage.ids["number"]})) == 5


def test_a_test_says_so_and_is_no_message_of_the_order_whose_number_it_shows(stage, outbox):
    for name, order_id in (("waiting", ""), ("stale", stage.ids["order"])):
        changes = {"subject": f"test:VXNlcjox:{name}", "order_id": order_id}
        Notification.objects.filter(pk=outbox[name]).update(**changes)
    assert found(stage, outbox, {"orderNumber": stage.ids["number"]}) == ["again", "merged", "shipped"]
    assert found(stage, outbox, {"orderId": stage.ids["order"]}) == ["again", "merged", "shipped"]
    assert found(stage, outbox, {}) == ["again", "stale", "merged", "shipped", "waiting"]
    edges = stage.send("staff", LIST, {"filter": {}})["data"]["it"]["edges"]
    assert [edge["node"]["isTest"] for edge in edges] == [False, True, False, False, True]


def test_staff_of_another_channel_finds_nothing_by_any_filter(stage, outbox):
    for wanted in ({}, {"recipient": "ana@example.com"}, {"orderId": stage.ids["order"]}):
        assert found(stage, outbox, wanted, "staff_of_another_channel") == []


def test_a_foreign_kind_that_is_gone_can_still_be_read(stage, outbox):
    Notification.objects.filter(pk=outbox["stale"]).update(kind="loyalty_points")
    node = stage.send("staff", LIST, {"filter": {"kind": ["loyalty_points"]}})["data"]["it"]["edges"][0][
        "node"
    ]
    assert (node["title"], node["group"]) == ("loyalty_points", None)


def test_a_list_costs_the_same_at_10_and_100(stage, outbox, shop, now):
    base = Notification.objects.get(pk=outbox["shipped"])
    channel = makers.models.Channel.objects.get(slug="here")
    costs = []
    for count in (10, 90):
        for number in range(count):
            order = makers.make_order(channel, makers.make_customer(), created_at=now)
            row = Notification.objects.get(pk=base.pk)
            row.pk, row.occasion, row.order_id = None, f"{count}-{number}", makers.gid(order)
            row.merged_into_id, row.resend_of_id = outbox["shipped"], outbox["waiting"]
            row.save(force_insert=True)
            DeliveryEvent.objects.create(
                provider="p", event_id=row.occasion, channel_id="c", type="sent", happened_at=now,
                notification=row,
            )  # fmt: skip
        with CaptureQueriesContext(connection) as spent:
            answer = stage.send("staff", LIST)
        assert "errors" not in answer, answer
        costs.append(len([one for one in spent if "saleor_support_plugin_" in one["sql"]]))
    assert costs[0] == costs[1] <= 8  # the rest is the shop's own work for its orders


def test_of_many_orders_in_one_query(stage, shop, now):
    ask = "{ it: orders { number supportNotifications { id state events { type } } } }"
    costs = []
    for count in (9, 90):
        channel = makers.models.Channel.objects.get(slug="here")
        base = Notification.objects.filter(kind="ticket_acknowledged").first()
        for number in range(count):
            order = makers.make_order(channel, makers.make_customer(), created_at=now)
            base.pk, base.occasion, base.order_id = None, f"{count}:{number}", makers.gid(order)
            base.save(force_insert=True)
        with CaptureQueriesContext(connection) as spent:
            answer = stage.send("staff", ask)
        assert "errors" not in answer, answer
        assert sum(len(order["supportNotifications"]) for order in answer["data"]["it"]) >= count
        costs.append(len([one for one in spent if "saleor_support_plugin_" in one["sql"]]))
    assert costs[0] == costs[1] <= 8


def test_the_customer_never_sees_them(stage):
    ask = "query ($order: ID!) { order(id: $order) { number supportNotifications { recipient } } }"
    for caller in ("owner", "other_customer", "anonymous", "staff_of_another_channel"):
        answer = stage.send(caller, ask, {"order": stage.ids["order"]})
        assert "ana@example.com" not in str(answer["data"])
        assert answer["errors"][0]["extensions"]["exception"]["code"] == "PermissionDenied"


RESEND = (
    "mutation ($id: ID!, $recipient: String) { it: supportNotificationResend(id: $id, recipient: $recipient) "
    "{ errors { field code message } notification { id state recipient resendOf { id } } } }"
)
CANCEL = (
    "mutation ($id: ID!) { it: supportNotificationCancel(id: $id) { errors { field code message } "
    "notification { state reason } } }"
)


def test_sending_again_by_a_double_click_is_one(stage):
    answers = [stage.send("staff", RESEND, {"id": stage.ids["ended"]})["data"]["it"] for _ in range(2)]
    assert answers[0] == answers[1]
    assert answers[0]["errors"] == []
    assert answers[0]["notification"]["resendOf"] == {"id": stage.ids["ended"]}
    assert Notification.objects.exclude(resend_of=None).count() == 1


@pytest.mark.parametrize("bad", ["nobody", "a@b.example\r\nBcc: x@y.example", "\x00@b.example"])
def test_sending_again_to_no_address(stage, bad):
    it = stage.send("staff", RESEND, {"id": stage.ids["ended"], "recipient": bad})["data"]["it"]
    assert [(error["field"], error["code"]) for error in it["errors"]] == [("recipient", "INVALID")]


def test_what_is_on_its_way_is_not_sent_again(stage):
    it = stage.send("staff", RESEND, {"id": stage.ids["waiting"]})["data"]["it"]
    assert [(error["field"], error["code"]) for error in it["errors"]] == [("id", "WRONG_STATE")]


def test_taking_back(stage):
    it = stage.send("staff", CANCEL, {"id": stage.ids["waiting"]})["data"]["it"]
    assert it["notification"] == {"state": "SKIPPED", "reason": "cancelled"}
    again = stage.send("staff", CANCEL, {"id": stage.ids["waiting"]})["data"]["it"]
    assert [(error["field"], error["code"]) for error in again["errors"]] == [("id", "WRONG_STATE")]


ADD = (
    "mutation ($email: String!, $note: String, $channel: ID) { it: supportSuppressionAdd(email: $email, note: "
    "$note, channelId: $channel) { errors { field code } suppression { email reason detail until } } }"
)


def test_staff_enters_an_address_that_gets_nothing_more(stage, now):
    given = {"email": " Ben@Example.com ", "note": "Asked us by telephone.", "channel": stage.ids["channel"]}
    entered = {
        "email": "ben@example.com",
        "reason": "STAFF",
        "detail": "Asked us by telephone.",
        "until": None,
    }
    for _ in range(2):  # a double click
        it = stage.send("staff", ADD, given)["data"]["it"]
        assert it == {"errors": [], "suppression": entered}
    row = Suppression.objects.get(email="ben@example.com")
    assert row.channel_id == stage.ids["channel"]
    assert suppression.lookup("BEN@example.com", now=now + datetime.timedelta(days=9000)) == row
    (noted,) = HistoryEntry.objects.filter(subject=f"suppression:{row.pk}")
    assert (noted.verb, noted.actor_kind) == ("suppression_added", "staff")
    assert noted.after["email"] == "ben@example.com"


def test_entering_outlasts_a_bounce(stage, now):
    Suppression.objects.update(until=now + datetime.timedelta(days=60))
    it = stage.send("staff", ADD, {"email": "ana@example.com"})["data"]["it"]
    assert (it["suppression"]["reason"], it["suppression"]["until"]) == ("STAFF", None)
    row = Suppression.objects.get()
    assert (row.detail, row.notification, row.channel_id) == ("", None, "")


@pytest.mark.parametrize(
    ("caller", "changes", "error"),
    [
        ("staff", {"email": "nobody"}, ("email", "INVALID")),
        ("staff", {"email": "a@b.example\r\nBcc: x@y.example"}, ("email", "INVALID")),
        ("staff", {"note": "x" * 1001}, ("note", "TOO_LONG")),
        ("staff", {"channel": "Q2hhbm5lbDo5OTk5"}, ("channelId", "NOT_FOUND")),
        ("staff_of_another_channel", {}, ("channelId", "REQUIRED")),
    ],
)
def test_what_can_not_be_entered(stage, everything, caller, changes, error):
    before = everything()
    it = stage.send(caller, ADD, {"email": "x@example.com", **changes})["data"]["it"]
    assert [(one["field"], one["code"]) for one in it["errors"]] == [error]
    assert everything() == before


def test_entering_shows_nothing_of_another_channels(stage, everything):
    elsewhere = makers.gid(makers.models.Channel.objects.get(slug="elsewhere"))
    before = everything()
    it = stage.send("staff_of_another_channel", ADD, {"email": "ana@example.com", "channel": elsewhere})
    assert it["data"]["it"] == {"errors": [{"field": "email", "code": "WRONG_STATE"}], "suppression": None}
    assert everything() == before


def test_a_report_that_a_provider_repeats_is_listed_once(stage, now):
    row = Notification.objects.get(kind="return_requested")
    for number, (said, when) in enumerate(
        [("deferred", 0), ("deferred", 0), ("deferred", 5), ("bounced", 6)]
    ):
        DeliveryEvent.objects.create(
            provider="postmark", event_id=f"e{number}", channel_id=row.channel_id, type=said, detail="wait",
            happened_at=now + datetime.timedelta(minutes=when), notification=row, state="applied",
        )  # fmt: skip
    ask = 'query ($order: ID!) { it: supportNotifications(first: 9, filter: {orderId: $order, kind: "return_requested"}) { edges { node { events { type happenedAt } } } } }'  # noqa: E501
    (edge,) = stage.send("staff", ask, {"order": stage.ids["order"]})["data"]["it"]["edges"]
    assert [one["type"] for one in edge["node"]["events"]] == ["deferred", "deferred", "bounced"]


def test_suppressions_are_listed_and_lifted(stage, now):
    suppression.add(email="ben@example.com", reason=SuppressionReason.STAFF, detail="Asked us", now=now)
    ask = "query ($email: String) { it: supportSuppressions(first: 5, email: $email) { totalCount edges { node { id email reason detail until } } } }"  # noqa: E501
    everybody = stage.send("staff", ask)["data"]["it"]
    assert [edge["node"]["email"] for edge in everybody["edges"]] == ["ben@example.com", "ana@example.com"]
    one = stage.send("staff", ask, {"email": " Ana@Example.com"})["data"]["it"]
    assert one["edges"][0]["node"] == {
        "id": stage.ids["suppression"], "email": "ana@example.com", "reason": "BOUNCED", "detail": "550",
        "until": None,
    }  # fmt: skip
    assert stage.send("staff", ask, {"email": "a\x00"})["data"]["it"]["totalCount"] == 0
    lift = "mutation ($id: ID!) { it: supportSuppressionLift(id: $id) { errors { code } suppression { email } } }"
    it = stage.send("staff", lift, {"id": stage.ids["suppression"]})["data"]["it"]
    assert it == {"errors": [], "suppression": {"email": "ana@example.com"}}
    again = stage.send("staff", lift, {"id": stage.ids["suppression"]})["data"]["it"]
    assert again["errors"] == [{"code": "NOT_FOUND"}]
    assert Suppression.objects.get().email == "ben@example.com"


@pytest.mark.parametrize("caller", ["owner", "guest", "staff"])
def test_choosing_which_mails(stage, caller):
    choose = (
        "mutation ($order: ID!, $only: Boolean!, $accessToken: String) { it: "
        "supportNotificationPreferencesUpdate(orderId: $order, onlyNecessary: $only, accessToken: $accessToken) "
        "{ errors { field code } onlyNecessary } }"
    )
    for only in (True, True, False):
        it = stage.send(caller, choose, {"order": stage.ids["order"], "only": only})["data"]["it"]
        assert it == {"errors": [], "onlyNecessary": only}
        assert list(OptOut.objects.values_list("email", flat=True)) == ["ana@example.com"] * only
