"""What may be asked for, why, with what to show, and how far staff may go for a customer."""

import datetime

import pytest

from saleor_support_plugin.errors import Code, Errors, Invalid, NotThere
from saleor_support_plugin.files.models import Attachment
from saleor_support_plugin.returns import service
from saleor_support_plugin.returns.eligibility import explained
from saleor_support_plugin.returns.models import (
    Listed,
    Resolution,
    ReturnListEntry,
    ReturnReason,
    ReturnStatus,
)
from sandbox import makers
from tests.returns import told
from tests.returns.conftest import build

DAY = datetime.timedelta(days=1)


def _refused(world, *lines, error=Errors, **more):
    before = told.count()
    with pytest.raises(error) as refused:
        world.ask(*lines, **more)
    assert told.count() == before
    return refused.value.field, refused.value.code


@pytest.mark.parametrize(
    ("kind", "line", "resolution"),
    [
        ("return", (2, "too_small"), Resolution.REFUND),
        ("exchange", (2, "too_small"), Resolution.EXCHANGE),
        ("claim", (2, "wrong_item"), Resolution.REFUND),
    ],
)
def test_each_kind_ends_in_what_it_usually_ends_in(world, kind, line, resolution):
    told_by_photo = (told.photo(world),)
    row = world.ask((world.apples, *line, "", told_by_photo), kind=kind)
    assert (row.kind, row.resolution, row.status) == (kind, resolution, ReturnStatus.REQUESTED)
    assert told.last(row).after["kind"] == kind


@pytest.mark.parametrize(
    ("kind", "resolution", "right"),
    [
        ("return", "refund", True),
        ("return", "exchange", False),
        ("return", "bananas", False),
        ("exchange", "refund", False),
        ("claim", "replacement", True),
        ("withdrawal", "credit", False),
    ],
)
def test_what_may_be_chosen(world, kind, resolution, right):
    lines = [(world.apples, 1, "missing_part", "", (told.photo(world),))]
    if right:
        assert world.ask(*lines, kind=kind, resolution=resolution).resolution == resolution
        return
    field, code = _refused(world, *lines, error=Invalid, kind=kind, resolution=resolution)
    assert (field, code) == ("resolution", Code.INVALID)


def test_no_such_kind(world):
    assert _refused(world, (world.apples, 1), error=Invalid, kind="gift") == ("kind", Code.INVALID)


def test_a_withdrawal_demands_no_reason(world):
    """Not even where the reason that was added anyway demands words and photos."""
    row = world.ask((world.apples, 1), kind="withdrawal")
    assert row.lines.get().reason == ""
    row = world.ask((world.apples, 1, "other"), (world.beans, 1, "defective"), kind="withdrawal")
    assert sorted(row.lines.values_list("reason", flat=True)) == ["defective", "other"]


def test_a_claim_demands_a_fault(world):
    assert _refused(world, (world.apples, 1), kind="claim") == ("lines.0.reason", Code.REQUIRED)
    wish = (world.apples, 1, "too_small")
    assert _refused(world, wish, kind="claim") == ("lines.0.reason", Code.NOT_RETURNABLE)


def test_a_reason_that_is_switched_off_or_a_group_can_not_be_chosen(world):
    world.ask((world.apples, 1, "too_small"))
    ReturnReason.objects.filter(code="too_large").update(is_active=False)
    for code in ("too_large", "size"):
        assert _refused(world, (world.apples, 1, code)) == ("lines.0.reason", Code.INVALID)


def test_the_reason_is_kept_as_it_was_and_told_in_the_customers_language(shop, now):
    world = build(shop, now, language="es-es")
    row = world.ask((world.apples, 1, "arrived_late", "¡Tarde!"))
    ReturnReason.objects.filter(code="arrived_late").update(label="Late", fault="nobody")
    line = row.lines.get()
    assert (line.reason_label, line.fault, line.note) == ("Arrived too late", "carrier", "¡Tarde!")
    assert told.mail(row, "return_requested").data["reason"] == "Llegó demasiado tarde: ¡Tarde!"
    assert told.notes(row) == ["requested: 1 × Apple Juice (Arrived too late: ¡Tarde!)"]
    service.decline(actor=world.staff(), return_id=row.pk, message="No.", now=now)
    service.reopen(actor=world.staff(), return_id=row.pk, reason="After all.", now=now)
    asked_anew = told.last_mail(row)
    assert (asked_anew.kind, asked_anew.data["reason"]) == (
        "return_requested",
        "Llegó demasiado tarde: ¡Tarde!",
    )


def test_evidence(world):
    wish = (world.apples, 1, "defective")
    assert _refused(world, wish, kind="claim") == ("lines.0.fileIds", Code.REQUIRED)
    picture = told.photo(world)
    row = world.ask((*wish, "", (picture,)), kind="claim")
    file = Attachment.objects.get(pk=picture)
    assert (file.subject, file.part) == (row.subject, world.apples)


def test_evidence_of_somebody_else_or_used_before(world, shop, now):
    wish, other = (world.apples, 1, "defective", ""), build(shop, now)
    theirs, used = told.photo(other), told.photo(world)
    world.ask((*wish, (used,)), kind="claim")
    refused = _refused(world, (*wish, (theirs,)), kind="claim", error=NotThere)
    assert refused == ("lines.0.fileIds", Code.NOT_FOUND)
    assert _refused(world, (*wish, (used,)), kind="claim", error=Invalid)[0] == "lines.0.fileIds"
    many = tuple(range(1, 12))
    assert _refused(world, (*wish, many), kind="claim") == ("lines.0.fileIds", Code.TOO_MANY)


