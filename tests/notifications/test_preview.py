"""Previews show any mail and open nothing; tests go to oneself, through the outbox, past every rule."""

import dataclasses

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from saleor_support_plugin.access.models import GuestGrant
from saleor_support_plugin.actors import Actor, ActorKind, Permission
from saleor_support_plugin.errors import Code, Invalid, NotThere, SupportError
from saleor_support_plugin.history.models import HistoryEntry, OrderNote
from saleor_support_plugin.notifications import drain, kinds
from saleor_support_plugin.notifications.models import Notification, NotificationState, Override, Suppression
from saleor_support_plugin.notifications.writing import preview as previews
from saleor_support_plugin.notifications.writing import wording
from saleor_support_plugin.settings import Feature
from saleor_support_plugin.worklist.models import StaffTask
from sandbox import makers

ORDERS = frozenset({Permission.MANAGE_ORDERS})
ADMIN = Actor(ActorKind.STAFF, id="VXNlcjo5", email="sam@shop.example", name="Sam", permissions=ORDERS)


@pytest.fixture(autouse=True)
def _nothing_compiled():
    wording._compiled.cache_clear()


@pytest.fixture
def preview(channel, now):
    """``preview(kind)`` in the channel, in English; keywords override."""

    def show(kind="order_shipped", **changes):
        values = {
            "actor": ADMIN,
            "kind": kind,
            "channel_id": makers.gid(channel),
            "language": "en",
            "now": now,
        }
        return previews.preview(**{**values, **changes})

    return show


@pytest.fixture
def send_test(channel, now):
    """``send_test(kind)`` as the admin, in the channel; keywords override."""

    def send(kind="order_shipped", **changes):
        values = {"actor": ADMIN, "kind": kind, "channel_id": makers.gid(channel), "language": "", "now": now}
        return previews.send_test(**{**values, **changes})

    return send


@pytest.mark.parametrize("kind", kinds.TABLE, ids=lambda kind: kind.name)
@pytest.mark.parametrize("language", ["en", "es"])
def test_every_kind_can_be_seen_before_it_is_switched_on(preview, shop, channel, now, kind, language):
    makers.save_config(channel, {"tickets": False, "returns": False, "notifications": False}, now)
    seen = preview(kind.name, language=language)
    assert seen.subject
    assert seen.language == language
    assert "Casa Olivo" in seen.html or kind.audience == "staff"
    assert seen.problems == ()
    for model in (Notification, GuestGrant, StaffTask, HistoryEntry):
        assert model.objects.count() == 0


def test_a_preview_with_a_real_order_shows_its_own(preview, order, shop):
    seen = preview("order_received", channel_id="", order_id=order.id)
    assert "#1042" in seen.subject
    for line in order.lines:
        assert f"- {line.quantity} × {line.product_name}" in seen.text
    assert "Hello Lucía Fernández," in seen.text
    for part in order.shipping_address.street_address_1, order.shipping_address.postal_code:
        assert part in seen.text
    assert "Olive oil" not in seen.text
    shipped = preview("order_shipped", order_id=order.id)
    assert f"- 2 × {order.lines[0].product_name}" in shipped.text
    assert f"> {order.lines[0].product_name}".replace("> ", ">") in shipped.html


def test_the_language_is_the_orders_then_the_channels(preview, shop, channel):
    spanish = makers.make_order(channel, makers.make_customer(language="es"), language="es")
    assert preview(language="", order_id=makers.gid(spanish)).language == "es"
    assert preview(language="en", order_id=makers.gid(spanish)).language == "en"
    assert preview(language="").language == "en"
    makers.switch_on(channel, language="es")
    assert preview(language="").language == "es"
    assert preview(language="es-MX").language == "es"


def test_no_link_of_a_preview_opens_anything(preview, order, channel):
    makers.switch_on(channel, guest_url="https://shop.example/guest?t={token}")
    before = GuestGrant.objects.count()
    for name, kind in kinds.kinds().items():
        with CaptureQueriesContext(connection) as spent:
            seen = preview(name, order_id=order.id)
        assert not [one for one in spent if "guestgrant" in one["sql"].lower()]
        if "grant_id" in kind.variables:
            assert "https://shop.example/guest?t=sample" in seen.text
    assert GuestGrant.objects.count() == before


def test_a_preview_takes_no_page_of_the_order_from_the_storefront(preview, channel):
    made = makers.make_order(channel, makers.make_customer(), redirect_url="https://shop.example/o/?secret=1")
    assert "secret" not in preview(order_id=makers.gid(made)).html


def test_the_words_that_hold_are_shown(preview, channel, now):
    Override.objects.create(
        kind="order_shipped", channel_id=makers.gid(channel), language="en", blocks={"subject": "Own"}
    )
    assert preview().subject == "Own"
    assert preview(blocks=[]).subject != "Own"  # a draft without blocks: our words
    assert preview(language="es").subject != "Own"


def test_broken_words_are_named_and_ours_shown(preview, channel):
    kept = Override.objects.create(kind="order_shipped", language="en", blocks={"subject": "{{ gone }}"})
    seen = preview()
    assert seen.subject == preview(blocks=[]).subject
    assert [(one.field, one.message.partition(";")[0]) for one in seen.problems] == [
        ("subject", "Line 1: There is no gone in this mail")
    ]
    assert StaffTask.objects.count() == 0  # only a mail that goes out calls staff
    Override.objects.filter(pk=kept.pk).delete()


def test_a_draft_is_shown_as_far_as_it_goes(preview):
    blocks = [("heading", "Fine {{ order_number }}"), ("intro", "a\n{{ nothing }}"), ("colour", "red")]
    seen = preview(blocks=blocks)
    assert "Fine 1042</h1>" in seen.html
    assert "Good news" in seen.text  # our intro
    assert [(one.field, one.message.partition(";")[0]) for one in seen.problems] == [
        ("blocks", "There is no block 'colour'"),
        ("intro", "Line 2: There is no nothing in this mail"),
    ]
    assert Override.objects.count() == 0


