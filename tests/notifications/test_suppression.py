"""Addresses that get nothing, addresses that want only what is necessary, and what staff learns."""

import datetime
import smtplib

import pytest

from saleor_support_plugin.errors import Invalid, NotThere
from saleor_support_plugin.history.models import HistoryEntry
from saleor_support_plugin.notifications import drain, rules, staff, suppression
from saleor_support_plugin.notifications.models import (
    Notification,
    NotificationState,
    OptOut,
    Reason,
    Suppression,
    SuppressionReason,
)
from saleor_support_plugin.worklist import service as worklist
from saleor_support_plugin.worklist.models import StaffTask, TaskKind
from sandbox import makers, models
from tests.notifications.test_merging import parcel

DAY = datetime.timedelta(days=1)
SKIPPED, ACCEPTED = NotificationState.SKIPPED, NotificationState.ACCEPTED


def state(row):
    row.refresh_from_db()
    return row.state, row.reason


def suppress(now, email="lucia@example.com", **changes):
    values = {"reason": SuppressionReason.BOUNCED, "detail": "550 no such user", "until": now + 60 * DAY}
    return suppression.add(email=email, now=now, **{**values, **changes})


@pytest.fixture
def delivered(notify):
    """A message that is not essential."""
    data = {"parcels": [parcel(1)], "place": "", "delivered_at": None}
    return lambda **changes: notify(kind="delivered", subject="parcel:1", data=data, **changes)


@pytest.mark.parametrize("reply", [(550, b"no such user"), (551, b"moved"), (553, b"bad name"),
                                   (550, b"5.1.1 unknown"), (554, b"5.1.1 unknown")])  # fmt: skip
def test_a_mailbox_that_is_not_there_is_suppressed_for_sixty_days(notify, server, now, reply):
    row = notify()
    server.SCRIPT.append(smtplib.SMTPRecipientsRefused({"lucia@example.com": reply}))
    drain.deliver(notification_id=row.pk, now=now)
    found = Suppression.objects.get()
    assert (found.email, found.reason, found.notification_id) == ("lucia@example.com", "bounced", row.pk)
    assert found.detail == f"{reply[0]} {reply[1].decode()}"
    assert found.until - now - 60 * DAY < datetime.timedelta(seconds=1)
    assert found.channel_id == row.channel_id
    later = notify(subject="return:2")
    drain.deliver(notification_id=later.pk, now=now)
    assert state(later) == (SKIPPED, Reason.SUPPRESSED)
    assert later.detail == f"A mail to this address came back: {found.detail}"
    assert (server.TAKEN, later.attempts) == ([], 0)
    after = notify(subject="return:3", now=now + 61 * DAY)
    drain.deliver(notification_id=after.pk, now=now + 61 * DAY)
    assert state(after) == (ACCEPTED, "")


@pytest.mark.parametrize(
    "error",
    [
        smtplib.SMTPRecipientsRefused({"x": (550, b"5.7.1 blocked")}),
        smtplib.SMTPRecipientsRefused({"x": (552, b"mailbox full")}),
        smtplib.SMTPRecipientsRefused({"x": (550, b"5.1.8 bad sender")}),
        smtplib.SMTPDataError(550, b"spam"),
    ],
)
def test_a_refused_message_says_nothing_of_the_mailbox(notify, server, now, error):
    row = notify()
    server.SCRIPT.append(error)
    drain.deliver(notification_id=row.pk, now=now)
    assert state(row) == (NotificationState.FAILED, Reason.REFUSED)
    assert Suppression.objects.count() == 0
    assert StaffTask.objects.get().kind == TaskKind.MAIL_FAILED


def test_in_a_rehearsal_the_customers_address_is_not_suppressed(notify, server, now, channel):
    makers.switch_on(channel, rehearsal_address="me@shop.example")
    row = notify()
    server.SCRIPT.append(smtplib.SMTPRecipientsRefused({"me@shop.example": (550, b"no such user")}))
    drain.deliver(notification_id=row.pk, now=now)
    assert state(row) == (NotificationState.FAILED, Reason.REFUSED)
    assert Suppression.objects.count() == 0


def test_staff_learns_the_other_ways_to_the_customer(notify, server, now, channel, order):
    makers.switch_on(channel, staff_addresses="desk@shop.example", language="es")
    models.Order.objects.update(
        user_email="typo@exmaple.com",
        shipping_address={**models.Order.objects.get().shipping_address, "phone": "+34600111222"},
    )
    suppress(now, "typo@exmaple.com")
    row = notify(recipient="typo@exmaple.com")
    drain.deliver(notification_id=row.pk, now=now)
    task = StaffTask.objects.get()
    assert (task.kind, task.key) == (TaskKind.CUSTOMER_UNREACHABLE, f"unreachable:{row.pk}")
    assert (task.order_id, task.channel_id, task.subject) == (row.order_id, row.channel_id, "return:1")
    assert task.summary == (
        "Order 1042: “Return requested” did not reach typo@exmaple.com (A mail to this address came back: "
        "550 no such user). Other ways: +34600111222 (Lucía Fernández), lucia@example.com."
    )
    alert = Notification.objects.get(kind="staff_customer_unreachable")
    assert (alert.recipient, alert.language, alert.customer_name) == ("desk@shop.example", "es", "")
    assert alert.data["contacts"] == ["+34600111222 (Lucía Fernández)", "lucia@example.com"]
    assert (alert.data["email"], alert.data["mail"]) == ("typo@exmaple.com", "Return requested")


