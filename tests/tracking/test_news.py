"""What happened to a parcel on its way is told by one call, once, with what follows later."""

import datetime

import pytest

from saleor_support_plugin.errors import NotThere
from saleor_support_plugin.notifications.models import Notification
from saleor_support_plugin.tracking import news
from saleor_support_plugin.tracking.models import Parcel
from sandbox import makers, models
from tests.tracking.shipping import MINUTE, UPS

DAY = datetime.timedelta(days=1)
POINT = {"point": ["Estanco 14", "Calle Mayor 3"], "code": "4711"}


@pytest.fixture
def parcel(order, now, send):
    """A parcel that was told of."""
    makers.fulfill(order, tracking_number=UPS, created_at=now)
    send()
    return Parcel.objects.get()


def tell(parcel, kind, now, data=None, **values):
    return news.tell(
        kind=kind, fulfillment_id=parcel.fulfillment_id, data=data, happened_at=now, now=now, **values
    )


def told(kind):
    return list(Notification.objects.filter(kind=kind).order_by("pk"))


def test_first_entry_only(parcel, now):
    first = tell(parcel, "out_for_delivery", now - 5 * MINUTE, {"window": "14:00-16:00"})
    again = tell(parcel, "out_for_delivery", now, {"window": ""})
    assert again == first
    (row,) = told("out_for_delivery")
    assert (row.subject, row.happened_at) == (f"fulfillment:{parcel.fulfillment_id}", now - 5 * MINUTE)
    assert row.data["parcels"][0]["tracking_number"] == UPS
    assert row.data["window"] == "14:00-16:00"


def test_what_may_happen_again_is_told_again(parcel, now):
    data = {"what": "x", "action": "", "update_by": "2024-04-20", "expected_by": None}
    for incident in ("incident:1", "incident:1", "incident:2"):
        tell(parcel, "incident_delay", now, data, occasion=incident)
    assert [row.occasion for row in told("incident_delay")] == ["incident:1", "incident:2"]


def test_no_occasion_is_its_moment(parcel, now):
    data = {"what": "x", "action": "", "update_by": "2024-04-20", "expected_by": None}
    for moment in (now, now, now + DAY):
        tell(parcel, "incident_delay", moment, data)
    assert len(told("incident_delay")) == 2


def test_nothing_on_its_way_after_returning(parcel, now, send):
    data = {"what": "x", "action": "", "update_by": "2024-04-20", "expected_by": None}
    tell(parcel, "incident_returning", now, data)
    tell(parcel, "out_for_delivery", now, {"window": ""})
    send()
    (row,) = told("out_for_delivery")
    assert (row.state, row.reason) == ("skipped", "returning")


@pytest.mark.parametrize(
    ("until", "due"),
    [
        (None, datetime.datetime(2024, 4, 20, 12, 0, tzinfo=datetime.UTC)),
        ("2024-04-24", datetime.datetime(2024, 4, 23, 7, 0, tzinfo=datetime.UTC)),  # nine in Madrid
        ("2024-04-20", datetime.datetime(2024, 4, 19, 7, 0, tzinfo=datetime.UTC)),
        ("2024-04-19", None),
        ("2024-04-17", None),
    ],
)
def test_ready_for_pickup_plans_the_reminder(parcel, channel, now, until, due):
    makers.switch_on(channel, time_zone="Europe/Madrid")
    tell(parcel, "pickup_ready", now, {**POINT, "until": until})
    tell(parcel, "pickup_ready", now, {**POINT, "until": until})
    rows = told("pickup_reminder")
    assert [row.due_at for row in rows] == ([due] if due else [])
    assert all(row.data == {**told("pickup_ready")[0].data} for row in rows)
    assert all((row.state, row.next_attempt_at) == ("pending", due) for row in rows)


def test_fetched_before_the_reminder(parcel, now, clock, send):
    tell(parcel, "pickup_ready", now, {**POINT, "until": None})
    tell(parcel, "delivered", now + DAY, {"place": "", "delivered_at": None})
    clock(now + 4 * DAY)
    send()
    (row,) = told("pickup_reminder")
    assert (row.state, row.reason) == ("skipped", "returning")


@pytest.mark.parametrize("first", [True, False])
def test_delivered_plans_the_check_in(parcel, channel, order, now, clock, send, mailoutbox, first):
    makers.switch_on(channel, check_in_days="3", kinds_on="check_in", quiet_hours="none")
    if not first:
        earlier = order.created_at - DAY
        makers.make_order(channel, models.User.objects.get(), created_at=earlier)
    tell(parcel, "delivered", now, {"place": "", "delivered_at": None})
    tell(parcel, "delivered", now, {"place": "", "delivered_at": None})
    (row,) = told("check_in")
    assert (row.state, row.due_at, row.data["first_order"]) == ("pending", now + 3 * DAY, first)
    clock(now + 3 * DAY)
    send()
    (row,) = told("check_in")
    assert (row.state, row.reason) == ("accepted", "")


def test_a_check_in_that_nobody_switched_on(parcel, channel, now, clock, send):
    """Nor is anybody asked about it when it is switched on before its day."""
    tell(parcel, "delivered", now, {"place": "", "delivered_at": None})
    assert told("check_in") == []
    makers.save_config(channel, {"kinds_on": "check_in"}, now + DAY)
    clock(now + DAY)
    tell(parcel, "delivered", now, {"place": "", "delivered_at": None})
    clock(now + 6 * DAY)
    send()
    assert [row.state for row in told("check_in")] == []


def test_no_such_parcel(shop, now):
    with pytest.raises(NotThere):
        news.tell(kind="in_transit", fulfillment_id="RnVsZmlsbG1lbnQ6OTk=", happened_at=now, now=now)


def test_its_order_is_gone(parcel, order, now):
    order.delete()
    with pytest.raises(NotThere):
        tell(parcel, "in_transit", now, {"expected_by": None})


@pytest.mark.parametrize("kind", ["ticket_reply", "order_received", "staff_incident", "nonsense"])
def test_other_kinds_are_refused(parcel, now, kind):
    with pytest.raises(ValueError, match="kind"):
        tell(parcel, kind, now)
