"""A carrier makes the label of an approved return: once, outside of transactions, or a person does."""

import datetime
import logging

import pytest
from django.db import connection

from saleor_support_plugin import jobs, tasks
from saleor_support_plugin.errors import Errors
from saleor_support_plugin.files.models import Attachment
from saleor_support_plugin.history.models import HistoryEntry
from saleor_support_plugin.returns import labels, options, service
from saleor_support_plugin.returns.labels import asking, registry
from saleor_support_plugin.returns.labels.contract import Behaviour
from saleor_support_plugin.returns.models import (
    LabelState,
    Logistics,
    ReasonList,
    Return,
    ReturnLabel,
    ReturnReason,
    ShipmentState,
)
from saleor_support_plugin.tracking.models import Parcel
from saleor_support_plugin.worklist.models import StaffTask, TaskKind
from sandbox import makers
from tests.returns import told
from tests.returns.labels.courier import PDF, Courier, Finder

MINUTE = datetime.timedelta(minutes=1)
HOUR = 60 * MINUTE
LINK = labels.Label(url="https://labels.example.com/7", carrier="dhl", tracking_number="00340434292135100186")


@pytest.fixture(autouse=True)
def _registry(monkeypatch, files_root):
    monkeypatch.setattr(registry, "_registered", {})
    labels.known.cache_clear()
    yield
    labels.known.cache_clear()


@pytest.fixture
def use(world):
    """``use(maker, …)``: this maker makes the channel's labels, with these options besides."""

    def choose(maker, *, always=True, **more):
        labels.register(maker)
        makers.switch_on(world.channel, label_api_key="the-key")
        values = {"label_maker": maker.name, "label_always": always, **more}
        channel_id = makers.gid(world.channel)
        options.update(actor=world.staff(), channel_id=channel_id, values=values, now=world.now)
        return maker

    return choose


def _approved(world, **more):
    return world.approve(world.ask((world.apples, 2), (world.beans, 1), **more))


def _label(row):
    return ReturnLabel.objects.get(parent=row)


def _make(row, now):
    asking.make(label_id=_label(row).pk, now=now)
    return _label(row)


def _shipments(row):
    found = row.shipments.order_by("pk")
    return [(one.state, one.carrier, one.tracking_number, one.label_url, bool(one.label_id)) for one in found]


MADE = (ShipmentState.LABEL_SENT, "ups", "1Z999AA10123456784", "", True)


def test_the_customer_gets_the_label_by_a_mail_of_its_own(world, use, run_jobs, clock):
    maker = use(Courier(), address="Warehouse Oslo\n\nHavnegata 1 \n0150 Oslo", destination="Oslo")
    row = _approved(world)
    first = told.mail(row, "return_approved").data
    assert (first["label_follows"], first["label_ready"], first["label_url"]) == (True, False, "")
    assert maker.asked == []  # a job asks, after the commit
    run_jobs()
    [(request, settings)] = maker.asked
    assert (settings.api_key, settings.channel) == ("the-key", world.channel.slug)
    assert "the-key" not in repr(settings)
    assert (request.number, request.order_number) == (row.number, row.order_number)
    assert request.reference == f"return:{row.pk}:label:{_label(row).pk}"
    assert [(one.name, one.sku != "", one.quantity, one.grams) for one in request.goods] == [
        ("Apple Juice", request.goods[0].sku != "", 2, None),
        ("Bean Juice", request.goods[1].sku != "", 1, None),
    ]
    assert [str(one.unit_price.normalize()) for one in request.goods] == ["4", "6.5"]
    assert {one.currency for one in request.goods} == {row.currency}
    assert request.sender == world.shop.order(row.order_id).shipping_address
    assert request.country == row.country
    assert request.receiver == ("Warehouse Oslo", "Havnegata 1", "0150 Oslo")
    assert request.destination == "Oslo"
    row.refresh_from_db()
    assert (_label(row).state, _label(row).next_try_at) == (LabelState.ATTACHED, None)
    assert _shipments(row) == [MADE]
    assert row.logistics == Logistics.LABEL_SENT
    assert told.mails(row) == ["return_requested", "return_approved", "return_approved"]
    second = told.last_mail(row).data
    assert (second["label_follows"], second["label_ready"]) == (False, True)
    file = Attachment.objects.get(pk=row.shipments.get().label_id)
    assert (file.name, file.content_type, file.size) == (
        f"label-{row.number}.pdf",
        "application/pdf",
        len(PDF),
    )
    assert Parcel.objects.get(subject=row.subject).tracking_key == "1Z999AA10123456784"
    assert StaffTask.objects.count() == 0
    assert told.verbs(row)[2:] == ["return_label_asked", "return_label_attached"]


def test_a_label_may_be_an_address(world, use, run_jobs):
    maker = use(Courier())
    maker.given["label"] = LINK
    row = _approved(world)
    run_jobs()
    assert _shipments(row) == [(ShipmentState.LABEL_SENT, "dhl", LINK.tracking_number, LINK.url, False)]
    assert told.last_mail(row).data["label_url"] == LINK.url


