"""Tasks for staff: who sees them, and how they are assigned and closed."""

import pytest

from saleor_support_plugin.actors import ANONYMOUS, SYSTEM, Actor, ActorKind
from saleor_support_plugin.errors import Invalid, NotThere, WrongState
from saleor_support_plugin.history import queries as history
from saleor_support_plugin.history.models import HistoryEntry
from saleor_support_plugin.history.service import record
from saleor_support_plugin.worklist import queries, service
from saleor_support_plugin.worklist.models import StaffTask, TaskKind
from sandbox import makers
from sandbox.home import identity


@pytest.fixture
def channel(shop):
    return makers.make_channel("pl")


@pytest.fixture
def staff(channel):
    return identity.actor(makers.make_staff(channels=[channel]))


@pytest.fixture
def task(channel, now):
    return make_task(channel, now)


def make_task(channel, now, key="refund:1"):
    return service.open_task(
        kind=TaskKind.REFUND_FAILED,
        key=key,
        subject="refund:1",
        channel_id=makers.gid(channel),
        order_id="T3JkZXI6MQ==",
        summary="The gateway\x00 refused " + "x" * 600,
        at=now,
    )


def outsiders(channel) -> list[Actor]:
    return [
        ANONYMOUS,
        identity.actor(makers.make_customer()),
        Actor(ActorKind.GUEST, order_id="T3JkZXI6MQ=="),
        identity.actor(makers.make_staff(permissions=[])),
        identity.actor(makers.make_staff(channels=[makers.make_channel()])),
        identity.actor(makers.make_staff(channels=[])),
        identity.actor(makers.make_app(permissions=[])),
    ]


def test_a_cause_opens_one_task(channel, task, now):
    again = make_task(channel, now)

    assert (again, StaffTask.objects.count()) == (task, 1)
    assert (task.summary[:20], len(task.summary), task.state) == ("The gateway refused ", 500, "open")


def test_staff_sees_the_tasks_of_their_channels(channel, task, now, staff):
    other = make_task(makers.make_channel("us"), now, key="refund:2")

    assert set(queries.visible(staff)) == {task}
    for everybody in (
        SYSTEM,
        identity.actor(makers.make_staff()),
        identity.actor(makers.make_app()),
    ):
        assert set(queries.visible(everybody)) == {task, other}
    assert [list(queries.visible(one)) for one in outsiders(channel)] == [[]] * 7


def test_assign_and_take_back(task, now, staff):
    service.assign(actor=staff, task_id=task.pk, assignee_id="VXNlcjo3", at=now)
    taken = service.assign(actor=staff, task_id=task.pk, assignee_id="", at=now)

    assert (taken.assignee_id, StaffTask.objects.get().assignee_id) == ("", "")
    assert [(one.verb, one.before, one.after) for one in HistoryEntry.objects.order_by("pk")] == [
        ("task_assigned", {"assignee": ""}, {"assignee": "VXNlcjo3"}),
        ("task_assigned", {"assignee": "VXNlcjo3"}, {"assignee": ""}),
    ]


@pytest.mark.parametrize("assignee", ["x" * 129, "a\x00b", "a\nb", "\ud800"])
def test_assign_refuses_what_is_no_id(task, now, staff, assignee):
    with pytest.raises(Invalid) as error:
        service.assign(actor=staff, task_id=task.pk, assignee_id=assignee, at=now)

    assert (error.value.code.value, error.value.field) == ("invalid", "assignee")
    assert HistoryEntry.objects.count() == 0


def test_complete(task, now, staff):
    done = service.complete(actor=staff, task_id=task.pk, note=" Paid by\x00 hand. ", at=now)

    stored = StaffTask.objects.get()
    assert (done.state, stored.state, stored.note, stored.closed_at) == ("done", "done", "Paid by hand.", now)
    entry = HistoryEntry.objects.get()
    assert (entry.verb, entry.subject, entry.order_id, entry.after) == (
        "task_done",
        f"task:{task.pk}",
        "T3JkZXI6MQ==",
        {"note": "Paid by hand."},
    )


def test_complete_needs_no_note_but_dismiss_does(channel, task, now, staff):
    assert service.complete(actor=staff, task_id=task.pk, note="", at=now).note == ""
    other = make_task(channel, now, key="refund:2")

    for blank in ("", " \n", "\x00"):
        with pytest.raises(Invalid) as error:
            service.dismiss(actor=staff, task_id=other.pk, note=blank, at=now)
        assert (error.value.code.value, error.value.field) == ("required", "note")

    assert service.dismiss(actor=staff, task_id=other.pk, note="Was a test.", at=now).state == "dismissed"


def test_a_closed_task_stays_as_it_is(task, now, staff):
    service.complete(actor=staff, task_id=task.pk, note="", at=now)

    for call in (
        lambda: service.complete(actor=staff, task_id=task.pk, note="again", at=now),
        lambda: service.dismiss(actor=staff, task_id=task.pk, note="again", at=now),
        lambda: service.assign(actor=staff, task_id=task.pk, assignee_id="x", at=now),
    ):
        with pytest.raises(WrongState):
            call()
    stored = StaffTask.objects.get()
    assert (stored.state, stored.note, stored.assignee_id) == ("done", "", "")
    assert HistoryEntry.objects.count() == 1


def test_a_long_note_is_refused(task, now, staff):
    with pytest.raises(Invalid) as error:
        service.complete(actor=staff, task_id=task.pk, note="x" * 2001, at=now)
    assert (error.value.code.value, error.value.field) == ("too_long", "note")
    assert StaffTask.objects.get().state == "open"


def test_nobody_else_touches_a_task(channel, task, now):
    for who in outsiders(channel):
        for call in (
            lambda who=who: service.assign(actor=who, task_id=task.pk, assignee_id="x", at=now),
            lambda who=who: service.complete(actor=who, task_id=task.pk, note="x", at=now),
            lambda who=who: service.dismiss(actor=who, task_id=task.pk, note="x", at=now),
        ):
            with pytest.raises(NotThere) as error:
                call()
            assert error.value.message == "There is no such task."
    with pytest.raises(NotThere):
        service.complete(actor=SYSTEM, task_id=10**18, note="", at=now)
    assert (StaffTask.objects.get().state, HistoryEntry.objects.count()) == ("open", 0)


def test_history_is_for_staff_of_the_orders_channel(channel, now, staff, shop):
    order = shop.order(makers.gid(makers.make_order(channel)))
    for subject in ("ticket:1", "return:2"):
        record(actor=SYSTEM, verb="made", subject=subject, at=now, order_id=order.id)
    record(actor=SYSTEM, verb="made", subject="ticket:9", at=now, order_id="another")

    assert [one.subject for one in history.of_order(staff, order)] == ["ticket:1", "return:2"]
    assert [one.subject for one in history.of_subject(staff, "ticket:1", order.channel_id)] == ["ticket:1"]
    for who in outsiders(channel):
        assert list(history.of_order(who, order)) == []
        assert list(history.of_subject(who, "ticket:1", order.channel_id)) == []
