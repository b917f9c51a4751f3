"""Questions and answers before the decision, and refusals."""

import datetime

import pytest

from saleor_support_plugin.errors import Code, Invalid, NotThere, WrongState
from saleor_support_plugin.files.models import Attachment
from saleor_support_plugin.returns import queries, service
from saleor_support_plugin.returns.authorisation import approval
from saleor_support_plugin.returns.models import ReturnComment, ReturnStatus
from sandbox import makers
from tests.returns import told

HOUR = datetime.timedelta(hours=1)
DAY = 24 * HOUR


def _ask(world, row, question="Which size is it?", now=None):
    return service.ask(actor=world.staff(), return_id=row.pk, question=question, now=now or world.now)


def _answer(world, row, text="Size M.", now=None, actor=None, **more):
    return service.answer(
        actor=actor or world.buyer, return_id=row.pk, text=text, now=now or world.now, **more
    )


def test_a_question(world):
    row = world.ask()
    row = _ask(world, row, " Which size\r\nis it? ")
    assert (row.status, row.question, row.asked_at, row.answer_by) == (
        ReturnStatus.NEEDS_INFORMATION,
        "Which size\nis it?",
        world.now,
        datetime.datetime(2024, 5, 2, tzinfo=datetime.UTC),
    )
    mail = told.mail(row, "return_needs_information").data
    assert (mail["question"], mail["answer_by"]) == ("Which size\nis it?", "2024-05-01")
    assert told.verbs(row) == ["return_requested", "return_information_requested"]
    assert told.notes(row)[-1].endswith("asks: Which size\nis it?")
    assert [(one.text, one.is_internal) for one in queries.comments([row.pk], internal=False)[row.pk]] == [
        ("Which size\nis it?", False)
    ]
    # The goods stay held.
    assert [one.quantity for one in queries.taken(world.order_id)] == [2]


def test_an_answer_moves_the_promise_by_the_time_it_took(world):
    """Promised for Thursday noon (8 hours of Mon-Fri 9-17 from Wednesday noon); asked after two hours."""
    row = world.ask()
    promised = row.decide_by
    assert promised == datetime.datetime(2024, 4, 18, 12, tzinfo=datetime.UTC)
    _ask(world, row, now=world.now + 2 * HOUR)
    row = _answer(world, row, now=world.now + 5 * DAY)
    # Monday noon: 6 of the 8 hours were left.
    assert row.decide_by == datetime.datetime(2024, 4, 23, 10, tzinfo=datetime.UTC)
    assert (row.status, row.asked_at) == (ReturnStatus.REQUESTED, None)
    assert told.last(row).after["decide_by"] == row.decide_by.isoformat()
    assert told.verbs(row)[-1] == "return_information_provided"
    assert told.notes(row)[-1].endswith(": Size M.")
    assert told.mails(row) == ["return_requested", "return_needs_information"]


def test_a_question_after_the_promised_moment_gives_no_new_time(world):
    row = world.ask()
    _ask(world, row, now=world.now + 5 * DAY)
    row = _answer(world, row, now=world.now + 6 * DAY)
    assert row.decide_by == world.now + 6 * DAY


def test_more_may_be_added_until_it_is_decided(world):
    row = world.ask()
    _ask(world, row)
    promised = _answer(world, row).decide_by
    row = _answer(world, row, "And blue.", now=world.now + HOUR)
    assert (row.status, row.decide_by) == (ReturnStatus.REQUESTED, promised)
    said = [one.text for one in queries.comments([row.pk], internal=False)[row.pk]]
    assert said == ["Which size is it?", "Size M.", "And blue."]
    world.approve(row)
    with pytest.raises(WrongState):
        _answer(world, row)


def test_files_come_with_the_answer(world):
    row = world.ask()
    _ask(world, row)
    picture = told.photo(world)
    _answer(world, row, file_ids=[picture])
    file = Attachment.objects.get(pk=picture)
    assert (file.subject, file.part) == (row.subject, "answer")
    assert told.last(row).after["files"] == [picture]


def test_a_key_answers_once(world):
    row = world.ask()
    _ask(world, row)
    picture, other = told.photo(world), told.photo(world)
    _answer(world, row, file_ids=[picture], key="k")
    before = told.count(), ReturnComment.objects.count()
    assert _answer(world, row, file_ids=[picture], key="k") == row
    for more in ({"text": "Size L."}, {"file_ids": [picture, other]}, {"file_ids": []}):
        with pytest.raises(Invalid) as refused:
            _answer(world, row, key="k", **{"file_ids": [picture], **more})
        assert (refused.value.field, refused.value.code) == ("key", Code.CONFLICT)
    assert (told.count(), ReturnComment.objects.count()) == before
    _answer(world, row, key="k2")
    assert ReturnComment.objects.count() == before[1] + 1
    # A request that timed out is sent again when the shop has decided already.
    world.approve(row)
    assert _answer(world, row, file_ids=[picture], key="k").status is ReturnStatus.APPROVED


def test_a_key_of_a_comment_is_no_answer(world):
    row = world.ask()
    service.comment(actor=world.buyer, return_id=row.pk, text="Size M.", key="k", now=world.now)
    _ask(world, row)
    with pytest.raises(Invalid) as refused:
        _answer(world, row, key="k")
    assert (refused.value.field, refused.value.code) == ("key", Code.CONFLICT)
    row.refresh_from_db()
    assert row.status is ReturnStatus.NEEDS_INFORMATION


def test_an_answer_has_ten_files_at_most(world):
    row = world.ask()
    _ask(world, row)
    before = told.count()
    with pytest.raises(Invalid) as refused:
        _answer(world, row, file_ids=list(range(1, 12)))
    assert (refused.value.field, refused.value.code) == ("fileIds", Code.TOO_MANY)
    assert told.count() == before