def test_what_to_get_instead(world):
    row = world.ask((world.apples, 1, "too_small", "", (), "UHJvZHVjdFZhcmlhbnQ6OQ=="), kind="exchange")
    assert row.lines.get().wanted_variant_id == "UHJvZHVjdFZhcmlhbnQ6OQ=="
    wish = (world.apples, 1, "too_small", "", (), "UHJvZHVjdFZhcmlhbnQ6OQ==")
    assert _refused(world, wish) == ("lines.0.wantedVariantId", Code.INVALID)
    long = (world.apples, 1, "too_small", "", (), "x" * 129)
    assert _refused(world, long, kind="exchange") == ("lines.0.wantedVariantId", Code.TOO_LONG)


def test_the_decision_is_kept_with_the_return(world):
    rule = told.rule(days=10, send_days=5)
    row = world.ask((world.apples, 1, "too_small"))
    rule.delete()
    answer = explained.load(row.decision)[world.apples]
    assert (answer.rule_id, answer.rule_name, answer.days, answer.send_days) == (
        rule.pk or 1,
        "Everything",
        10,
        5,
    )
    assert answer.deadline is not None
    assert explained.dump([], at=world.now, in_time=False, needs_person=False)["at"] == world.now.isoformat()
    assert row.decision["lines"][world.apples]["asked_within"] is True


def test_a_key_is_for_one_kind(world):
    world.ask((world.apples, 1), key="k")
    field = _refused(world, (world.apples, 1), key="k", kind="withdrawal", error=Invalid)
    assert field == ("key", Code.CONFLICT)


def test_staff_may_go_beyond_the_policy_and_says_why(world):
    late = world.now + 40 * DAY
    staff = world.staff()
    refused = _refused(world, (world.apples, 2), actor=staff, now=late)
    assert refused == ("lines.0.orderLineId", Code.NOT_RETURNABLE)
    row = world.ask((world.apples, 2), actor=staff, now=late, override_reason=" She was ill. ")
    assert (row.override_reason, row.status) == ("She was ill.", ReturnStatus.REQUESTED)
    assert explained.beyond(row.decision) == [world.apples]
    after = told.last(row).after
    assert (after["override"], after["beyond"]) == ("She was ill.", [world.apples])
    assert row.customer_id == world.buyer.id
    world.approve(row, now=late)


def test_but_not_beyond_the_goods(world):
    staff = world.staff()
    world.ask((world.apples, 2))
    wish = (world.apples, 2)
    refused = _refused(world, wish, actor=staff, override_reason="She is nice.")
    assert refused == ("lines.0.quantity", Code.TOO_MANY)


def test_nobody_else_can(world):
    for actor in (world.buyer, world.guest):
        refused = _refused(world, (world.apples, 1), actor=actor, override_reason="I want it.", error=Invalid)
        assert refused == ("overrideReason", Code.INVALID)


AUTO = {"auto_approve": True, "auto_limit": 10, "currency": "EUR"}


def test_a_rule_approves_by_itself(world):
    told.rule(**AUTO)
    row = world.ask((world.apples, 2, "too_small"))
    assert row.status is ReturnStatus.APPROVED
    assert told.verbs(row) == ["return_requested", "return_approved"]
    assert told.mails(row) == ["return_approved"]
    assert told.last(row).actor_kind == "system"
    assert list(row.lines.values_list("approved_quantity", flat=True)) == [2]


@pytest.mark.parametrize(
    ("lines", "status"),
    [
        ([("apples", 2)], "approved"),
        ([("apples", 3)], "requested"),
        ([("apples", 1), ("beans", 1)], "requested"),
    ],
)
def test_up_to_its_limit(world, lines, status):
    told.rule(**AUTO)
    row = world.ask(*[(getattr(world, name), quantity, "too_small") for name, quantity in lines])
    assert row.status == status


def test_not_where_there_are_signs_of_abuse(world):
    told.rule(**AUTO)
    ReturnListEntry.objects.create(list=Listed.BLOCK, email=world.customer.email)
    row = world.ask((world.apples, 1, "too_small"))
    assert row.status is ReturnStatus.REQUESTED
    assert [one["rule"] for one in row.risk] == ["blocked"]
    assert told.last(row).after["risk"] == row.risk
    assert "block" not in str(told.mail(row, "return_requested").data)


def test_signs_never_decline_by_themselves(world):
    ReturnListEntry.objects.create(list=Listed.BLOCK, email=world.customer.email)
    row = world.ask((world.apples, 1), kind="withdrawal")
    row = service.confirm(actor=world.buyer, return_id=row.pk, now=world.now)
    assert row.status is ReturnStatus.REQUESTED
    assert world.approve(row).status is ReturnStatus.APPROVED


def test_a_withdrawal_outside_the_law_is_none(shop, now):
    world = build(shop, now, address=None)
    refused = _refused(world, (world.apples, 1), kind="withdrawal")
    assert refused == ("lines.0.orderLineId", Code.NOT_RETURNABLE)


def test_where_the_goods_went(world):
    row = world.ask()
    assert (row.country, len(row.address)) == ("ES", 64)
    line = row.lines.get()
    assert line.product_id == makers.gid(world.order.lines.get(position=0).variant.product)
    assert line.variant_id == makers.gid(world.order.lines.get(position=0).variant)
