"""Agreeing to a return: how much of it, what the customer is told, and how far staff may go."""

import datetime
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from saleor_support_plugin.errors import Code, Invalid, NotThere, WrongState
from saleor_support_plugin.returns import queries, service
from saleor_support_plugin.returns.desk import reasons
from saleor_support_plugin.returns.eligibility import explanations
from saleor_support_plugin.returns.models import (
    Logistics,
    Resolution,
    Return,
    ReturnOptions,
    ReturnStatus,
    Settlement,
)
from saleor_support_plugin.returns.policy import RuleFee, WhoPays
from sandbox import makers, models, worker
from sandbox.home import orders
from tests.returns import told
from tests.returns.conftest import build

DAY = datetime.timedelta(days=1)


def _eur(amount):
    return {"amount": amount, "currency": "EUR"}


def _refused(world, row, error=Invalid, **more):
    before = told.count()
    with pytest.raises(error) as refused:
        world.approve(row, **more)
    assert told.count() == before
    row.refresh_from_db()
    assert row.authorisation == "requested"
    assert list(row.lines.values_list("approved_quantity", flat=True)) == [0] * row.lines.count()
    return refused.value.field, refused.value.code


def test_the_whole_of_it(world):
    row = world.ask((world.apples, 2, "too_small"), (world.beans, 1))
    staff = world.staff()
    row = service.approve(actor=staff, return_id=row.pk, now=world.now, message=" Keep the box. ")
    assert (row.status, row.decided_at, row.decision_message) == (
        ReturnStatus.APPROVED,
        world.now,
        "Keep the box.",
    )
    assert (row.logistics, row.settlement) == (Logistics.AWAITING, Settlement.QUOTED)
    # To the end of the 14th day after this Wednesday noon, UTC.
    assert row.send_by == datetime.datetime(2024, 5, 2, tzinfo=datetime.UTC)
    assert (row.remind_at, row.reminded_at) == (row.send_by - 7 * DAY, None)
    assert (row.quoted_amount, row.fees) == (14.5, [])
    assert list(row.lines.values_list("approved_quantity", "keep")) == [(2, False), (1, False)]
    assert told.verbs(row) == ["return_requested", "return_approved"]
    assert told.notes(row)[-1] == f"approved by {staff.name}: 2 × Apple Juice, 1 × Bean Juice"
    mail = told.mail(row, "return_approved").data
    assert (mail["refund"], mail["fees"], mail["send_by"]) == (_eur("14.50"), None, "2024-05-01")
    assert (mail["message"], mail["label_url"], mail["label_ready"]) == ("Keep the box.", "", False)


def test_what_the_mail_says_of_the_way_back(world):
    ReturnOptions.objects.create(
        channel_id=makers.gid(world.channel),
        values={
            "instructions": "Pack it well.",
            "drop_off": "Any post office.",
            "address": "Returns\nMain Street 1",
            "destination": "North",
            "send_days": 3,
            "remind_days": 7,
        },
    )
    told.rule(message="Don't wash it.")
    row = world.approve(world.ask((world.apples, 1, "too_small")))
    text = "Don't wash it.\n\nPack it well.\n\nAny post office.\n\nReturns\nMain Street 1"
    assert (row.instructions, row.destination) == (text, "North")
    assert told.mail(row, "return_approved").data["instructions"] == text
    assert row.send_by == datetime.datetime(2024, 4, 21, tzinfo=datetime.UTC)
    assert row.remind_at == world.now + (row.send_by - world.now) / 2
    other = world.approve(world.ask((world.beans, 1)), instructions="Ring the bell.")
    assert other.instructions == "Ring the bell."


def test_a_part_of_it(world):
    row = world.ask((world.apples, 3), (world.beans, 2))
    row = world.approve(row, quantities={world.apples: 1, world.beans: 0})
    assert list(row.lines.values_list("quantity", "approved_quantity")) == [(3, 1), (2, 0)]
    assert row.quoted_amount == 4
    mail = told.mail(row, "return_approved").data
    assert [(one["name"], one["quantity"]) for one in mail["items"]] == [("Apple Juice", 1)]
    assert told.notes(row)[-1].endswith(": 1 × Apple Juice")
    # What was not approved may be asked for again.
    world.ask((world.apples, 2), (world.beans, 2))


