"""Requests of guests and withdrawals count once they are confirmed."""

import datetime

import pytest

from saleor_support_plugin.access.models import GuestGrant
from saleor_support_plugin.actors import Actor, ActorKind
from saleor_support_plugin.errors import Code, Errors, Invalid, NotThere, WrongState
from saleor_support_plugin.notifications import drain
from saleor_support_plugin.returns import queries, service
from saleor_support_plugin.returns.models import Return, ReturnRule, ReturnStatus
from sandbox import makers, models
from tests.returns import told
from tests.returns.conftest import build

HOUR = datetime.timedelta(hours=1)
DAY = 24 * HOUR


@pytest.fixture
def asked(world):
    """A guest's request of two apples."""
    return world.ask(actor=world.guest)


def test_a_guests_request_waits(world, asked):
    assert asked.status is ReturnStatus.UNCONFIRMED
    assert (asked.confirmed_at, asked.confirm_by, asked.decide_by) == (None, world.now + 48 * HOUR, None)
    assert told.mails(asked) == ["return_confirm"]
    mail = told.mail(asked, "return_confirm")
    assert (mail.recipient, mail.due_at) == (world.customer.email, world.now)
    assert mail.data["withdrawal"] is False
    assert mail.data["confirm_by"] == (world.now + 48 * HOUR).isoformat()
    grant = GuestGrant.objects.get(pk=mail.data["grant_id"])
    assert (grant.purpose, grant.expires_at, grant.used_at) == (
        asked.subject,
        world.now + 48 * HOUR,
        None,
    )
    assert told.verbs(asked) == ["return_asked_for"]
    assert told.notes(asked) == ["asked for, and not confirmed yet: 2 × Apple Juice"]


def test_it_holds_no_goods(world, asked):
    assert queries.taken(world.order_id) == []
    other = world.ask((world.apples, 3))
    assert other.status is ReturnStatus.REQUESTED


def test_the_mailed_link_confirms_it(world, asked):
    later = world.now + HOUR
    row = service.confirm(actor=told.came_by_mail(world, asked), return_id=asked.pk, now=later)
    assert (row.status, row.confirmed_at) == (ReturnStatus.REQUESTED, later)
    assert told.mails(row) == ["return_confirm", "return_requested"]
    assert told.mail(row, "return_requested").data["decision_by"] == row.decide_by.isoformat()
    assert told.verbs(row) == ["return_asked_for", "return_confirmed"]
    assert told.notes(row)[-1] == "confirmed: 2 × Apple Juice"
    assert GuestGrant.objects.get(purpose=row.subject).used_at == later
    assert [one.quantity for one in queries.taken(world.order_id)] == [2]


def test_twice_is_once(world, asked):
    guest = told.came_by_mail(world, asked)
    first = service.confirm(actor=guest, return_id=asked.pk, now=world.now)
    before = told.count()
    again = service.confirm(actor=guest, return_id=asked.pk, now=world.now + HOUR)
    assert (again, again.confirmed_at) == (first, world.now)
    assert told.count() == before


def test_another_link_to_the_order_does_not(world, asked):
    other = world.ask((world.beans, 1), actor=world.guest)
    for actor in (world.guest, told.came_by_mail(world, other)):
        with pytest.raises(Invalid, match="the mail that asks you to confirm") as refused:
            service.confirm(actor=actor, return_id=asked.pk, now=world.now)
        assert refused.value.field == "accessToken"
    asked.refresh_from_db()
    assert asked.status is ReturnStatus.UNCONFIRMED
    assert not GuestGrant.objects.exclude(used_at=None).exists()


@pytest.mark.parametrize("who", ["stranger", "other guest", "staff elsewhere"])
def test_not_yours_is_not_there(world, asked, who):
    actor = {
        "stranger": lambda: world.shop.identify(makers.request_for(makers.make_customer())),
        "other guest": lambda: Actor(ActorKind.GUEST, order_id="T3JkZXI6MQ=="),
        "staff elsewhere": lambda: world.staff(channels=[makers.make_channel()]),
    }[who]()
    with pytest.raises(NotThere):
        service.confirm(actor=actor, return_id=asked.pk, now=world.now)


def test_staff_may_confirm_for_a_guest_on_the_telephone(world, asked):
    """The rules for guests hold, whoever confirms."""
    for actors in (["staff"], ["guest"]):
        ReturnRule.objects.create(
            name=actors[0], conditions={"actors": actors}, outcome={"send_days": len(actors[0])}
        )
    row = service.confirm(actor=world.staff(), return_id=asked.pk, now=world.now)
    assert row.status is ReturnStatus.REQUESTED
    assert row.decision["lines"][world.apples]["rule_name"] == "guest"


def test_rules_for_staff_are_not_for_members_of_staff_who_bought_something(world):
    ReturnRule.objects.create(name="staff", conditions={"actors": ["staff"]}, outcome={"days": 999})
    for permissions, rule in ((["MANAGE_ORDERS"], "staff"), ([], "Return window of the channel")):
        person = makers.make_staff(permissions=permissions)
        models.Order.objects.filter(pk=world.order.pk).update(user=person)
        actor = world.shop.identify(makers.request_for(person))
        found = service.eligibility(actor=actor, order_id=world.order_id, now=world.now)
        assert found.line(world.apples).kind("return").rule_name == rule