def test_one_open_task_an_order_is_enough(notify, server, now, staff):
    suppress(now)
    rows = [notify(subject=f"return:{number}") for number in range(3)]
    drain.deliver_due(now=now, limit=10)
    task = StaffTask.objects.get()
    worklist.complete(actor=staff, task_id=task.pk, note="", at=now)
    last = notify(subject="return:9")
    drain.deliver_due(now=now, limit=10)
    assert [state(row) for row in [*rows, last]] == [(SKIPPED, Reason.SUPPRESSED)] * 4
    assert StaffTask.objects.count() == 2


def test_what_is_not_essential_is_no_work_for_staff(delivered, server, now):
    suppress(now)
    row = delivered()
    drain.deliver_due(now=now + rules.GATHER, limit=10)
    assert state(row) == (SKIPPED, Reason.SUPPRESSED)
    assert StaffTask.objects.count() == 0


def test_an_alert_that_is_suppressed_alerts_nobody(order, server, now, channel):
    makers.switch_on(channel, staff_addresses="desk@shop.example")
    suppress(now, "desk@shop.example")
    data = {"email": "a@b.example", "mail": "", "reason": "", "contacts": [], "page": ""}
    rows = staff.notify_staff(
        kind="staff_customer_unreachable", subject="x", occasion="y", order=order, data=data, now=now
    )
    drain.deliver_due(now=now, limit=10)
    assert [state(row) for row in rows] == [(SKIPPED, Reason.SUPPRESSED)]
    assert (StaffTask.objects.count(), Notification.objects.count()) == (0, 1)


def test_alerts_go_to_every_address_and_to_nobody_when_there_is_none(order, now, channel):
    data = {"email": "a@b.example", "mail": "", "reason": "", "contacts": [], "page": ""}
    given = {"kind": "staff_customer_unreachable", "subject": "x", "order": order, "data": data, "now": now}
    assert staff.notify_staff(occasion="1", **given) == []
    makers.switch_on(channel, staff_addresses="one@shop.example\ntwo@shop.example")
    rows = staff.notify_staff(occasion="2", **given)
    assert [row.recipient for row in rows] == ["one@shop.example", "two@shop.example"]


@pytest.mark.parametrize(
    "given", ["https://casaolivo.example/dashboard", "https://casaolivo.example/dashboard/"]
)
def test_alerts_lead_to_the_order_in_the_dashboard(order, now, channel, server, given):
    makers.switch_on(channel, staff_addresses="desk@shop.example", dashboard_url=given)
    data = {"email": "a@b.example", "mail": "", "reason": "", "contacts": [], "page": ""}
    alert = {"kind": "staff_customer_unreachable", "subject": "x", "order": order, "now": now}
    (row,) = staff.notify_staff(occasion="1", data=data, **alert)
    page = "https://casaolivo.example/dashboard/orders/" + order.id.replace("=", "%3D")
    assert row.data["page"] == page
    drain.deliver(notification_id=row.pk, now=now)
    (mail,) = server.TAKEN
    assert f"Open the order: {page}" in mail.body
    assert f'href="{page}"' in mail.alternatives[0][0]
    elsewhere = {**data, "page": "https://desk.example/7"}  # a caller that knows better
    (row,) = staff.notify_staff(occasion="2", data=elsewhere, **alert)
    assert row.data["page"] == "https://desk.example/7"


def test_a_shop_that_does_not_know_the_order_still_gets_the_task(notify, now):
    row = notify()
    Notification.objects.update(order_id="T3JkZXI6bm93aGVyZQ==")
    row.refresh_from_db()
    staff.unreachable(row, "It came back.", now)
    assert StaffTask.objects.get().summary == (
        "Order 1042: “Return requested” did not reach lucia@example.com (It came back). "
        "The order names no other way."
    )


