"""What becomes of a label when its carrier, our worker or the label itself fails."""

import datetime
import logging

import pytest

from saleor_support_plugin.files.models import Attachment
from saleor_support_plugin.history.models import HistoryEntry
from saleor_support_plugin.returns import labels, service
from saleor_support_plugin.returns.labels import registry
from saleor_support_plugin.returns.labels.contract import Behaviour
from saleor_support_plugin.returns.logistics import label_requests as asking
from saleor_support_plugin.returns.models import (
    LabelState,
)
from saleor_support_plugin.worklist.models import StaffTask, TaskKind
from sandbox import makers
from tests.returns import told
from tests.returns.labels import asked
from tests.returns.labels.asked import MADE
from tests.returns.labels.courier import Courier, Finder

MINUTE = datetime.timedelta(minutes=1)
HOUR = 60 * MINUTE
LINK = labels.Label(url="https://labels.example.com/7", carrier="dhl", tracking_number="00340434292135100186")


def test_a_carrier_that_is_away_is_asked_later_and_later(world, use):
    maker = use(Courier())
    maker.behaviour = Behaviour.AWAY
    row, now = asked.approved(world), world.now
    waits = []
    while (label := asked.label(row)).state == LabelState.WAITING:
        now = label.next_try_at
        asking.make(label_id=label.pk, now=now - MINUTE)  # not before its time
        label = asked.make(row, now)
        row.refresh_from_db()
        assert row.updated_at == now  # each step is a change of the return
        if label.next_try_at:
            waits.append((label.next_try_at - now) / MINUTE)
    assert len(maker.asked) == asking.TRIES
    assert waits == [5, 10, 20, 40, 80, 160, 320, 360]
    assert label.state == LabelState.BY_HAND
    task = StaffTask.objects.get()
    assert (task.kind, task.subject, task.order_id) == (TaskKind.RETURN_LABEL, row.subject, row.order_id)
    assert task.summary == f"Return {row.number}: Attach a label. Its carrier could not be reached."
    service.sweep_labels(now=now + 24 * HOUR, limit=10)
    assert len(maker.asked) == asking.TRIES


def test_it_waits_as_long_as_the_carrier_says(world, use):
    maker = use(Courier())
    maker.behaviour, maker.given["retry_after"] = Behaviour.AWAY, 3600
    row = asked.approved(world)
    assert asked.make(row, world.now).next_try_at == world.now + HOUR
    maker.behaviour = Behaviour.WELL
    assert asked.make(row, world.now + HOUR).state == LabelState.ATTACHED
    assert asked.shipments(row) == [MADE]


def test_what_a_carrier_refuses_is_a_persons(world, use, run_jobs):
    maker = use(Courier())
    maker.behaviour = Behaviour.REFUSES
    row = asked.approved(world)
    run_jobs()
    task = StaffTask.objects.get()
    assert task.summary == f"Return {row.number}: Attach a label. No parcels from Spain."
    assert (asked.label(row).state, asked.label(row).message) == (
        LabelState.BY_HAND,
        "No parcels from Spain.",
    )
    assert len(maker.asked) == 1
    staff = world.staff()
    service.attach_label(actor=staff, return_id=row.pk, url="https://example.com/l", now=world.now + HOUR)
    task.refresh_from_db()
    assert (task.state, task.note) == ("done", "The customer has a label.")


def test_an_answer_that_never_came_is_looked_for(world, use):
    maker = use(Finder())
    maker.behaviour = Behaviour.SILENT
    row = asked.approved(world)
    label = asked.make(row, world.now)
    assert (label.state, label.next_try_at) == (LabelState.ASKED, world.now + 5 * MINUTE)
    maker.behaviour = Behaviour.AWAY  # when it is looked for: still nobody knows
    label = asked.make(row, label.next_try_at)
    assert label.state == LabelState.ASKED
    maker.behaviour = Behaviour.WELL
    asked.make(row, label.next_try_at)
    assert asked.shipments(row) == [MADE]
    assert (len(maker.asked), len(maker.made)) == (1, 1)


def test_a_question_that_was_not_heard_is_asked_again(world, use):
    maker = use(Finder())
    maker.behaviour = Behaviour.NONSENSE
    row = asked.approved(world)
    label = asked.make(row, world.now)
    maker.behaviour = Behaviour.WELL
    asked.make(row, label.next_try_at)
    assert (asked.shipments(row), len(maker.asked), len(maker.made)) == ([MADE], 2, 1)


def test_where_it_can_not_be_looked_for_a_person_looks(world, use):
    maker = use(Courier())
    maker.behaviour = Behaviour.SILENT
    row = asked.approved(world)
    label = asked.make(row, world.now)
    maker.behaviour = Behaviour.WELL
    label = asked.make(row, label.next_try_at)
    assert (label.state, len(maker.asked), asked.shipments(row)) == (LabelState.BY_HAND, 1, [])
    assert StaffTask.objects.get().summary == (
        f"Return {row.number}: Attach a label. Its carrier was asked and did not answer: look there whether "
        "it made one."
    )