def test_too_late(world, asked):
    guest = told.came_by_mail(world, asked)
    with pytest.raises(WrongState, match="time to confirm this request is over"):
        service.confirm(actor=guest, return_id=asked.pk, now=world.now + 48 * HOUR)
    service.cancel(actor=world.guest, return_id=asked.pk, now=world.now)
    with pytest.raises(WrongState, match=r"was cancelled on 2024-04-17 already\. Ask again"):
        service.confirm(actor=guest, return_id=asked.pk, now=world.now)


def test_goods_that_went_to_another_return_in_between(world, asked):
    world.ask((world.apples, 2))
    before = told.count()
    with pytest.raises(Errors) as refused:
        service.confirm(actor=told.came_by_mail(world, asked), return_id=asked.pk, now=world.now)
    assert (refused.value.field, refused.value.code) == ("lines.0.quantity", Code.TOO_MANY)
    assert told.count() == before
    asked.refresh_from_db()
    assert asked.status is ReturnStatus.UNCONFIRMED
    assert not GuestGrant.objects.exclude(used_at=None).exists()


def test_a_window_that_closed_in_between(shop, now):
    """The request came within it, its confirmation does not: only a withdrawal keeps its day."""
    world = build(shop, now)
    at = now + 29 * DAY
    row = world.ask(actor=world.guest, now=at)
    with pytest.raises(Errors) as refused:
        service.confirm(actor=told.came_by_mail(world, row, at), return_id=row.pk, now=row.confirm_by - HOUR)
    assert refused.value.code is Code.NOT_RETURNABLE


def test_not_more_than_five_wait(world):
    for _ in range(5):
        world.ask((world.apples, 1), actor=world.guest)
    before = told.count()
    with pytest.raises(Invalid) as refused:
        world.ask((world.apples, 1), actor=world.guest)
    assert refused.value.code is Code.LIMIT_REACHED
    assert told.count() == before
    first = Return.objects.earliest("pk")
    service.cancel(actor=world.guest, return_id=first.pk, now=world.now)
    world.ask((world.apples, 1), actor=world.guest)


def test_a_members_withdrawal_takes_two_steps(world):
    row = world.ask((world.apples, 2), kind="withdrawal")
    assert (row.status, row.confirm_by) == (ReturnStatus.UNCONFIRMED, world.now + 48 * HOUR)
    mail = told.mail(row, "return_confirm")
    assert (mail.data["grant_id"], mail.due_at) == (None, world.now + HOUR / 2)
    assert mail.data["withdrawal"] is True
    later = world.now + HOUR
    row = service.confirm(actor=world.buyer, return_id=row.pk, now=later)
    assert row.confirmed_at == later
    receipt = told.mail(row, "return_withdrawal")
    assert (receipt.data["received_at"], receipt.data["confirmed_at"], receipt.data["reason"]) == (
        world.now.isoformat(),
        later.isoformat(),
        "",
    )
    assert [(one["name"], one["quantity"]) for one in receipt.data["items"]] == [("Apple Juice", 2)]
    assert row.decision["in_time"] is True


def test_a_member_who_confirms_at_once_is_not_asked_to_by_mail(world):
    row = world.ask((world.apples, 2), kind="withdrawal")
    service.confirm(actor=world.buyer, return_id=row.pk, now=world.now + HOUR / 4)
    drain.deliver_due(now=world.now + HOUR, limit=10, seconds=60)
    asked = told.mail(row, "return_confirm")
    assert (asked.state, asked.detail) == ("skipped", "There is a message return_approved about it.")


def test_a_withdrawal_in_time_is_approved_by_itself(world):
    row = world.ask((world.apples, 2), kind="withdrawal")
    row = service.confirm(actor=world.buyer, return_id=row.pk, now=world.now)
    assert row.status is ReturnStatus.APPROVED
    assert told.mails(row) == ["return_confirm", "return_withdrawal", "return_approved"]
    assert told.verbs(row) == ["return_asked_for", "return_confirmed", "return_approved"]


def test_a_withdrawal_is_confirmed_for_staff_who_takes_it_on_the_telephone(world):
    row = world.ask((world.apples, 1), kind="withdrawal", actor=world.staff())
    assert row.status is ReturnStatus.APPROVED
    assert told.mails(row) == ["return_withdrawal", "return_approved"]


@pytest.mark.parametrize(("hours", "counts"), [(24, True), (25, False)])
def test_the_moment_of_the_statement_counts_for_a_day(world, hours, counts):
    """Stated within the last hour of the 14 days, confirmed after them."""
    told.delivered(world, world.now - 14 * DAY - HOUR)
    stated = _last_moment(world) - HOUR
    row = world.ask((world.apples, 1), kind="withdrawal", now=stated)
    confirmed = stated + hours * HOUR
    if counts:
        row = service.confirm(actor=world.buyer, return_id=row.pk, now=confirmed)
        assert row.status is ReturnStatus.APPROVED
        return
    with pytest.raises(Errors) as refused:
        service.confirm(actor=world.buyer, return_id=row.pk, now=confirmed)
    assert refused.value.code is Code.NOT_RETURNABLE


def _last_moment(world):
    answer = service.eligibility(actor=world.buyer, order_id=world.order_id, now=world.now - 10 * DAY)
    return answer.line(world.apples).withdrawal.deadline