class TestAdd:
    def test_case_and_blanks_make_no_difference(self, db, now):
        suppress(now, " Lucia@Example.COM ")
        assert suppression.lookup("LUCIA@example.com", now=now).email == "lucia@example.com"
        assert suppression.lookup("other@example.com", now=now) is None

    def test_it_ends(self, db, now):
        suppress(now)
        assert suppression.lookup("lucia@example.com", now=now + 60 * DAY) is None
        assert suppression.suppressed(["lucia@example.com"], now=now + 60 * DAY) == {}

    def test_the_longer_time_wins(self, db, now):
        suppress(now)
        suppress(now + DAY, until=now + 10 * DAY, detail="shorter")
        assert Suppression.objects.get().detail == "550 no such user"
        suppress(now + DAY, until=None, reason=SuppressionReason.COMPLAINED, detail="")
        suppress(now + 2 * DAY)
        row = Suppression.objects.get()
        assert (row.until, row.reason, row.created_at) == (None, "complained", now + DAY)
        assert suppression.suppressed([row.email], now=now) == {
            row.email: "The owner of this address called a mail spam."
        }

    def test_one_that_has_ended_begins_anew(self, db, now):
        suppress(now, until=now + DAY)
        suppress(now + 2 * DAY, until=now + 3 * DAY, detail="again")
        assert Suppression.objects.get().detail == "again"


class TestLift:
    def test_mails_go_out_again(self, notify, server, now, staff):
        row = suppress(now)
        suppression.lift(actor=staff, suppression_id=row.pk, now=now)
        assert Suppression.objects.count() == 0
        mail = notify()
        drain.deliver(notification_id=mail.pk, now=now)
        assert state(mail) == (ACCEPTED, "")
        entry = HistoryEntry.objects.get(verb="suppression_lifted")
        assert entry.before["email"] == "lucia@example.com"

    def test_only_by_staff_of_its_channel(self, shop, channel, now):
        row = suppress(now, channel_id=makers.gid(channel))
        elsewhere = makers.make_staff("else@example.com", channels=[makers.make_channel("else")])
        for who in (elsewhere, makers.make_customer("lucia@example.com")):
            with pytest.raises(NotThere):
                suppression.lift(actor=shop.identify(makers.request_for(who)), suppression_id=row.pk, now=now)
        assert Suppression.objects.count() == 1


class TestOptOut:
    def test_only_what_is_necessary(self, notify, delivered, server, now, order):
        assert suppression.opt_out(email="LUCIA@example.com", channel_id=order.channel_id, now=now)
        assert not suppression.opt_out(email="lucia@example.com", channel_id=order.channel_id, now=now)
        rows = delivered(), notify()
        drain.deliver_due(now=now + rules.GATHER, limit=10)
        assert [state(row) for row in rows] == [(SKIPPED, Reason.OPTED_OUT), (ACCEPTED, "")]

    def test_in_another_channel_nothing_changes(self, delivered, server, now):
        suppression.opt_out(email="lucia@example.com", channel_id="another", now=now)
        row = delivered()
        drain.deliver_due(now=now + rules.GATHER, limit=10)
        assert state(row) == (ACCEPTED, "")

    def test_and_back(self, delivered, server, now, order):
        suppression.opt_out(email="lucia@example.com", channel_id=order.channel_id, now=now)
        assert suppression.opt_in(email="Lucia@example.com", channel_id=order.channel_id)
        assert not suppression.opt_in(email="lucia@example.com", channel_id=order.channel_id)
        row = delivered()
        drain.deliver_due(now=now + rules.GATHER, limit=10)
        assert state(row) == (ACCEPTED, "")

    def test_chosen_by_the_customer_and_noted_once(self, shop, order, now):
        member = shop.identify(makers.request_for(models.User.objects.get(email="lucia@example.com")))
        for _ in range(2):
            assert suppression.choose(actor=member, order_id=order.id, only_necessary=True, now=now)
        assert OptOut.objects.get().email == "lucia@example.com"
        assert not suppression.choose(actor=member, order_id=order.id, only_necessary=False, now=now)
        verbs = list(HistoryEntry.objects.order_by("pk").values_list("verb", flat=True))
        assert verbs == ["notifications_opted_out", "notifications_opted_in"]
        other = shop.identify(makers.request_for(makers.make_customer("ana@example.com")))
        with pytest.raises(NotThere):
            suppression.choose(actor=other, order_id=order.id, only_necessary=True, now=now)

    def test_nobody_chooses_for_whom_they_ordered_in_the_name_of(self, shop, order, now, staff):
        """A shop lets people order with any address; the mails go there."""
        models.Order.objects.update(user_email="victim@example.com")
        eve = shop.identify(makers.request_for(models.User.objects.get(email="lucia@example.com")))
        suppression.opt_out(email="victim@example.com", channel_id=order.channel_id, now=now)
        for wish in (True, False):
            with pytest.raises(Invalid) as caught:
                suppression.choose(actor=eve, order_id=order.id, only_necessary=wish, now=now)
            assert caught.value.field == "orderId"
        assert OptOut.objects.count() == 1
        assert not suppression.choose(actor=staff, order_id=order.id, only_necessary=False, now=now)
        assert OptOut.objects.count() == 0
