"""Which goods, and which money, a return keeps from others; who sees it; and what is kept in it."""

from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from saleor_support_plugin.actors import ANONYMOUS, Actor, ActorKind
from saleor_support_plugin.errors import NotThere
from saleor_support_plugin.returns import queries, service
from saleor_support_plugin.returns.axes import HOLDING
from saleor_support_plugin.returns.models import (
    Authorisation,
    Return,
    ReturnPayout,
    ReturnStatus,
    Settlement,
)
from saleor_support_plugin.returns.settlement import amounts
from sandbox import makers
from tests.returns.conftest import build


def _held(world, **more):
    return sorted((one.order_line_id, one.quantity) for one in queries.taken(world.order_id, **more))


def _promised(world, **more):
    return amounts.promised(world.shop.order(world.order_id), **more)


@pytest.mark.parametrize("state", Authorisation)
def test_what_is_undecided_or_approved_holds_its_goods(world, state):
    row = world.ask((world.apples, 2))
    Return.objects.filter(pk=row.pk).update(authorisation=state)
    row.lines.update(approved_quantity=1)
    expected = 0 if state not in HOLDING else 1 if state == Authorisation.APPROVED else 2
    assert _held(world) == ([(world.apples, expected)] if expected else [])


def test_approved_is_what_was_approved_and_has_not_come_back(world):
    row = world.approve(world.ask((world.apples, 3), (world.beans, 2)), quantities={world.beans: 0})
    assert _held(world) == [(world.apples, 3)]
    row.lines.filter(order_line_id=world.apples).update(
        sellable_quantity=1, missing_quantity=1, returned_quantity=1
    )
    # One is back in the shop, and one was not in the parcel: the customer may have it still.
    assert _held(world) == [(world.apples, 1)]


def test_counted_is_held_until_the_shop_has_entered_it(world):
    row = world.approve(world.ask((world.apples, 2)))
    row.lines.update(sellable_quantity=2)
    assert _held(world) == [(world.apples, 2)]


def test_what_stays_with_the_customer_is_held_for_ever(world):
    row = world.approve(world.ask((world.apples, 2)), keep=True, override_reason="Cheap.")
    Return.objects.filter(pk=row.pk).update(completed_at=world.now, closed_at=world.now)
    assert _held(world) == [(world.apples, 2)]


def test_not_its_own_and_not_what_nobody_decided(world):
    one, two = world.ask((world.apples, 1)), world.approve(world.ask((world.beans, 1)))
    assert _held(world, but=one.pk) == [(world.beans, 1)]
    assert _held(world, but=two.pk) == [(world.apples, 1)]
    assert _held(world, approved_only=True) == [(world.beans, 1)]


def test_promised_money(world):
    one = world.approve(world.ask((world.apples, 2)))
    two = world.approve(world.ask((world.beans, 1)))
    assert _promised(world, but=0) == Decimal("14.5")
    assert _promised(world, but=one.pk) == Decimal("6.5")
    ReturnPayout.objects.create(parent=one, amount=5)  # planned: the refund itself reserves it
    assert _promised(world, but=0) == Decimal("9.5")
    ReturnPayout.objects.create(parent=one, amount=5)  # more than was told
    assert _promised(world, but=0) == Decimal("6.5")
    Return.objects.filter(pk=two.pk).update(settlement=Settlement.SETTLED)
    assert _promised(world, but=0) == 0


@pytest.mark.parametrize("end", ["canceled", "completed", "credit"])
def test_what_promises_no_money_any_more(world, end):
    row = world.approve(world.ask((world.apples, 2)))
    change = {
        "canceled": {"authorisation": "canceled"},
        "completed": {"completed_at": world.now},
        "credit": {"resolution": "credit"},
    }[end]
    Return.objects.filter(pk=row.pk).update(**change)
    assert _promised(world, but=0) == 0


def test_quotes_share_what_is_left_of_the_money(world):
    world.order.payments.update(captured_amount=10)
    amounts = [
        world.approve(world.ask((line, 1))).quoted_amount
        for line in (world.beans, world.apples, world.apples)
    ]
    assert amounts == [Decimal("6.5"), Decimal("3.5"), 0]


def test_every_status_finds_its_own(world):
    row = world.approve(world.ask())
    for axes in _corners():
        Return.objects.filter(pk=row.pk).update(**axes)
        row.refresh_from_db()
        found = [one for one in ReturnStatus if queries.with_status(Return.objects.all(), [one]).exists()]
        assert found == [row.status]


def _corners():
    fields = {
        name: Return._meta.get_field(name).choices for name in ("authorisation", "logistics", "settlement")
    }
    for authorisation, _label in fields["authorisation"]:
        for logistics, _label in fields["logistics"]:
            for settlement, _label in fields["settlement"]:
                yield {"authorisation": authorisation, "logistics": logistics, "settlement": settlement}


def test_comments_of_many_returns_cost_one_query(shop, now):
    rows = []
    for _ in range(3):
        world = build(shop, now)
        row = world.ask()
        rows.append(row)
        service.comment(actor=world.buyer, return_id=row.pk, text="Hello", now=now)
    with CaptureQueriesContext(connection) as captured:
        found = queries.comments([row.pk for row in rows], internal=False)
    assert (len(found), len(captured)) == (3, 1)


def test_every_verb_of_a_stranger_finds_nothing(world, shop, now):
    row, elsewhere = world.ask(), build(shop, now)
    strangers = [
        ANONYMOUS,
        elsewhere.buyer,
        elsewhere.guest,
        Actor(ActorKind.GUEST),
        world.staff(permissions=[]),
        world.staff(channels=[elsewhere.channel]),
        shop.identify(makers.request_for(makers.make_app(permissions=[]))),
    ]
    words = {
        "confirm": {},
        "answer": {"text": "So."},
        "cancel": {},
        "comment": {"text": "So."},
        "ask": {"question": "So?"},
        "approve": {},
        "decline": {"message": "No."},
        "reopen": {"reason": "So."},
    }
    for actor in strangers:
        for verb, more in words.items():
            for key in (row.pk, 10**9):
                with pytest.raises(NotThere, match=r"There is no such return\."):
                    getattr(service, verb)(actor=actor, return_id=key, now=now, **more)
    row.refresh_from_db()
    assert row.status is ReturnStatus.REQUESTED
