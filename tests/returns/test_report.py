"""The report: rates by everything that returned goods are told apart by, and how long returns take."""

import datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from saleor_support_plugin.actors import Actor, ActorKind, Permission
from saleor_support_plugin.errors import Invalid
from saleor_support_plugin.returns.desk import reasons
from saleor_support_plugin.returns.models import ReasonList, Return, ReturnLine, ReturnPayout
from saleor_support_plugin.returns.report import Dimension, Report, Step, Times
from saleor_support_plugin.shop.data import Money
from saleor_support_plugin.tracking.models import Parcel

HOUR = datetime.timedelta(hours=1)
STAFF = Actor(ActorKind.STAFF, id="U", permissions=frozenset({Permission.MANAGE_ORDERS}))


def a_parcel(number, now, **values):
    items = values.pop("items", [{"name": "Apple Juice", "variant": "", "quantity": 4}])
    return Parcel.objects.create(
        fulfillment_id=f"F{number}",
        order_id=f"O{number}",
        channel_id="C1",
        number=f"{number}-1",
        carrier_code="ups",
        shipped_at=now,
        items=items,
        **values,
    )


def a_return(number, now, *, quantity=1, line=None, **values):
    row = Return.objects.create(
        **{
            "order_id": f"O{number}",
            "order_number": str(number),
            "channel_id": "C1",
            "currency": "EUR",
            "created_at": now,
            **values,
        }
    )
    ReturnLine.objects.create(
        parent=row,
        quantity=quantity,
        approved_quantity=quantity if row.authorisation == "approved" else 0,
        **{
            "order_line_id": "L",
            "product_id": "P1",
            "variant_id": "V1",
            "product_name": "Apple Juice",
            "sku": "A1",
            "unit_price": 5,
            "reason": "too_small",
            "fault": "nobody",
            **(line or {}),
        },
    )
    return row


@pytest.fixture
def season(db, now):
    """Ten orders of four juices each; four of them come back, two of their returns came to nothing."""
    for number in range(8):
        a_parcel(number, now)
    a_parcel(8, now, items=[{"name": "Pear Juice", "variant": "Large", "quantity": 2}])
    Parcel.objects.filter(fulfillment_id="F0").update(carrier_code="dhl")
    a_parcel(9, now - 40 * 24 * HOUR)
    fault = {"reason": "damaged", "fault": "carrier"}
    first = a_return(
        0,
        now,
        quantity=2,
        line=fault,
        authorisation="approved",
        kind="claim",
        decided_at=now + 2 * HOUR,
        completed_at=now + 10 * HOUR,
    )
    ReturnPayout.objects.create(parent=first, amount=8, settled_at=now)
    ReturnPayout.objects.create(parent=first, amount=1)
    a_return(1, now, authorisation="approved", decided_at=now + 4 * HOUR)
    a_return(2, now, quantity=3)
    pear = {"product_id": "P2", "variant_id": "V2", "product_name": "Pear Juice", "variant_name": "Large"}
    a_return(8, now, line=pear, authorisation="approved", decided_at=now + 30 * HOUR)
    a_return(3, now, authorisation="declined")
    a_return(4, now, authorisation="unconfirmed")
    a_return(5, now - 40 * 24 * HOUR)


def report(now, **more):
    return Report(STAFF, first=now.date(), last=now.date(), **more)


def rows(found):
    return [(one.value, one.label, one.returns, one.pieces, one.share, one.rate) for one in found]


def test_what_came_back_in_all(season, now):
    found = report(now)
    assert (found.returns, found.pieces, found.orders) == (4, 7, 9)
    assert found.rate == pytest.approx(4 / 9)
    assert found.refunded() == [Money(8, "EUR")]


