"""What customers and staff say about a return, and who reads it."""

from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from saleor_support_plugin.actors import Actor, ActorKind
from saleor_support_plugin.errors import Code, Invalid, NotThere
from saleor_support_plugin.returns import queries, service
from saleor_support_plugin.returns.authorisation import comments
from saleor_support_plugin.returns.models import ReturnComment, ReturnRule
from saleor_support_plugin.worklist import service as worklist
from saleor_support_plugin.worklist.models import StaffTask, TaskKind
from sandbox import makers
from tests.returns import told


def _say(world, row, text="Hello", actor=None, **more):
    return service.comment(actor=actor or world.buyer, return_id=row.pk, text=text, now=world.now, **more)


def test_a_customers(world):
    row = world.ask()
    made = _say(world, row, " I packed\r\nit. ")
    assert (made.text, made.author_kind, made.author_id, made.is_internal) == (
        "I packed\nit.",
        "customer",
        world.buyer.id,
        False,
    )
    assert told.verbs(row)[-1] == "return_commented"
    assert told.last(row).after == {"comment": made.pk, "is_internal": False}
    assert told.notes(row)[-1] == f"commented by {world.buyer.name}: I packed\nit."
    assert told.mails(row) == ["return_requested"]


def test_what_staff_says_is_mailed(world):
    row, staff = world.ask(), world.staff()
    _say(world, row, "Please use the box.", actor=staff)
    mail = told.mail(row, "return_comment")
    assert (mail.recipient, mail.data["message"], mail.data["staff_name"]) == (
        world.customer.email,
        "Please use the box.",
        staff.name,
    )
    _say(world, row, "Please use the box.", actor=staff)  # said twice is mailed twice
    assert told.mails(row) == ["return_requested", "return_comment", "return_comment"]


def test_mails_name_no_login_of_staff(world):
    row = world.ask()
    _say(world, row, actor=world.staff(email="clerk@shop.example", first_name="", last_name=""))
    assert told.mail(row, "return_comment").data["staff_name"] == ""


def test_staff_elsewhere_are_customers_of_their_own_returns(world, monkeypatch):
    monkeypatch.setattr(comments, "MOST", 1)
    row, person = world.ask(), world.staff(permissions=[])
    type(row).objects.filter(pk=row.pk).update(customer_id=person.id)
    assert _say(world, row, actor=person).author_kind == "customer"
    with pytest.raises(Invalid) as refused:
        _say(world, row, actor=person)
    assert refused.value.code is Code.LIMIT_REACHED


def test_what_staff_says_to_staff_is_not(world):
    row, staff = world.ask(), world.staff()
    made = _say(world, row, "He did this before.", actor=staff, is_internal=True)
    assert told.mails(row) == ["return_requested"]
    assert told.notes(row)[-1] == f"noted by {staff.name}: He did this before."
    assert queries.comments([row.pk], internal=False) == {}
    assert queries.comments([row.pk], internal=True) == {row.pk: [made]}


def test_who_reads_what_is_internal(world):
    row = world.ask()
    assert queries.sees_internal(world.staff(), row)
    for actor in (
        world.buyer,
        world.guest,
        world.staff(channels=[makers.make_channel()]),
        world.staff(permissions=[]),
    ):
        assert not queries.sees_internal(actor, row)


@pytest.mark.parametrize(
    ("more", "field", "code"),
    [
        ({"text": " \n"}, "text", Code.REQUIRED),
        ({"text": "x" * 2001}, "text", Code.TOO_LONG),
        ({"is_internal": True}, "isInternal", Code.INVALID),
        ({"key": "x" * 65}, "key", Code.TOO_LONG),
    ],
)
def test_what_can_not_be_said(world, more, field, code):
    row = world.ask()
    with pytest.raises(Invalid) as refused:
        _say(world, row, **more)
    assert (refused.value.field, refused.value.code) == (field, code)
    assert not ReturnComment.objects.exists()