def test_files_that_are_not_there_change_nothing(world):
    row = world.ask()
    _ask(world, row)
    before = told.count(), ReturnComment.objects.count()
    with pytest.raises(NotThere) as refused:
        _answer(world, row, file_ids=[404])
    assert refused.value.field == "fileIds"
    assert (told.count(), ReturnComment.objects.count()) == before


def test_guests_answer_and_strangers_do_not(world):
    row = world.ask()
    _ask(world, row)
    stranger = world.shop.identify(makers.request_for(makers.make_customer()))
    with pytest.raises(NotThere):
        _answer(world, row, actor=stranger)
    assert _answer(world, row, actor=world.guest).status is ReturnStatus.REQUESTED


def test_nobody_asked(world):
    row = world.ask()
    with pytest.raises(WrongState, match="Nobody waits for an answer"):
        _answer(world, row)
    row = _ask(world, row)
    with pytest.raises(WrongState):
        _ask(world, row)
    world.approve(row)  # staff may decide without the answer
    with pytest.raises(WrongState):
        _ask(world, row)


@pytest.mark.parametrize(("words", "code"), [(" \n\0", Code.REQUIRED), ("x" * 2001, Code.TOO_LONG)])
def test_words_that_can_not_be_used(world, words, code):
    row = world.ask()
    calls = {
        "question": lambda: _ask(world, row, words),
        "message": lambda: service.decline(
            actor=world.staff(), return_id=row.pk, message=words, now=world.now
        ),
        "text": lambda: _answer(world, row, words),
    }
    for field, call in calls.items():
        with pytest.raises(Invalid) as refused:
            call()
        assert (refused.value.field, refused.value.code) == (field, code)
    assert told.verbs(row) == ["return_requested"]


def test_a_refusal(world):
    row = world.ask()
    staff = world.staff()
    row = service.decline(actor=staff, return_id=row.pk, message="It was worn.", now=world.now)
    assert (row.status, row.decision_message, row.closed_at) == (
        ReturnStatus.DECLINED,
        "It was worn.",
        world.now,
    )
    assert told.mail(row, "return_declined").data["reason"] == "It was worn."
    assert told.verbs(row)[-1] == "return_declined"
    assert told.notes(row)[-1] == f"declined by {staff.name}: It was worn."
    assert queries.taken(world.order_id) == []
    world.ask((world.apples, 3))  # the goods are free again


def test_a_refusal_without_an_answer(world):
    row = world.ask()
    _ask(world, row)
    row = service.decline(actor=world.staff(), return_id=row.pk, message="Too late.", now=world.now)
    assert (row.status, row.asked_at) == (ReturnStatus.DECLINED, None)


def test_only_what_waits_can_be_refused(world):
    row = world.approve(world.ask())
    with pytest.raises(WrongState):
        service.decline(actor=world.staff(), return_id=row.pk, message="No.", now=world.now)
    waiting = world.ask((world.beans, 1), actor=world.guest)
    with pytest.raises(WrongState):
        service.decline(actor=world.staff(), return_id=waiting.pk, message="No.", now=world.now)


def test_nobody_refuses_a_withdrawal_in_time(world, monkeypatch):
    monkeypatch.setattr(approval, "by_rule", lambda *_args: False)  # it waits for a person
    row = world.ask((world.apples, 1), kind="withdrawal")
    row = service.confirm(actor=world.buyer, return_id=row.pk, now=world.now)
    assert row.status is ReturnStatus.REQUESTED
    for prepare in (lambda: None, lambda: _ask(world, row)):
        prepare()
        before = told.count()
        with pytest.raises(Invalid, match="which is a right") as refused:
            service.decline(actor=world.staff(), return_id=row.pk, message="No.", now=world.now)
        assert refused.value.field == "id"
        assert told.count() == before


def test_nor_a_part_of_it_nor_by_the_back_door(world, monkeypatch):
    monkeypatch.setattr(approval, "by_rule", lambda *_args: False)
    row = world.ask((world.apples, 2), kind="withdrawal")
    service.confirm(actor=world.buyer, return_id=row.pk, now=world.now)
    before = told.count()
    with pytest.raises(Invalid, match="approve all of it") as refused:
        world.approve(row, quantities={world.apples: 1})
    assert refused.value.field == "quantities"
    with pytest.raises(Invalid, match="took that back") as refused:
        service.cancel(actor=world.staff(), return_id=row.pk, now=world.now)
    assert (refused.value.field, refused.value.code) == ("reason", Code.REQUIRED)
    assert told.count() == before
    row = service.cancel(
        actor=world.staff(), return_id=row.pk, reason="She wants it after all.", now=world.now
    )
    assert row.status is ReturnStatus.CANCELED


def test_the_customer_takes_a_withdrawal_back_without_a_word(world):
    row = world.ask((world.apples, 2), kind="withdrawal")
    service.confirm(actor=world.buyer, return_id=row.pk, now=world.now)
    row = service.cancel(actor=world.buyer, return_id=row.pk, now=world.now)
    assert row.status is ReturnStatus.CANCELED


def test_one_that_came_too_late_may_be_refused(world):
    told.delivered(world, world.now)
    row = world.ask(
        (world.apples, 1),
        kind="withdrawal",
        actor=world.staff(),
        override_reason="Let's see.",
        now=world.now + 400 * DAY,
    )
    assert row.decision["in_time"] is False
    row = service.decline(actor=world.staff(), return_id=row.pk, message="Too late.", now=world.now)
    assert row.status is ReturnStatus.DECLINED