def test_by_reason_wishes_and_faults_are_two_tables(season, now):
    """Each has its own whole, asked for by itself or not; what is in no list is a third."""
    a_return(6, now, quantity=3, line={"reason": "changed_mind"})
    a_return(7, now, line={"reason": "deleted_since"})
    reasons.every()
    found = report(now)
    assert [
        (one.value, one.reason and one.reason.list, one.pieces, one.share) for one in all_reasons(found)
    ] == [
        ("too_small", "wish", 5, 5 / 8),
        ("changed_mind", "wish", 3, 3 / 8),
        ("damaged", "fault", 2, 1.0),
        ("deleted_since", None, 1, 1.0),
    ]
    assert rows(all_reasons(found, ReasonList.FAULT)) == [("damaged", "Damaged on the way", 1, 2, 1.0, 1 / 9)]
    assert rows(found.rows(Dimension.REASON, 1, ReasonList.WISH)) == [
        ("too_small", "Too small", 3, 5, 5 / 8, 3 / 9)
    ]


def all_reasons(found, which=None):
    return found.rows(Dimension.REASON, 9, which)


def test_every_table_may_be_of_one_list(season, now):
    """Goods that came late are a wish, though it was the carrier's doing; damaged ones are a fault."""
    a_return(6, now, quantity=3, line={"reason": "arrived_late", "fault": "carrier"})
    reasons.every()
    found = report(now)
    assert rows(found.rows(Dimension.FAULT, 9)) == [
        ("carrier", "", 2, 5, 5 / 10, 2 / 9),
        ("nobody", "", 3, 5, 5 / 10, 3 / 9),
    ]
    assert rows(found.rows(Dimension.FAULT, 9, ReasonList.FAULT)) == [("carrier", "", 1, 2, 1.0, 1 / 9)]
    assert rows(found.rows(Dimension.FAULT, 9, ReasonList.WISH)) == [
        ("nobody", "", 3, 5, 5 / 8, 3 / 9),
        ("carrier", "", 1, 3, 3 / 8, 1 / 9),
    ]
    assert rows(found.rows(Dimension.CARRIER, 9, ReasonList.FAULT)) == [("dhl", "", 1, 2, 1.0, 1.0)]


def test_by_fault_and_kind(season, now):
    found = report(now)
    assert [one.value for one in found.rows(Dimension.FAULT, 9)] == ["nobody", "carrier"]
    assert [(one.value, one.returns) for one in found.rows(Dimension.KIND, 9)] == [
        ("return", 3),
        ("claim", 1),
    ]


def test_by_product_and_variant_of_what_left(season, now):
    found = report(now)
    assert rows(found.rows(Dimension.PRODUCT, 9)) == [
        ("P1", "Apple Juice", 3, 6, 6 / 7, 6 / 32),
        ("P2", "Pear Juice", 1, 1, 1 / 7, 1 / 2),
    ]
    assert [(one.value, one.label, one.sku, one.rate) for one in found.rows(Dimension.VARIANT, 1)] == [
        ("V1", "Apple Juice", "A1", 6 / 32)
    ]


def test_by_channel_and_by_who_brought_it(season, now):
    found = report(now)
    assert rows(found.rows(Dimension.CHANNEL, 9)) == [("C1", "", 4, 7, 1.0, 4 / 9)]
    assert rows(found.rows(Dimension.CARRIER, 9)) == [
        ("ups", "", 3, 5, 5 / 7, 3 / 8),
        ("dhl", "", 1, 2, 2 / 7, 1.0),
    ]


