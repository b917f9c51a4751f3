"""Twenty at once who confirm, decide, end and take up again: one winner each."""

import datetime

from saleor_support_plugin.errors import SupportError
from saleor_support_plugin.notifications.models import Notification
from saleor_support_plugin.returns import service
from saleor_support_plugin.returns.models import Return, ReturnStatus
from tests.returns import told
from tests.returns.conftest import build
from tests.returns.test_races import race, shop

__all__ = ["shop"]  # the fixture of a database that threads share


def _won(results):
    assert all(isinstance(one, Return | SupportError) for one in results), results
    return [one for one in results if isinstance(one, Return)]


def test_one_decision_stands(shop, now):
    world = build(shop, now)
    row, staff = world.ask(), world.staff()
    verbs = [
        lambda: service.approve(actor=staff, return_id=row.pk, now=now),
        lambda: service.decline(actor=staff, return_id=row.pk, message="No.", now=now),
    ]
    won = _won(race(lambda number: verbs[number % 2]()))
    assert len(won) == 1
    end = {"approved": "return_approved", "declined": "return_declined"}[str(won[0].status)]
    assert told.mails(row) == told.verbs(row) == ["return_requested", end]


def test_a_link_that_is_followed_twenty_times_confirms_once(shop, now):
    world = build(shop, now)
    row = world.ask(actor=world.guest)
    guest = told.came_by_mail(world, row)
    won = _won(race(lambda _number: service.confirm(actor=guest, return_id=row.pk, now=now)))
    assert len(won) == 20  # all hear that it is confirmed
    assert told.verbs(row) == ["return_asked_for", "return_confirmed"]
    assert told.mails(row) == ["return_confirm", "return_requested"]


def test_confirmed_or_expired(shop, now):
    world = build(shop, now)
    row = world.ask(actor=world.guest)
    guest = told.came_by_mail(world, row)
    late = row.confirm_by

    def act(number):
        if number % 2:
            return service.confirm(actor=guest, return_id=row.pk, now=late - datetime.timedelta(seconds=1))
        service.expire_due(now=late, limit=10)
        return Return.objects.get(pk=row.pk)

    race(act)
    row.refresh_from_db()
    end = {ReturnStatus.REQUESTED: "return_confirmed", ReturnStatus.EXPIRED: "return_expired"}[row.status]
    assert told.verbs(row) == ["return_asked_for", end]


def test_goods_are_taken_up_again_by_one(shop, now):
    """Twenty cancelled returns of the same three apples: three can be open again."""
    world = build(shop, now)
    staff, rows = world.staff(), []
    for _ in range(20):
        row = world.ask((world.apples, 1))
        rows.append(service.cancel(actor=world.buyer, return_id=row.pk, now=now))
    won = _won(
        race(lambda number: service.reopen(actor=staff, return_id=rows[number].pk, reason="So.", now=now))
    )
    assert len(won) == 3
    assert Return.objects.filter(authorisation="requested").count() == 3


def test_one_comment_for_one_key(shop, now):
    world = build(shop, now)
    row, staff = world.ask(), world.staff()
    results = race(
        lambda _number: service.comment(actor=staff, return_id=row.pk, text="Hello", key="k", now=now)
    )
    assert len({one.pk for one in results}) == 1
    assert Notification.objects.filter(kind="return_comment").count() == 1