class Killed(BaseException):
    """The worker's end."""


@pytest.mark.parametrize("step", ["_answer", "_keep", "_give"])
@pytest.mark.parametrize("when", ["before", "after"])
def test_a_job_that_is_killed_at_any_step_makes_one_label(world, use, monkeypatch, step, when):
    maker = use(Finder())
    row = asked.approved(world)
    real = getattr(asking, step)

    def die(*args, **more):
        if when == "after":
            real(*args, **more)
        raise Killed

    monkeypatch.setattr(asking, step, die)
    with pytest.raises(Killed):
        asked.make(row, world.now)
    monkeypatch.setattr(asking, step, real)
    for hour in range(1, 4):
        service.sweep_labels(now=world.now + hour * HOUR, limit=10)
    assert asked.shipments(row) == [MADE]
    assert len(maker.made) == len(maker.asked) == 1
    assert asked.label(row).state == LabelState.ATTACHED
    assert told.mails(row) == ["return_requested", "return_approved", "return_approved"]


def test_two_jobs_at_once_ask_once(world, use):
    maker = use(Courier())
    row = asked.approved(world)
    maker.watch = lambda: asking.make(label_id=asked.label(row).pk, now=world.now + MINUTE)
    asked.make(row, world.now)
    assert (len(maker.asked), asked.shipments(row)) == (1, [MADE])


def test_a_label_that_came_too_late_is_a_persons(world, use):
    maker = use(Courier())
    row = asked.approved(world)
    maker.watch = lambda: service.cancel(actor=world.buyer, return_id=row.pk, now=world.now)
    assert asked.make(row, world.now).state == LabelState.BY_HAND
    assert StaffTask.objects.get().summary == (
        f"Return {row.number}: If the carrier made a label, cancel it there. The label of ups "
        "1Z999AA10123456784 was made, and the customer does not have it: It is not needed any more"
    )
    assert asked.shipments(row) == []


def test_a_file_that_is_no_label_is_a_persons(world, use, run_jobs):
    maker = use(Courier())
    maker.given["label"] = labels.Label(b"<html>no</html>", "application/pdf")
    row = asked.approved(world)
    run_jobs()
    task = StaffTask.objects.get()
    assert task.summary.startswith(
        f"Return {row.number}: Attach a label. The file that its carrier made can't be used: Send a"
    )


def test_a_number_of_somebody_else_is_a_persons(world, use, run_jobs):
    maker = use(Courier())
    first = world.approve(world.ask((world.apples, 1)))
    run_jobs()
    other = makers.make_order(world.channel, world.customer, lines=(("Pear Juice", 1, "3.00"),))
    makers.fulfill(other, hook=False)
    world.order = other
    second = world.approve(world.ask((makers.gid(other.lines.get()), 1)))
    run_jobs()
    assert (asked.label(first).state, asked.label(second).state) == (LabelState.ATTACHED, LabelState.BY_HAND)
    assert "belongs to another parcel" in asked.label(second).message
    assert len(maker.asked) == 2


def test_a_file_that_is_still_scanned_waits(world, use, monkeypatch):
    answers = [TimeoutError, True]
    monkeypatch.setattr(asking.files.scanning, "scanner", lambda: lambda _content: _next(answers))
    use(Courier())
    row = asked.approved(world)
    label = asked.make(row, world.now)
    assert (label.state, asked.shipments(row)) == (LabelState.MADE, [])
    asking.files.sweep(now=world.now + 3 * MINUTE, limit=10)
    asked.make(row, label.next_try_at)
    assert asked.shipments(row) == [MADE]
    assert Attachment.objects.count() == 1


def _next(answers):
    answer = answers.pop(0)
    if answer is True:
        return True
    raise answer


def test_a_maker_that_was_uninstalled(world, use):
    use(Courier())
    row = asked.approved(world)
    with registry.MAKERS.only():
        assert asked.make(row, world.now).message == "There is no label maker 'courier' any more."


def test_one_that_fails_does_not_stop_the_others(world, use, monkeypatch, caplog):
    maker = use(Courier())
    one, two = world.approve(world.ask((world.apples, 1))), world.approve(world.ask((world.beans, 1)))
    real = asking._claimed

    def fail(label_id, now):
        if label_id == asked.label(one).pk:
            raise RuntimeError("no")
        return real(label_id, now)

    monkeypatch.setattr(asking, "_claimed", fail)
    with caplog.at_level(logging.ERROR):
        assert service.sweep_labels(now=world.now, limit=10) == 2
    assert (asked.label(one).state, asked.label(two).state, len(maker.asked)) == ("waiting", "attached", 1)
    assert HistoryEntry.objects.filter(verb="return_label_asked").count() == 1
