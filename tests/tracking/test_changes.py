"""A parcel that was told of gets another number, or is cancelled."""

import pytest

from saleor_support_plugin.notifications.models import Notification
from saleor_support_plugin.tracking import events
from saleor_support_plugin.tracking.models import Parcel
from sandbox import makers, models
from sandbox.home import orders
from sandbox.home.shop import SHOP
from tests.tracking.shipping import MINUTE, UPS


@pytest.fixture
def begun(shop, now):
    """The sweep has run once before anything happened."""
    events.sweep(now=now - 60 * MINUTE, limit=100)


@pytest.fixture
def sent(order, begun, now, send):
    """A parcel whose mail is out."""
    made = makers.fulfill(order, {order.lines.first(): 1}, "OLD-1", created_at=now)
    send()
    assert rows() == [("order_partly_shipped", "accepted", "")]
    return made


def rows():
    found = Notification.objects.order_by("pk")
    return [(row.kind, row.state, row.reason) for row in found]


def read():
    return events.sweep(now=SHOP.now(), limit=100)


class TestAnotherNumber:
    def test_is_told_once(self, sent, send, mailoutbox):
        orders.track(sent, UPS)
        read()
        read()
        send()
        assert rows()[1:] == [("tracking_changed", "accepted", "")]
        row = Notification.objects.last()
        (told,) = row.data["parcels"]
        assert (told["carrier"], told["tracking_number"]) == ("UPS", UPS)
        assert row.subject == f"fulfillment:{makers.gid(sent)}"
        assert UPS in mailoutbox[-1].body
        parcel = Parcel.objects.get()
        assert (parcel.carrier, parcel.tracking_number) == ("UPS", UPS)

    @pytest.mark.parametrize("number", ["OLD-1", " OLD-1 ", ""])
    def test_no_other_number_no_mail(self, sent, number):
        orders.track(sent, number)
        assert read() == 1
        assert len(rows()) == 1
        assert Parcel.objects.get().tracking_number == number.strip()

    def test_two_at_once_are_one(self, sent):
        orders.track(sent, "X-2")
        orders.track(sent, "X-3")
        read()
        assert [row.data["parcels"][0]["tracking_number"] for row in Notification.objects.all()] == [
            "OLD-1",
            "X-3",
        ]

    def test_a_second_one_while_the_first_waits_corrects_it(self, sent):
        orders.track(sent, "X-2")
        read()
        orders.track(sent, "X-3")
        read()
        assert [row.data["parcels"][0]["tracking_number"] for row in Notification.objects.all()] == [
            "OLD-1",
            "X-3",
        ]

    def test_there_and_back_again(self, sent, send):
        for number in ("X-2", "OLD-1"):
            orders.track(sent, number)
            read()
            send()
        assert rows()[1:] == [("tracking_changed", "accepted", "")] * 2

    def test_the_first_number_while_the_first_mail_waits_joins_it(self, order, begun, now, run_jobs, send):
        made = makers.fulfill(order, created_at=now)
        run_jobs()
        orders.track(made, UPS)
        read()
        send()
        assert rows() == [("order_shipped", "accepted", "")]
        assert Notification.objects.get().data["parcels"][0]["tracking_number"] == UPS

    def test_before_the_parcel_was_decided_about(self, order, begun, now, run_jobs):
        made = makers.fulfill(order, created_at=now)
        orders.track(made, UPS)
        read()
        run_jobs()
        assert rows() == [("order_shipped", "pending", "")]
        assert Notification.objects.get().data["parcels"][0]["tracking_number"] == UPS

    def test_staff_chose_not_to_tell(self, order, begun, now, run_jobs):
        made = makers.fulfill(order, notify=False, created_at=now)
        run_jobs()
        orders.track(made, UPS)
        read()
        assert rows() == [("order_shipped", "skipped", "staff_choice")]
        assert Parcel.objects.get().tracking_number == UPS

    def test_the_shop_tells_it(self, sent, channel):
        models.ShopMail.objects.create(channel=channel, kind="tracking_changed")
        orders.track(sent, UPS)
        read()
        assert rows()[1:] == [("tracking_changed", "skipped", "shop_mails_itself")]

    def test_the_shop_told_of_the_parcel(self, order, channel, begun, now, run_jobs):
        models.ShopMail.objects.create(channel=channel, kind="order_shipped")
        made = makers.fulfill(order, created_at=now)
        run_jobs()
        orders.track(made, UPS)
        read()
        assert rows() == [
            ("order_shipped", "skipped", "shop_mails_itself"),
            ("tracking_changed", "pending", ""),
        ]

    def test_of_an_imported_order_whose_parcel_was_told(self, channel, begun, now, send):
        imported = makers.make_order(channel, makers.make_customer(), origin="bulk_create")
        made = makers.fulfill(imported, None, "OLD-1", created_at=now)
        send()
        orders.track(made, UPS)
        read()
        send()
        assert rows() == [("order_shipped", "accepted", ""), ("tracking_changed", "accepted", "")]

    def test_mails_were_switched_off_meanwhile(self, sent, channel):
        makers.switch_on(channel, notifications=False)
        orders.track(sent, UPS)
        read()
        assert len(rows()) == 1


