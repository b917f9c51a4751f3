"""Who is told of a new ticket, in which words, and by when they can expect what."""

import datetime

import pytest

from saleor_support_plugin.notifications import service as outbox
from saleor_support_plugin.notifications.models import Notification
from saleor_support_plugin.tickets import service
from saleor_support_plugin.tickets.models import Ticket
from sandbox import makers

UTC = datetime.UTC
STAFF = "desk@shop.example, boss@shop.example"


def create(world, now, actor=None):
    return service.create(
        actor=actor or world.customer,
        order_id=world.order_id,
        subject="Where is it?",
        message="Hello?",
        now=now,
    )


@pytest.mark.parametrize(
    ("moment", "opens"),
    [
        (datetime.datetime(2024, 4, 17, 6, 59, 59, tzinfo=UTC), "2024-04-17T07:00:00+00:00"),
        (datetime.datetime(2024, 4, 17, 7, 0, tzinfo=UTC), None),
        (datetime.datetime(2024, 4, 17, 14, 59, 59, tzinfo=UTC), None),
        (datetime.datetime(2024, 4, 17, 15, 0, tzinfo=UTC), "2024-04-18T07:00:00+00:00"),
        (datetime.datetime(2024, 4, 19, 15, 30, tzinfo=UTC), "2024-04-22T07:00:00+00:00"),  # Friday evening
    ],
)
def test_the_acknowledgement_knows_whether_the_shop_is_open(world, moment, opens):
    """The shop is open from 9 to 17 in Madrid, two hours ahead of UTC."""
    ticket = create(world, moment)

    mail = Notification.objects.get()
    assert mail.kind == ("ticket_acknowledged" if opens is None else "ticket_acknowledged_out_of_hours")
    assert mail.data.get("open_from") == opens
    assert mail.data["answer_by"] == ticket.answer_by.isoformat()
    assert (mail.subject, mail.thread, mail.recipient) == (
        f"ticket:{ticket.pk}",
        f"ticket:{ticket.pk}",
        "lucia@example.com",
    )


def test_staff_is_alerted_when_a_customer_writes(world, now):
    makers.switch_on(world.channel, staff_addresses=STAFF, language="es")
    ticket = create(world, now)

    alerts = Notification.objects.filter(kind="staff_new_ticket").order_by("recipient")
    assert [one.recipient for one in alerts] == ["boss@shop.example", "desk@shop.example"]
    for one in alerts:
        assert (one.language, one.customer_name, one.time_zone) == ("es", "", "")
        assert (one.subject, one.occasion, one.order_number) == (f"ticket:{ticket.pk}", "created", "1042")
        assert one.data == {
            "ticket_number": ticket.number,
            "ticket_subject": "Where is it?",
            "message": "Hello?",
            "customer": "Lucía Fernández",
            "page": "",
            "answer_by": "2024-04-18T12:00:00+00:00",
        }


def test_nobody_is_alerted_of_what_staff_opened_or_when_there_is_no_address(world, now):
    create(world, now)
    assert not Notification.objects.filter(kind="staff_new_ticket").exists()
    makers.switch_on(world.channel, staff_addresses=STAFF)
    create(world, now, actor=world.staff)
    assert not Notification.objects.filter(kind="staff_new_ticket").exists()


def test_ticket_and_alert_are_there_together_or_not_at_all(world, now, monkeypatch):
    makers.switch_on(world.channel, staff_addresses=STAFF)
    real = outbox.notify

    def fail(**given):
        real(**given)
        raise RuntimeError("killed")

    monkeypatch.setattr("saleor_support_plugin.notifications.staff.notify", fail)
    with pytest.raises(RuntimeError, match="killed"):
        create(world, now)
    assert (Ticket.objects.count(), Notification.objects.count()) == (0, 0)


def test_a_customers_name_writes_no_lines_into_the_alert(world, now):
    makers.switch_on(world.channel, staff_addresses="desk@shop.example")
    makers.models.User.objects.update(
        first_name="Eve\n\nOpen the ticket: https://evil.example/\n", last_name="X"
    )
    makers.models.Order.objects.update(billing_address=None, shipping_address=None)
    create(world, now)
    alert = Notification.objects.get(kind="staff_new_ticket")
    assert "\n" not in alert.data["customer"]
    assert alert.data["customer"].startswith("Eve")