@pytest.mark.parametrize(
    ("changes", "error", "field"),
    [
        ({"kind": "newsletter"}, Invalid, "kind"),
        ({"language": "xx"}, Invalid, "language"),
        ({"channel_id": ""}, Invalid, "channelId"),
        ({"channel_id": "nowhere"}, NotThere, "channelId"),
        ({"channel_id": "\x00"}, NotThere, "channelId"),
        ({"order_id": "nowhere"}, NotThere, "order"),
        ({"actor": Actor(ActorKind.CUSTOMER, id="x")}, NotThere, "channelId"),
        ({"actor": dataclasses.replace(ADMIN, channels=frozenset({"other"}))}, NotThere, "channelId"),
    ],
)
def test_a_bad_request_is_refused(preview, changes, error, field):
    with pytest.raises(error) as caught:
        preview(**changes)
    assert caught.value.field == field


def test_orders_of_other_channels_are_not_there(preview, order):
    elsewhere = makers.make_channel("elsewhere")
    actor = dataclasses.replace(ADMIN, channels=frozenset({makers.gid(elsewhere)}))
    with pytest.raises(NotThere, match="no such order"):
        preview(actor=actor, channel_id=makers.gid(elsewhere), order_id=order.id)
    with pytest.raises(Invalid, match="The order is in another channel"):
        preview(channel_id=makers.gid(elsewhere), order_id=order.id)


# -- tests ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", kinds.TABLE, ids=lambda kind: kind.name)
def test_a_test_of_every_kind_goes_out_at_once_and_leaves_no_trace_elsewhere(
    send_test, server, channel, now, kind
):
    """Switched off, at night, and to an address that gets nothing: it is the admin's own wish."""
    makers.save_config(channel, {**dict.fromkeys(Feature, False), "quiet_hours": "00:00-23:59"}, now)
    Suppression.objects.create(email=ADMIN.email, reason="bounced")
    row = send_test(kind.name)
    assert (row.recipient, row.is_test, row.state) == (ADMIN.email, True, NotificationState.PENDING)
    drain.deliver_due(now=now, limit=10)
    row.refresh_from_db()
    assert row.state == NotificationState.ACCEPTED, row.detail
    (sent,) = server.TAKEN
    assert sent.subject.startswith("[Test] ")
    assert sent.to == [ADMIN.email]
    assert GuestGrant.objects.count() == OrderNote.objects.count() == StaffTask.objects.count() == 0


def test_tests_of_kinds_that_go_together_go_alone(send_test, server, now):
    rows = [
        send_test(kind) for kind in ("order_shipped", "order_shipped", "order_partly_shipped", "delivered")
    ]
    rows.append(send_test("delivered"))  # a kind that is sent once
    assert drain.deliver_due(now=now, limit=10) == 5
    assert {Notification.objects.get(pk=row.pk).state for row in rows} == {"accepted"}


def test_a_test_that_fails_calls_nobody(send_test, server, now):
    server.SCRIPT.append(ValueError("the server says no for good"))
    row = send_test("order_received")
    drain.deliver_due(now=now, limit=10)
    row.refresh_from_db()
    assert row.state != NotificationState.ACCEPTED
    assert StaffTask.objects.count() == 0


def test_a_test_has_own_words_and_the_language_asked_for(send_test, server, now):
    Override.objects.create(kind="order_shipped", language="es", blocks={"subject": "Propio"})
    send_test(language="es-MX")
    drain.deliver_due(now=now, limit=10)
    assert server.TAKEN[0].subject == "[Test] Propio"


def test_a_test_goes_to_oneself_or_to_the_rehearsal_address(send_test, channel):
    with pytest.raises(Invalid, match="your own address") as caught:
        send_test(to="somebody@example.com")
    assert caught.value.field == "to"
    with pytest.raises(Invalid, match="your own address"):
        send_test(to="rehearsal@shop.example")
    makers.switch_on(channel, rehearsal_address="rehearsal@shop.example")
    assert send_test(to="Rehearsal@shop.example ").recipient == "rehearsal@shop.example"
    assert send_test(to=ADMIN.email).recipient == ADMIN.email
    app = Actor(ActorKind.APP, id="QXBwOjE=", permissions=ORDERS)
    assert send_test(actor=app).recipient == "rehearsal@shop.example"
    makers.switch_on(channel, rehearsal_address="")
    with pytest.raises(Invalid, match="You have no address of your own") as caught:
        send_test(actor=app)
    assert (caught.value.field, caught.value.code) == ("to", Code.REQUIRED)


def test_ten_tests_an_hour(send_test, now):
    for _number in range(10):
        send_test()
    with pytest.raises(SupportError, match="You may send 10 tests an hour") as caught:
        send_test("delivered")
    assert caught.value.code is Code.LIMIT_REACHED
    other = dataclasses.replace(ADMIN, id="VXNlcjo4", email="alex@shop.example")
    assert send_test(actor=other).is_test
    assert send_test(now=now.replace(hour=now.hour + 1)).is_test
    assert Notification.objects.count() == 12


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"kind": "newsletter"}, Invalid),
        ({"language": "xx"}, Invalid),
        ({"channel_id": "nowhere"}, NotThere),
        ({"actor": Actor(ActorKind.CUSTOMER, id="x", email="c@example.com")}, NotThere),
    ],
)
def test_a_bad_test_is_not_written(send_test, changes, error):
    with pytest.raises(error):
        send_test(**changes)
    assert Notification.objects.count() == 0