def test_a_line_that_is_not_named_is_approved_as_a_whole(world):
    row = world.approve(world.ask((world.apples, 3), (world.beans, 2)), quantities={world.apples: 1})
    assert list(row.lines.values_list("approved_quantity", flat=True)) == [1, 2]


@pytest.mark.parametrize(
    ("quantities", "error", "code"),
    [
        ({"apples": 0}, Invalid, Code.REQUIRED),
        ({"apples": 3}, Invalid, Code.OUT_OF_RANGE),
        ({"apples": -1}, Invalid, Code.OUT_OF_RANGE),
        ({"beans": 1}, NotThere, Code.NOT_FOUND),
    ],
)
def test_quantities_that_can_not_be(world, quantities, error, code):
    row = world.ask((world.apples, 2))
    given = {getattr(world, name): quantity for name, quantity in quantities.items()}
    assert _refused(world, row, error, quantities=given) == ("quantities", code)


@pytest.mark.parametrize(
    ("field", "words"),
    [("instructions", "x" * 2001), ("message", "x" * 2001), ("override_reason", "x" * 501)],
)
def test_words_that_are_too_long(world, field, words):
    row = world.ask()
    expected = "overrideReason" if field == "override_reason" else field
    assert _refused(world, row, **{field: words}) == (expected, Code.TOO_LONG)


@pytest.mark.parametrize("who", ["buyer", "guest", "staff elsewhere", "staff without permission"])
def test_only_staff_of_the_channel(world, who):
    row = world.ask()
    actor = {
        "buyer": lambda: world.buyer,
        "guest": lambda: world.guest,
        "staff elsewhere": lambda: world.staff(channels=[makers.make_channel()]),
        "staff without permission": lambda: world.staff(permissions=[]),
    }[who]()
    calls = [
        lambda: service.approve(actor=actor, return_id=row.pk, now=world.now),
        lambda: service.decline(actor=actor, return_id=row.pk, message="No.", now=world.now),
        lambda: service.ask(actor=actor, return_id=row.pk, question="Why?", now=world.now),
        lambda: service.reopen(actor=actor, return_id=row.pk, reason="So.", now=world.now),
    ]
    for call in calls:
        with pytest.raises(NotThere, match=r"There is no such return\."):
            call()
    assert told.verbs(row) == ["return_requested"]


def test_goods_that_staff_took_back_in_the_shop(world):
    row = world.ask((world.apples, 3))
    models.FulfillmentLine.objects.filter(order_line=world.order.lines.get(position=0)).update(quantity=2)
    assert _refused(world, row) == ("id", Code.TOO_MANY)
    row = world.approve(row, quantities={world.apples: 2})
    assert row.quoted_amount == 8


def test_fees_are_taken_off_and_told(world):
    fee = RuleFee(percent=10, amount=2, currency="EUR", label="Handling")
    told.rule(fees=(fee,))
    row = world.approve(world.ask((world.apples, 3, "too_small")))
    assert row.fees == [{"code": "restocking", "label": "Handling", "amount": "3.20"}]
    assert row.quoted_amount == Decimal("8.8")
    mail = told.mail(row, "return_approved").data
    assert (mail["refund"], mail["fees"]) == (_eur("8.80"), _eur("3.20"))


def test_a_free_reason_costs_nothing(world):
    told.rule(fees=(RuleFee(percent=10),))
    row = world.ask((world.apples, 3, "not_as_described", "", (told.photo(world),)))
    row = world.approve(row)
    assert (row.fees, row.quoted_amount) == ([], 12)


def test_credit_with_a_bonus(world):
    told.rule(resolutions=(Resolution.REFUND, Resolution.CREDIT), credit_bonus=10)
    row = world.approve(world.ask((world.apples, 2, "too_small"), resolution="credit"))
    assert (row.resolution, row.quoted_amount) == (Resolution.CREDIT, Decimal("8.8"))


