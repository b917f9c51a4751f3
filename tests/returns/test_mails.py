"""What the mails of a return promise, and the alert when its refund fails."""

import datetime

import pytest

from saleor_support_plugin.notifications.models import Notification
from saleor_support_plugin.notifications.writing.mail import write
from saleor_support_plugin.returns import service
from saleor_support_plugin.returns.models import Return, Settlement
from saleor_support_plugin.shop.commands import RefundPayment
from saleor_support_plugin.shop.current import get_shop
from saleor_support_plugin.shop.errors import ShopRefused
from sandbox import makers
from tests.returns import told
from tests.returns.conftest import decide, settle_down


def test_a_request_says_by_when_it_is_decided(world, now):
    makers.switch_on(world.channel, time_zone="Europe/Madrid", first_response_hours="8")
    row = world.ask()

    mail = Notification.objects.get(kind="return_requested")
    # Wednesday 14:00 in Madrid, 9 to 17: three hours left today, five tomorrow.
    assert mail.data["decision_by"] == "2024-04-18T12:00:00+00:00"
    assert mail.data["return_number"] == row.number


def test_the_customer_hears_what_came_and_what_goes_back_for_it(world):
    row = world.ask((world.apples, 3))
    world.approve(row)
    world.receive(row, service.Count(world.apples, sellable=1, damaged=1))
    world.receive(row, service.Count(world.apples, missing=1))
    mail, later = Notification.objects.filter(kind="return_received").order_by("pk")
    assert [(one["name"], one["quantity"]) for one in mail.data["items"]] == [("Apple Juice", 2)]
    assert mail.data["refund"] == {"amount": "8.00", "currency": "EUR"}
    assert (mail.data["return_number"], mail.data["refund_by"]) == (row.number, None)
    assert (mail.data["damaged"], mail.data["missing"]) == (["1 × Apple Juice"], [])
    assert mail.data["more_to_come"] is True
    assert (later.data["items"], later.data["refund"]) == (None, None)
    assert (later.data["missing"], later.data["more_to_come"]) == (["1 × Apple Juice"], False)


def approved(world, *lines, **answer):
    """What the mail about an approved return says, of one with this answer of the policy."""
    row = world.ask(*lines)
    decide(row, **answer)
    world.approve(row)
    return told.mail(row, "return_approved").data


def test_an_approval_says_who_pays_the_way_back_and_when_the_money_goes(world):
    names = ("shop_pays", "on_scan", "on_inspection", "kept")
    usual = approved(world, (world.apples, 1))
    assert [usual[name] for name in names] == [False, False, False, []]
    other = approved(world, (world.apples, 1), who_pays="shop", settle_on="scan")
    assert [other[name] for name in names] == [True, True, False, []]
    last = approved(world, (world.apples, 1), settle_on="inspection")
    assert [last[name] for name in names] == [False, False, True, []]


@pytest.mark.parametrize("resolution", ["credit", "exchange", "replacement"])
def test_an_approval_says_what_there_is_instead_of_money(world, resolution):
    row = world.ask((world.apples, 1))
    Return.objects.filter(pk=row.pk).update(resolution=resolution)
    world.approve(row)
    data = told.mail(row, "return_approved").data
    assert [name for name in ("credit", "exchange", "replacement") if data[name]] == [resolution]


def test_an_approval_lists_what_stays_apart_from_what_has_to_come(world):
    row = world.ask((world.apples, 1), (world.beans, 2))
    row.refresh_from_db()
    row.decision["lines"][world.beans]["keep_below"] = "100"
    row.save(update_fields=["decision"])
    world.approve(row)
    data = told.mail(row, "return_approved").data
    assert [one["name"] for one in data["items"]] == ["Apple Juice"]
    assert data["kept"] == ["2 × Bean Juice"]


def test_an_approval_in_part_lists_what_was_not_agreed_to_and_why(world):
    row = world.ask((world.apples, 3), (world.beans, 2))
    world.approve(row, quantities={world.apples: 1, world.beans: 0}, message="They were opened.")
    mail = told.mail(row, "return_approved")
    assert [(one["name"], one["quantity"]) for one in mail.data["items"]] == [("Apple Juice", 1)]
    assert mail.data["declined"] == ["2 × Apple Juice", "2 × Bean Juice"]
    settings = get_shop().settings(mail.channel_id)
    for code in ("en", "es"):
        mail.language = code
        text = write(mail, settings, now=world.now).text
        for said in ("1 × Apple Juice", "2 × Apple Juice", "2 × Bean Juice", "They were opened."):
            assert said in text
    other = world.approve(world.ask((world.apples, 1)))
    assert told.mail(other, "return_approved").data["declined"] == []


def test_a_label_that_comes_later_says_once_more_what_was_not_agreed_to(world, now):
    row = world.ask((world.apples, 3))
    world.approve(row, quantities={world.apples: 1})
    url = "https://labels.example/1.pdf"
    service.attach_label(actor=world.staff(), return_id=row.pk, now=now, url=url)
    assert told.last_mail(row).data["declined"] == ["2 × Apple Juice"]