class TestCancelled:
    def test_is_told_once(self, sent, clock, send, mailoutbox):
        orders.cancel_fulfillment(sent)
        send()
        assert rows()[1:] == [("shipment_cancelled", "pending", "")]  # staff may be about to correct it
        clock(SHOP.now() + 7 * MINUTE)
        send()
        read()
        assert rows()[1:] == [("shipment_cancelled", "accepted", "")]
        row = Notification.objects.last()
        assert row.data == {"items": Parcel.objects.get().items, "corrected": False}
        assert len(mailoutbox) == 2
        assert Parcel.objects.get().cancelled_at == row.happened_at

    def test_corrected_by_a_new_one_minutes_later(self, order, sent, clock, run_jobs, send, mailoutbox):
        orders.cancel_fulfillment(sent)
        run_jobs()
        clock(SHOP.now() + 5 * MINUTE)
        makers.fulfill(order, {order.lines.first(): 1}, UPS)
        run_jobs()
        assert len(mailoutbox) == 2
        assert mailoutbox[-1].subject.startswith("Correction:")
        assert Notification.objects.get(kind="shipment_cancelled").data["corrected"] is True
        clock(SHOP.now() + 60 * MINUTE)
        send()
        assert rows()[1:] == [
            ("shipment_cancelled", "accepted", ""),
            ("order_partly_shipped", "accepted", ""),
        ]

    def test_of_another_order_it_is_not_corrected(self, channel, sent, run_jobs):
        orders.cancel_fulfillment(sent)
        run_jobs()
        makers.fulfill(makers.make_order(channel))
        run_jobs()
        assert Notification.objects.get(kind="shipment_cancelled").data["corrected"] is False

    def test_corrected_by_a_new_one_at_once(self, order, sent, run_jobs):
        orders.cancel_fulfillment(sent)
        makers.fulfill(order, {order.lines.first(): 1}, UPS)
        read()
        row = Notification.objects.get(kind="shipment_cancelled")
        assert (row.data["corrected"], row.due_at) == (True, SHOP.now())

    def test_while_the_first_mail_waits_nobody_hears_of_it(
        self, order, begun, now, run_jobs, send, mailoutbox
    ):
        made = makers.fulfill(order, created_at=now)
        run_jobs()
        orders.cancel_fulfillment(made)
        read()
        send()
        assert rows() == [("order_shipped", "skipped", "cancelled")]
        assert mailoutbox == []

    def test_before_the_parcel_was_decided_about(self, order, begun, now, run_jobs):
        orders.cancel_fulfillment(makers.fulfill(order, created_at=now))
        run_jobs()
        read()
        assert rows() == []

    def test_staff_chose_not_to_tell(self, order, begun, now, run_jobs):
        made = makers.fulfill(order, notify=False, created_at=now)
        run_jobs()
        orders.cancel_fulfillment(made)
        read()
        assert len(rows()) == 1

    def test_no_other_number_after_that(self, sent, run_jobs):
        orders.cancel_fulfillment(sent)
        orders.track(sent, UPS)
        read()
        assert [kind for kind, _state, _reason in rows()[1:]] == ["shipment_cancelled"]


class TestTogether:
    """Two parcels whose messages are one already, which could not be sent yet."""

    @pytest.fixture
    def waiting(self, order, begun, now, send, settings):
        settings.EMAIL_BACKEND = ""
        lines = list(order.lines.order_by("position"))
        made = [
            makers.fulfill(order, {line: 1}, f"N-{place}", created_at=now) for place, line in enumerate(lines)
        ]
        send()
        assert rows() == [
            ("order_partly_shipped", "skipped", "merged"),
            ("order_partly_shipped", "pending", "no_mail_server"),
        ]
        assert self.numbers() == ["N-0", "N-1"]
        settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
        return made

    def numbers(self):
        return [one["tracking_number"] for one in Notification.objects.order_by("pk")[1].data["parcels"]]

    @pytest.mark.parametrize("place", [0, 1])
    def test_another_number_of_one_leaves_the_other_in(self, waiting, place, clock, send, mailoutbox):
        orders.track(waiting[place], "NEW")
        read()
        assert self.numbers() == (["NEW", "N-1"] if place == 0 else ["N-0", "NEW"])
        clock(SHOP.now() + 5 * MINUTE)
        send()
        assert len(rows()) == 2
        assert len(mailoutbox) == 1

    @pytest.mark.parametrize("place", [0, 1])
    def test_the_other_is_told_though_one_is_cancelled(self, waiting, place, clock, send, mailoutbox):
        orders.cancel_fulfillment(waiting[place])
        read()
        assert self.numbers() == [f"N-{1 - place}"]
        clock(SHOP.now() + 5 * MINUTE)
        send()
        assert rows()[1:] == [("order_partly_shipped", "accepted", "")]
        assert len(mailoutbox) == 1

    def test_both_cancelled_nobody_hears_of_it(self, waiting, clock, send, mailoutbox):
        for made in waiting:
            orders.cancel_fulfillment(made)
        read()
        clock(SHOP.now() + 60 * MINUTE)
        send()
        assert rows()[1:] == [("order_partly_shipped", "skipped", "cancelled")]
        assert mailoutbox == []


class TestNoNumberAnyMore:
    def test_a_number_taken_away_while_the_first_mail_waits(
        self, order, begun, now, run_jobs, send, mailoutbox
    ):
        made = makers.fulfill(order, None, UPS, created_at=now)
        run_jobs()
        orders.track(made, "")
        read()
        send()
        assert rows() == [("order_shipped", "accepted", "")]
        assert UPS not in mailoutbox[0].body

    def test_a_new_number_taken_away_before_it_was_told(self, sent, send):
        orders.track(sent, UPS)
        read()
        orders.track(sent, "")
        read()
        send()
        assert rows()[1:] == [("tracking_changed", "skipped", "cancelled")]