def test_an_exchange_quotes_no_money(world):
    row = world.approve(world.ask((world.apples, 2, "too_small"), kind="exchange"))
    assert (row.quoted_amount, row.settlement) == (None, Settlement.NONE)
    assert told.mail(row, "return_approved").data["refund"] is None


def test_what_a_rule_lets_the_customer_keep(world):
    told.rule(keep_below=5, currency="EUR", who_pays=WhoPays.SHOP)
    row = world.approve(world.ask((world.apples, 1, "too_small"), (world.beans, 1, "too_small")))
    assert list(row.lines.values_list("keep", flat=True)) == [True, False]
    assert (row.logistics, row.send_by is not None) == (Logistics.AWAITING, True)


def test_what_is_worth_more_is_given_away_with_a_reason_only(world):
    told.rule(keep_below=5, currency="EUR")
    row = world.ask((world.beans, 1, "too_small"))
    assert _refused(world, row, keep=True) == ("overrideReason", Code.REQUIRED)
    row = world.approve(row)
    assert list(row.lines.values_list("keep", flat=True)) == [False]


def test_nothing_has_to_come_back(world):
    told.rule(keep_below=5, currency="EUR")
    row = world.approve(world.ask((world.apples, 1, "too_small")))
    assert (row.logistics, row.status) == (Logistics.NOT_REQUIRED, ReturnStatus.RECEIVED)
    assert (row.send_by, row.remind_at, row.instructions) == (None, None, "")
    assert told.notes(row)[-1].endswith("1 × Apple Juice (nothing has to be sent back)")
    assert told.mail(row, "return_approved").data["send_by"] is None
    # For ever: their money goes back once.
    assert [one.quantity for one in queries.taken(world.order_id)] == [1]