@pytest.mark.parametrize("kind", ["return", "exchange", "claim", "withdrawal"])
def test_mails_know_what_kind_of_return_they_are_about(world, now, kind):
    reason = "not_as_described" if kind == "claim" else ""
    row = world.ask((world.apples, 1, reason), kind=kind)
    if kind == "withdrawal":
        service.confirm(actor=world.buyer, return_id=row.pk, now=now)
    else:
        world.approve(row)
    for mail in Notification.objects.filter(subject=row.subject):
        assert [one for one in ("return", "exchange", "claim", "withdrawal") if mail.data.get(one)] == (
            [] if kind == "return" else [kind]
        )


def test_a_reminder_asks_for_no_goods_that_stay(world, now):
    lines = [(world.apples, 1, "never_arrived"), (world.beans, 1, "not_as_described")]
    row = world.approve(world.ask(*lines, kind="claim"))
    service.sweep_deadlines(now=row.remind_at, limit=10)
    data = told.mail(row, "return_reminder").data
    assert ([one["name"] for one in data["items"]], data["claim"]) == (["Bean Juice"], True)


def test_when_all_of_it_stays_nothing_is_to_be_sent(world):
    row = world.ask((world.apples, 1))
    world.approve(row, keep=True, override_reason="Not worth the way.")
    data = told.mail(row, "return_approved").data
    assert [one["name"] for one in data["items"]] == ["Apple Juice"]
    assert (data["kept"], data["send_by"], data["slip_url"]) == ([], None, "")


def test_a_cancellation_says_whose_it_is_and_where_the_goods_are(world, now):
    row = world.ask((world.apples, 1))
    service.cancel(actor=world.buyer, return_id=row.pk, now=now)
    names = ("by_customer", "by_shop", "sent")
    data = told.mail(row, "return_cancelled").data
    assert [data[name] for name in names] == [True, False, False]
    row = world.ask((world.apples, 1))
    world.approve(row)
    service.report_shipment(
        actor=world.buyer, return_id=row.pk, tracking_number="1Z999AA10123456784", carrier="UPS", now=now
    )
    service.cancel(actor=world.staff(), return_id=row.pk, now=now)
    data = told.mail(row, "return_cancelled").data
    assert [data[name] for name in names] == [False, True, True]


def test_a_withdrawal_is_confirmed_with_its_content(world, now):
    """Art. 11a Directive 2011/83/EU: the acknowledgement has the content of the statement, its day and hour."""
    row = world.ask((world.apples, 2), kind="withdrawal")
    assert told.mail(row, "return_confirm").data["withdrawal"] is True
    later = now + datetime.timedelta(minutes=5)
    service.confirm(actor=world.buyer, return_id=row.pk, now=later)
    row.refresh_from_db()
    mail = told.mail(row, "return_withdrawal")
    assert (mail.recipient, mail.data["email"]) == (world.order.user_email, world.order.user_email)
    assert (mail.data["received_at"], mail.data["confirmed_at"]) == (now.isoformat(), later.isoformat())
    assert [(one["name"], one["quantity"]) for one in mail.data["items"]] == [("Apple Juice", 2)]


def test_what_expired_says_until_when_it_was_to_be_sent(world, now):
    row = world.ask()
    world.approve(row)
    until = told.mail(row, "return_approved").data["send_by"]
    service.sweep_deadlines(now=now + datetime.timedelta(days=8), limit=10)
    service.sweep_deadlines(now=now + datetime.timedelta(days=20), limit=10)
    assert told.mail(row, "return_expired").data["send_by"] == until


def test_of_what_was_not_approved_no_mail_about_money_speaks(world, now):
    row = world.ask((world.apples, 1), (world.beans, 2))
    world.approve(row, quantities={world.beans: 0})
    world.receive(row)
    settle_down(now)
    assert [one["name"] for one in told.mail(row, "return_refunded").data["items"]] == ["Apple Juice"]


def test_of_goods_that_are_inspected_no_amount_is_named(world):
    row = world.ask()
    decide(row, settle_on="inspection")
    world.approve(row)
    world.receive(row)
    assert Notification.objects.get(kind="return_received").data["refund"] is None


def test_staff_is_told_which_return_has_no_refund(world, shop, now):
    makers.switch_on(world.channel, staff_addresses="desk@shop.example")
    shop.trouble(RefundPayment, ShopRefused("Card expired."))
    row = world.approve(world.ask())
    world.receive(row)
    settle_down(now)

    row.refresh_from_db()
    (alert,) = Notification.objects.filter(kind="staff_refund_failed")
    assert row.settlement == Settlement.FAILED
    assert (alert.data["return_number"], alert.data["reason"]) == (row.number, "Card expired.")
    assert alert.recipient == "desk@shop.example"
