"""What rules and options say, seen by somebody who asks for a return and gets it, or not."""

import datetime
from decimal import Decimal

import pytest

from saleor_support_plugin.errors import Code, Errors
from saleor_support_plugin.returns import service
from saleor_support_plugin.returns.desk import lists
from saleor_support_plugin.returns.models import ReturnOptions, ReturnRule, ReturnStatus
from saleor_support_plugin.returns.policy import Anchor, Conditions, Exemption, RuleFee, RuleOutcome, codec
from sandbox import makers, models
from tests.returns import told

DAY = datetime.timedelta(days=1)
NO_PHOTO = ("lines.0.fileIds", Code.REQUIRED)
NO_REASON = ("lines.0.reason", Code.REQUIRED)
TOO_LATE = ("lines.0.orderLineId", Code.NOT_RETURNABLE)


def _rule(outcome, conditions, position=1):
    return ReturnRule.objects.create(
        name=f"Rule {position}",
        position=position,
        conditions=codec.dump(conditions),
        outcome=codec.dump(outcome),
    )


def _refused(world, *lines, **more):
    before = told.count()
    with pytest.raises(Errors) as refused:
        world.ask(*lines, **more)
    assert told.count() == before
    return refused.value.field, refused.value.code


@pytest.mark.parametrize("reason", ["too_small", ""])
@pytest.mark.parametrize("kind", ["return", "exchange"])
def test_a_rule_asks_for_a_photo(world, kind, reason):
    """Whether the customer gives a reason or not."""
    told.rule(needs_evidence=True)
    assert _refused(world, (world.apples, 1, reason), kind=kind) == NO_PHOTO
    row = world.ask((world.apples, 1, reason, "", (told.photo(world),)), kind=kind)
    assert row.status is ReturnStatus.REQUESTED


def test_who_needs_no_photo(world):
    told.rule(needs_evidence=True)
    staff = world.staff()
    assert _refused(world, (world.apples, 1), actor=staff) == NO_PHOTO
    row = world.ask((world.apples, 1), actor=staff, override_reason="Seen in the shop.")
    assert row.status is ReturnStatus.REQUESTED
    assert world.ask((world.apples, 1), kind="withdrawal").status is ReturnStatus.UNCONFIRMED


@pytest.mark.parametrize("kind", ["return", "exchange"])
def test_a_shop_asks_for_reasons(world, kind):
    ReturnOptions.objects.create(channel_id=makers.gid(world.channel), values={"needs_reason": True})
    for actor in (world.buyer, world.guest):
        assert _refused(world, (world.apples, 1), kind=kind, actor=actor) == NO_REASON
    assert world.ask((world.apples, 1, "too_small"), kind=kind).status is ReturnStatus.REQUESTED
    assert world.ask((world.beans, 1), kind=kind, actor=world.staff()).status is ReturnStatus.REQUESTED


def test_a_shop_that_asks_for_reasons_asks_for_none_when_the_customer_withdraws(world):
    ReturnOptions.objects.create(channel_id=makers.gid(world.channel), values={"needs_reason": True})
    assert world.ask((world.apples, 1), kind="withdrawal").status is ReturnStatus.UNCONFIRMED


def test_goods_that_are_exempt_from_withdrawal(world):
    apples = makers.gid(models.Product.objects.get(name="Apple Juice"))
    _rule(RuleOutcome(exemption=Exemption.PERISHABLE), Conditions(product_ids=(apples,)))
    assert _refused(world, (world.apples, 1), kind="withdrawal") == TOO_LATE
    assert world.ask((world.beans, 1), kind="withdrawal").status is ReturnStatus.UNCONFIRMED


@pytest.mark.parametrize(("resolution", "fee", "quoted"), [("refund", 1, "3.2"), ("credit", 0, "4.0")])
def test_a_fee_that_credit_waives(world, resolution, fee, quoted):
    told.rule(resolutions=("refund", "credit"), fees=(RuleFee(percent=Decimal(20), free_for_credit=True),))
    row = world.approve(world.ask((world.apples, 1, "too_small"), resolution=resolution))
    assert (len(row.fees), row.quoted_amount) == (fee, Decimal(quoted))


def test_the_transit_buffer_of_a_rule(world):
    """The goods left a day ago, and nobody knows when they came: 10 days later, says the rule."""
    told.rule(days=2, anchor=Anchor.DELIVERY, transit_days=10)
    row = world.ask((world.apples, 1), now=world.now + 11 * DAY)
    assert row.status is ReturnStatus.REQUESTED
    assert _refused(world, (world.apples, 1), now=world.now + 12 * DAY) == TOO_LATE
    ReturnRule.objects.update(outcome=codec.dump(RuleOutcome(days=2, anchor=Anchor.DELIVERY)))
    assert _refused(world, (world.apples, 1), now=world.now + 11 * DAY) == TOO_LATE


def test_a_window_until_a_day(world):
    last = world.now.date() + 60 * DAY
    told.rule(days=1, anchor=Anchor.DISPATCH, until=last)
    assert world.ask((world.apples, 1), now=world.now + 60 * DAY).status is ReturnStatus.REQUESTED
    assert _refused(world, (world.apples, 1), now=world.now + 61 * DAY) == TOO_LATE


def test_who_is_on_the_allow_list_is_approved_at_once(world):
    _rule(RuleOutcome(auto_approve=True), Conditions(is_allowed=True))
    assert world.ask((world.apples, 1)).status is ReturnStatus.REQUESTED
    lists.add(actor=world.staff(), list="allow", customer_id=makers.gid(world.customer), now=world.now)
    row = world.ask((world.apples, 1))
    row.refresh_from_db()
    assert row.status is ReturnStatus.APPROVED


def test_a_rule_for_who_returns_often(world):
    _rule(RuleOutcome(kinds=("claim",)), Conditions(returns_from=2))
    for _ in range(2):
        assert world.ask((world.apples, 1)).status is ReturnStatus.REQUESTED
    assert _refused(world, (world.apples, 1)) == TOO_LATE
    photo = (told.photo(world),)
    claim = world.ask((world.apples, 1, "damaged", "", photo), kind="claim")
    assert claim.status is ReturnStatus.REQUESTED
    service.cancel(actor=world.buyer, return_id=claim.pk, now=world.now)