def test_goods_that_stay_are_paid_for_at_once(world, run_jobs, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        row = world.ask((world.apples, 1, "missing_part", "", (told.photo(world),)), kind="claim")
        world.approve(row, keep=True)
    assert ("saleor_support_plugin.tasks.settle_return", (row.pk,)) in [
        (name, tuple(arguments)) for name, arguments in worker.PENDING
    ]


@pytest.mark.parametrize("reason", ["missing_part", "never_arrived"])
def test_goods_that_never_came_are_not_asked_back(world, reason):
    row = world.ask((world.apples, 1, reason), (world.beans, 1, "not_as_described"), kind="claim")
    world.approve(row)
    assert dict(row.lines.values_list("order_line_id", "keep")) == {world.apples: True, world.beans: False}
    data = told.mail(row, "return_approved").data
    assert ([one["name"] for one in data["items"]], data["kept"]) == (["Bean Juice"], ["1 × Apple Juice"])

    asked = world.ask((world.apples, 1, reason), kind="claim")
    assert "does not have to be sent back" in explanations.explain(asked, for_staff=False).text
    row = world.approve(asked)
    assert "Nothing has to be sent back" in explanations.explain(row, for_staff=False).text
    assert (row.logistics, row.send_by, row.remind_at) == (Logistics.NOT_REQUIRED, None, None)
    row = world.approve(world.ask((world.apples, 1, reason), kind="claim"), keep=False)
    assert (
        row.logistics == Logistics.AWAITING
    )  # staff knows better: they are found, or only a part is missing


def test_staff_gives_goods_away_and_says_why(world):
    row = world.ask((world.apples, 2, "too_small"))
    assert _refused(world, row, keep=True) == ("overrideReason", Code.REQUIRED)
    row = world.approve(row, keep=True, override_reason="Not worth the way.")
    assert (row.logistics, row.override_reason) == (Logistics.NOT_REQUIRED, "Not worth the way.")
    assert told.last(row).after["override"] == "Not worth the way."
    assert told.notes(row)[-1].endswith("; against the policy: Not worth the way.")


def test_in_a_claim_the_goods_may_stay(world):
    row = world.ask((world.apples, 2, "wrong_item", "", (told.photo(world),)), kind="claim")
    row = world.approve(row, keep=True)
    assert (row.logistics, row.override_reason) == (Logistics.NOT_REQUIRED, "")


def test_only_once(world):
    row = world.ask()
    world.approve(row)
    before = told.count()
    with pytest.raises(WrongState, match=r"was approved on 2024-04-17 already\."):
        world.approve(row)
    assert told.count() == before


def test_an_order_that_is_gone(world, monkeypatch):
    from saleor_support_plugin.shop.errors import NotFound

    row = world.ask()

    def gone(order_id):
        raise NotFound("gone")

    monkeypatch.setattr(world.shop, "lock_order", gone)
    with pytest.raises(WrongState, match="order of this return does not exist"):
        world.approve(row)


def test_it_costs_the_same_for_any_number_of_lines(shop, now):
    reasons.every()

    def cost(count):
        world = build(shop, now, lines=[(f"Thing {i}", 1, "1.00") for i in range(count)])
        row = world.ask(*[(makers.gid(line), 1) for line in world.order.lines.all()])
        staff = world.staff()
        with CaptureQueriesContext(connection) as captured:
            service.approve(actor=staff, return_id=row.pk, now=now)
        return len(captured)

    assert cost(10) == cost(100)


def test_what_stays_with_the_customer_stays_below_the_limit_for_all_of_the_order(world):
    """Who asks for one piece at a time keeps no more than who asks for all of them."""
    told.rule(keep_below=8, currency="EUR")
    kept = []
    for _ in range(3):
        row = world.approve(world.ask((world.apples, 1, "too_small")))
        kept += row.lines.values_list("keep", flat=True)
    assert kept == [True, True, False]
    row = world.approve(world.ask((world.beans, 1, "too_small")))
    assert list(row.lines.values_list("keep", flat=True)) == [True]  # each line for itself


def test_goods_whose_money_went_back_before_are_worth_no_less(world):
    """They have to come back all the same."""
    told.rule(keep_below=8, currency="EUR")
    line = models.FulfillmentLine.objects.get(order_line__position=0)
    orders.refund_goods(world.order, [(makers.gid(line), 3)])
    models.Payment.objects.update(captured_amount=13)
    row = world.approve(world.ask((world.apples, 3, "too_small")))
    assert (row.quoted_amount, row.lines.get().keep) == (0, False)


def test_staff_gives_away_beyond_the_limit_of_the_order_with_a_reason_only(world):
    told.rule(keep_below=5, currency="EUR")
    world.approve(world.ask((world.apples, 1, "too_small")))
    row = world.ask((world.apples, 1, "too_small"))
    assert _refused(world, row, keep=True) == ("overrideReason", Code.REQUIRED)


def test_a_rule_approves_up_to_its_limit_for_all_of_the_order(world):
    told.rule(auto_approve=True, auto_limit=8, currency="EUR")
    found = []
    for line in (world.apples, world.apples, world.apples):
        row = world.ask((line, 1, "too_small"))
        row.refresh_from_db()
        found.append(row.authorisation)
    assert found == ["approved", "approved", "requested"]
    service.decline(actor=world.staff(), return_id=row.pk, message="No.", now=world.now)
    for one in Return.objects.filter(authorisation="approved"):
        service.cancel(actor=world.buyer, return_id=one.pk, now=world.now)
    row = world.ask((world.apples, 2, "too_small"))
    row.refresh_from_db()
    assert row.authorisation == "approved"  # what came to nothing counts no longer


@pytest.mark.parametrize(("limit", "found"), [("10.50", "approved"), ("10.49", "requested")])
def test_what_staff_approved_counts_for_the_limit_of_rules(world, limit, found):
    world.approve(world.ask((world.apples, 1)))
    told.rule(auto_approve=True, auto_limit=Decimal(limit), currency="EUR")
    row = world.ask((world.beans, 1, "too_small"))
    row.refresh_from_db()
    assert row.authorisation == found