def test_no_transaction_is_open_while_the_carrier_is_asked(world, use):
    maker = use(Courier())
    row = _approved(world)
    maker.watch = lambda: states.append(_label(row).state)
    states = []
    _make(row, world.now)
    assert states == [LabelState.ASKED]  # committed before the carrier is asked
    assert maker.depths == {len(connection.savepoint_ids)}


@pytest.mark.parametrize(("reason", "asked"), [("damaged", 1), ("", 0)])
def test_only_where_the_shop_pays_unless_always(world, use, run_jobs, reason, asked):
    maker = use(Courier(), always=False)
    if reason:
        ReturnReason.objects.create(code="faulty", list=ReasonList.FAULT, label="Faulty", is_free=True)
        row = world.ask((world.apples, 1, "faulty"), kind="claim", comment="It is broken.")
    else:
        row = world.ask((world.apples, 1))
    row = world.approve(row, keep=False)
    run_jobs()
    assert len(maker.asked) == asked
    assert bool(told.mails(row).count("return_approved") == 2) is bool(asked)


def test_none_for_goods_that_stay_and_none_where_no_maker_is_chosen(world, use, run_jobs):
    row = _approved(world)
    assert not told.mail(row, "return_approved").data["label_follows"]
    maker = use(Courier())
    world.approve(world.ask((world.apples, 1)), keep=True, override_reason="Cheap.")
    run_jobs()
    assert maker.asked == []
    assert ReturnLabel.objects.count() == 0


def test_a_carrier_that_is_away_is_asked_later_and_later(world, use):
    maker = use(Courier())
    maker.behaviour = Behaviour.AWAY
    row, now = _approved(world), world.now
    waits = []
    while (label := _label(row)).state == LabelState.WAITING:
        now = label.next_try_at
        asking.make(label_id=label.pk, now=now - MINUTE)  # not before its time
        label = _make(row, now)
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
    row = _approved(world)
    assert _make(row, world.now).next_try_at == world.now + HOUR
    maker.behaviour = Behaviour.WELL
    assert _make(row, world.now + HOUR).state == LabelState.ATTACHED
    assert _shipments(row) == [MADE]


def test_what_a_carrier_refuses_is_a_persons(world, use, run_jobs):
    maker = use(Courier())
    maker.behaviour = Behaviour.REFUSES
    row = _approved(world)
    run_jobs()
    task = StaffTask.objects.get()
    assert task.summary == f"Return {row.number}: Attach a label. No parcels from Spain."
    assert (_label(row).state, _label(row).message) == (LabelState.BY_HAND, "No parcels from Spain.")
    assert len(maker.asked) == 1
    staff = world.staff()
    service.attach_label(actor=staff, return_id=row.pk, url="https://example.com/l", now=world.now + HOUR)
    task.refresh_from_db()
    assert (task.state, task.note) == ("done", "The customer has a label.")


def test_an_answer_that_never_came_is_looked_for(world, use):
    maker = use(Finder())
    maker.behaviour = Behaviour.SILENT
    row = _approved(world)
    label = _make(row, world.now)
    assert (label.state, label.next_try_at) == (LabelState.ASKED, world.now + 5 * MINUTE)
    maker.behaviour = Behaviour.AWAY  # when it is looked for: still nobody knows
    label = _make(row, label.next_try_at)
    assert label.state == LabelState.ASKED
    maker.behaviour = Behaviour.WELL
    _make(row, label.next_try_at)
    assert _shipments(row) == [MADE]
    assert (len(maker.asked), len(maker.made)) == (1, 1)


def test_a_question_that_was_not_heard_is_asked_again(world, use):
    maker = use(Finder())
    maker.behaviour = Behaviour.NONSENSE
    row = _approved(world)
    label = _make(row, world.now)
    maker.behaviour = Behaviour.WELL
    _make(row, label.next_try_at)
    assert (_shipments(row), len(maker.asked), len(maker.made)) == ([MADE], 2, 1)


def test_where_it_can_not_be_looked_for_a_person_looks(world, use):
    maker = use(Courier())
    maker.behaviour = Behaviour.SILENT
    row = _approved(world)
    label = _make(row, world.now)
    maker.behaviour = Behaviour.WELL
    label = _make(row, label.next_try_at)
    assert (label.state, len(maker.asked), _shipments(row)) == (LabelState.BY_HAND, 1, [])
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
    row = _approved(world)
    real = getattr(asking, step)

    def die(*args, **more):
        if when == "after":
            real(*args, **more)
        raise Killed

    monkeypatch.setattr(asking, step, die)
    with pytest.raises(Killed):
        _make(row, world.now)
    monkeypatch.setattr(asking, step, real)
    for hour in range(1, 4):
        service.sweep_labels(now=world.now + hour * HOUR, limit=10)
    assert _shipments(row) == [MADE]
    assert len(maker.made) == len(maker.asked) == 1
    assert _label(row).state == LabelState.ATTACHED
    assert told.mails(row) == ["return_requested", "return_approved", "return_approved"]


def test_two_jobs_at_once_ask_once(world, use):
    maker = use(Courier())
    row = _approved(world)
    maker.watch = lambda: asking.make(label_id=_label(row).pk, now=world.now + MINUTE)
    _make(row, world.now)
    assert (len(maker.asked), _shipments(row)) == (1, [MADE])