def test_who_brought_a_line_of_an_order_that_several_brought(season, now):
    """By SKU, else by name; what no parcel shows, and older lines than are looked into, is the first's."""
    held = [{"name": "Pear Juice", "variant": "Large", "sku": "", "quantity": 2}]
    for name, code, more in (
        ("F0b", "gls", {"items": [{"name": "Renamed", "variant": "", "sku": "A1", "quantity": 1}]}),
        ("F0c", "gls", {"items": held}),
        ("F0d", "seur", {"items": held, "status": "cancelled"}),
    ):
        Parcel.objects.create(
            fulfillment_id=name,
            order_id="O0",
            channel_id="C1",
            number=name,
            carrier_code=code,
            shipped_at=now,
            **more,
        )
    Parcel.objects.filter(fulfillment_id="F0").update(items=[{"name": "Nut", "variant": "", "quantity": 1}])
    first = Return.objects.get(order_id="O0")
    for number, more in enumerate(
        ({"product_name": "Pear Juice", "variant_name": "Large"}, {"product_name": "?"})
    ):
        ReturnLine.objects.create(
            parent=first, order_line_id=f"L{number}", quantity=4, approved_quantity=4, unit_price=1, **more
        )
    assert rows(report(now).rows(Dimension.CARRIER, 9)) == [
        ("gls", "", 1, 6, 6 / 15, 1.0),  # the juice by its SKU, the pears by name
        ("ups", "", 3, 5, 5 / 15, 3 / 8),
        ("dhl", "", 1, 4, 4 / 15, 1.0),
    ]


def test_of_what_is_too_much_to_look_into_the_first_parcel_counts(season, now, monkeypatch):
    other = {"items": [{"name": "Apple Juice", "variant": "", "quantity": 1}]}
    Parcel.objects.filter(fulfillment_id="F0").update(items=[])
    Parcel.objects.create(
        fulfillment_id="Z",
        order_id="O0",
        channel_id="C1",
        number="Z",
        carrier_code="gls",
        shipped_at=now,
        **other,
    )
    assert [one.value for one in report(now).rows(Dimension.CARRIER, 9)] == ["ups", "gls"]
    monkeypatch.setattr("saleor_support_plugin.returns.bringing.MOST_LINES", 0)
    assert [one.value for one in report(now).rows(Dimension.CARRIER, 9)] == ["ups", "dhl"]


def test_how_long_it_takes(season, now):
    assert report(now).times() == [
        Times(Step.DECISION, 3, 4.0, 30.0),
        Times(Step.WHOLE, 1, 10.0, 10.0),
    ]


def test_nobody_sees_other_channels(season, now):
    elsewhere = Actor(ActorKind.STAFF, id="U", permissions=STAFF.permissions, channels=frozenset({"C2"}))
    for actor, channels in ((elsewhere, None), (STAFF, ["C2"]), (Actor(ActorKind.CUSTOMER, id="U"), None)):
        found = Report(actor, first=now.date(), last=now.date(), channel_ids=channels)
        assert (found.returns, found.orders, found.pieces, found.rate) == (0, 0, 0, None)
        assert found.rows(Dimension.PRODUCT, 9) == found.times() == found.refunded() == []


def test_what_more_parcels_held_than_are_counted_nobody_knows(season, now, monkeypatch):
    monkeypatch.setattr("saleor_support_plugin.returns.report.MOST_PARCELS", 3)
    assert {one.rate for one in report(now).rows(Dimension.PRODUCT, 9)} == {None}


@pytest.mark.parametrize("days", [-1, 366])
def test_spans_that_are_too_long_or_none(db, now, days):
    with pytest.raises(Invalid) as caught:
        Report(STAFF, first=now.date(), last=now.date() + datetime.timedelta(days=days))
    assert caught.value.field == "until"


@pytest.mark.parametrize("which", [None, ReasonList.FAULT])
@pytest.mark.parametrize("by", list(Dimension))
def test_queries_do_not_grow(season, now, by, which):
    reasons.every()
    Parcel.objects.create(fulfillment_id="F1b", order_id="O1", channel_id="C1", number="x", shipped_at=now)
    costs = []
    for count in (10, 90):
        for number in range(count):
            a_return(1, now, line={"product_id": f"P{count}{number}", "reason": f"r{number}"})
            a_return(1, now, line={"product_id": f"P{count}{number}", "reason": "damaged"})
        with CaptureQueriesContext(connection) as spent:
            report(now).rows(by, 100, which)
        costs.append(len(spent))
    assert costs[0] == costs[1] <= (4 if which is None else 5)