def test_a_key_says_it_once(world):
    row, staff = world.ask(), world.staff()
    first = _say(world, row, actor=staff, key="k")
    assert _say(world, row, actor=staff, key="k") == first
    for more in ({"text": "Bye"}, {"is_internal": True}):
        with pytest.raises(Invalid) as refused:
            _say(world, row, actor=staff, key="k", **more)
        assert (refused.value.field, refused.value.code) == ("key", Code.CONFLICT)
    assert ReturnComment.objects.count() == 1
    assert told.mails(row) == ["return_requested", "return_comment"]


def test_customers_have_said_enough_at_some_point(world, monkeypatch):
    monkeypatch.setattr(comments, "MOST", 2)
    row, staff = world.ask(), world.staff()
    for actor in (world.buyer, world.guest, staff):
        _say(world, row, actor=actor)
    before = told.count()
    with pytest.raises(Invalid) as refused:
        _say(world, row)
    assert (refused.value.field, refused.value.code) == ("text", Code.LIMIT_REACHED)
    assert told.count() == before
    _say(world, row, actor=staff)


def test_not_yours_is_not_there(world):
    row = world.ask()
    for actor in (
        world.shop.identify(makers.request_for(makers.make_customer())),
        Actor(ActorKind.GUEST, order_id="T3JkZXI6MQ=="),
        world.staff(channels=[makers.make_channel()]),
    ):
        with pytest.raises(NotThere):
            _say(world, row, actor=actor)


def test_an_ended_return_can_be_talked_about(world):
    row = world.ask()
    service.cancel(actor=world.buyer, return_id=row.pk, now=world.now)
    assert _say(world, row, actor=world.guest).author_kind == "guest"


def _tasks(row):
    rows = StaffTask.objects.filter(kind=TaskKind.RETURN_COMMENT, subject=row.subject).order_by("pk")
    return [(one.state, one.summary) for one in rows]


WROTE = "Return {}: the customer wrote about it: answer with a comment."
ANSWERED = "Return {}: the customer answered: decide, or ask again."


@pytest.mark.parametrize("who", ["buyer", "guest"])
def test_staff_hears_of_what_a_customer_says(world, who):
    row = world.ask()
    _say(world, row, "Where do I send it?", actor=getattr(world, who))
    task = StaffTask.objects.get()
    assert (task.kind, task.state, task.subject, task.order_id, task.channel_id, task.created_at) == (
        "return_comment",
        "open",
        row.subject,
        world.order_id,
        makers.gid(world.channel),
        world.now,
    )
    assert task.summary == WROTE.format(row.number)  # the words are kept with the return alone
    _say(world, row, "And what about the box?", actor=getattr(world, who))
    assert _tasks(row) == [("open", WROTE.format(row.number))]


def test_the_same_comment_sent_twice_is_one_task_even_when_it_was_seen_to(world):
    row = world.ask()
    _say(world, row, "Hello", key="a")
    StaffTask.objects.update(state="done")
    _say(world, row, "Hello", key="a")
    assert _tasks(row) == [("done", WROTE.format(row.number))]


def test_after_a_person_closed_it_the_next_words_are_a_task_again(world):
    row, staff = world.ask(), world.staff()
    for _round in range(3):
        _say(world, row)
        task_id = StaffTask.objects.get(state="open").pk
        worklist.complete(actor=staff, task_id=task_id, note="Called.", at=world.now)
    assert [state for state, _summary in _tasks(row)] == ["done"] * 3
    assert StaffTask.objects.filter(key=row.comment_key).count() == 1


def test_what_staff_says_is_no_task(world):
    row, staff = world.ask(), world.staff()
    _say(world, row, actor=staff)
    _say(world, row, actor=staff, is_internal=True)
    service.ask(actor=staff, return_id=row.pk, question="Which one?", now=world.now)
    service.answer(actor=staff, return_id=row.pk, text="The red one, by telephone.", now=world.now)
    assert not StaffTask.objects.exists()