def test_nobody_is_asked_for_what_nobody_needs_any_more(world, use):
    maker = use(Courier())
    by_staff = _approved(world)
    service.attach_label(
        actor=world.staff(), return_id=by_staff.pk, url="https://example.com/l", now=world.now
    )
    taken_back = world.approve(world.ask((world.beans, 1)))
    service.cancel(actor=world.buyer, return_id=taken_back.pk, now=world.now)
    for row in (by_staff, taken_back):
        assert _make(row, world.now).state == LabelState.DROPPED
    assert maker.asked == []
    assert StaffTask.objects.count() == 0


def test_a_label_that_came_too_late_is_a_persons(world, use):
    maker = use(Courier())
    row = _approved(world)
    maker.watch = lambda: service.cancel(actor=world.buyer, return_id=row.pk, now=world.now)
    assert _make(row, world.now).state == LabelState.BY_HAND
    assert StaffTask.objects.get().summary == (
        f"Return {row.number}: If the carrier made a label, cancel it there. The label of ups "
        "1Z999AA10123456784 was made, and the customer does not have it: It is not needed any more"
    )
    assert _shipments(row) == []


def test_a_file_that_is_no_label_is_a_persons(world, use, run_jobs):
    maker = use(Courier())
    maker.given["label"] = labels.Label(b"<html>no</html>", "application/pdf")
    row = _approved(world)
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
    assert (_label(first).state, _label(second).state) == (LabelState.ATTACHED, LabelState.BY_HAND)
    assert "belongs to another parcel" in _label(second).message
    assert len(maker.asked) == 2


def test_a_file_that_is_still_scanned_waits(world, use, monkeypatch):
    answers = [TimeoutError, True]
    monkeypatch.setattr(asking.files.scanning, "scanner", lambda: lambda _content: _next(answers))
    use(Courier())
    row = _approved(world)
    label = _make(row, world.now)
    assert (label.state, _shipments(row)) == (LabelState.MADE, [])
    asking.files.sweep(now=world.now + 3 * MINUTE, limit=10)
    _make(row, label.next_try_at)
    assert _shipments(row) == [MADE]
    assert Attachment.objects.count() == 1


def _next(answers):
    answer = answers.pop(0)
    if answer is True:
        return True
    raise answer


def test_approved_once_more_is_a_persons(world, use, run_jobs):
    maker = use(Courier())
    row = _approved(world)
    run_jobs()
    for moment in (row.remind_at, row.send_by):
        service.sweep_deadlines(now=moment, limit=10)
    assert Return.objects.get(pk=row.pk).authorisation == "expired"
    later = row.send_by + HOUR
    service.reopen(actor=world.staff(), return_id=row.pk, reason="It came.", now=later)
    run_jobs()
    assert len(maker.asked) == 1
    task = StaffTask.objects.get(kind=TaskKind.RETURN_LABEL)
    assert "approved once more" in task.summary
    assert told.last_mail(row).data["label_follows"] is True


def test_a_maker_that_was_uninstalled(world, use, monkeypatch):
    use(Courier())
    row = _approved(world)
    monkeypatch.setattr(registry, "_registered", {})
    labels.known.cache_clear()
    assert _make(row, world.now).message == "There is no label maker 'courier' any more."


def test_only_makers_that_are_there_can_be_chosen(world, use):
    use(Courier())
    labels.register(Finder())
    change = {"actor": world.staff(), "channel_id": makers.gid(world.channel), "now": world.now}
    with pytest.raises(Errors) as caught:
        options.update(values={"label_maker": "pigeon"}, **change)
    [error] = caught.value.errors
    assert (error.field, error.message) == (
        "labelMaker",
        "There is no label maker of this name. There are: courier, finder.",
    )
    registry._registered.clear()
    labels.known.cache_clear()
    options.update(values={"send_days": 20}, **change)  # what was chosen before is nobody's hindrance
    assert options.update(values={"label_maker": ""}, **change).label_maker == ""


def test_one_that_fails_does_not_stop_the_others(world, use, monkeypatch, caplog):
    maker = use(Courier())
    one, two = world.approve(world.ask((world.apples, 1))), world.approve(world.ask((world.beans, 1)))
    real = asking._claimed

    def fail(label_id, now):
        if label_id == _label(one).pk:
            raise RuntimeError("no")
        return real(label_id, now)

    monkeypatch.setattr(asking, "_claimed", fail)
    with caplog.at_level(logging.ERROR):
        assert service.sweep_labels(now=world.now, limit=10) == 2
    assert (_label(one).state, _label(two).state, len(maker.asked)) == ("waiting", "attached", 1)
    assert HistoryEntry.objects.filter(verb="return_label_asked").count() == 1


def test_its_jobs(world, use, clock):
    maker = use(Courier())
    row = _approved(world)
    assert jobs.PERIODIC["sweep_return_labels"] == 2 * MINUTE
    tasks.sweep_return_labels()
    assert (len(maker.asked), _shipments(row)) == (1, [MADE])