def test_an_answer_is_a_task(world):
    row = world.ask()
    service.ask(actor=world.staff(), return_id=row.pk, question="Which one?", now=world.now)
    service.answer(actor=world.buyer, return_id=row.pk, text="The red one.", now=world.now)
    assert _tasks(row) == [("open", ANSWERED.format(row.number))]
    _say(world, row)
    assert len(_tasks(row)) == 1


DEEDS = {
    "comment": lambda world, row: _say(world, row, actor=world.staff()),
    "ask": lambda world, row: service.ask(
        actor=world.staff(), return_id=row.pk, question="Which one?", now=world.now
    ),
    "approve": lambda world, row: world.approve(row),
    "decline": lambda world, row: service.decline(
        actor=world.staff(), return_id=row.pk, message="It was opened.", now=world.now
    ),
    "cancel": lambda world, row: service.cancel(actor=world.staff(), return_id=row.pk, now=world.now),
    "take back": lambda world, row: service.cancel(actor=world.buyer, return_id=row.pk, now=world.now),
}


@pytest.mark.parametrize("deed", DEEDS)
def test_whoever_sees_to_the_return_closes_it(world, deed):
    row, other = world.ask((world.apples, 1)), world.ask((world.beans, 1))
    _say(world, row)
    _say(world, other)
    DEEDS[deed](world, row)
    assert [state for state, _summary in _tasks(row)] == ["done"]
    assert [state for state, _summary in _tasks(other)] == ["open"]
    task = StaffTask.objects.get(subject=row.subject)
    assert (task.note, task.closed_at) == ("The return was seen to.", world.now)


def test_whoever_settles_closes_it(world):
    row = world.ask((world.apples, 1))
    world.approve(row)
    _say(world, row, "I sent it.")
    world.receive(row)
    service.enter(receipt_id=row.receipts.get().pk, now=world.now)
    assert [state for state, _summary in _tasks(row)] == ["open"]
    world.settle(row, Decimal(0), note="Worn.")
    assert [state for state, _summary in _tasks(row)] == ["done"]


def test_a_note_among_staff_and_what_happens_by_itself_leave_it_open(world):
    row = world.ask()
    world.approve(row)
    _say(world, row, "I am on holiday until June.")
    _say(world, row, "Look at this.", actor=world.staff(), is_internal=True)
    row.refresh_from_db()
    for moment in (row.remind_at, row.send_by + 9 * (row.send_by - world.now)):
        service.sweep_deadlines(now=moment, limit=10)
    row.refresh_from_db()
    service.sweep_deadlines(now=row.send_by, limit=10)
    row.refresh_from_db()
    assert row.authorisation == "expired"
    assert [state for state, _summary in _tasks(row)] == ["open"]


def test_an_approval_by_a_rule_has_read_nothing(world):
    ReturnRule.objects.create(name="All", outcome={"auto_approve": True})
    row = world.ask(actor=world.guest)
    _say(world, row, "Please send somebody to fetch it.", actor=world.guest)
    row = service.confirm(actor=world.staff(), return_id=row.pk, now=world.now)
    assert row.authorisation == "approved"
    assert [state for state, _summary in _tasks(row)] == ["open"]


def test_words_about_a_return_that_has_ended_are_a_task(world):
    row = world.ask()
    service.cancel(actor=world.buyer, return_id=row.pk, now=world.now)
    _say(world, row, "I want it after all.")
    assert [state for state, _summary in _tasks(row)] == ["open"]


def test_it_costs_the_same_however_much_was_said(world):
    row, seen = world.ask(), []
    for number in range(12):
        with CaptureQueriesContext(connection) as queries_of:
            _say(world, row, f"Hello {number}")
        seen.append(len(queries_of))
    assert len(set(seen[1:])) == 1
    assert seen[0] >= seen[1]
