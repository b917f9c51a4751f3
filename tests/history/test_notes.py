"""Notes in the shop's timeline: once, later, and never in the way."""

import datetime

import pytest

from saleor_support_plugin.history import notes
from saleor_support_plugin.history.models import NoteState, OrderNote
from saleor_support_plugin.shop.commands import AddNote
from saleor_support_plugin.shop.errors import ShopRefused, ShopUnavailable
from sandbox import makers, models
from tests.refunds.kills import Killed, boundaries

MINUTE = datetime.timedelta(minutes=1)


@pytest.fixture
def order_id(shop):
    return makers.gid(makers.make_order(makers.make_channel()))


def _write(order_id, now, reference="return:1:requested"):
    return notes.write(order_id=order_id, reference=reference, message="Return R10001 requested", now=now)


def _posted():
    return list(models.Note.objects.filter(type="note_added").values_list("message", flat=True))


def test_written_then_posted_by_the_job(order_id, now, run_jobs):
    note = _write(order_id, now)
    assert _posted() == []
    run_jobs()
    note.refresh_from_db()
    assert (note.state, _posted()) == (NoteState.POSTED, ["Return R10001 requested"])


def test_once(order_id, now):
    note = _write(order_id, now)
    assert _write(order_id, now) == note
    for _ in range(3):
        notes.post(note_id=note.pk)
        notes.sweep(now=now, limit=10)
    notes.post(note_id=note.pk + 1)
    assert _posted() == ["Return R10001 requested"]


def test_a_refused_note_is_not_tried_again(order_id, shop, now):
    note = _write(order_id, now)
    shop.trouble(AddNote, ShopRefused("No notes."))
    notes.post(note_id=note.pk)
    notes.sweep(now=now, limit=10)
    note.refresh_from_db()
    assert (note.state, note.refusal, _posted()) == (NoteState.REFUSED, "No notes.", [])


def test_an_order_that_is_gone(shop, now):
    note = _write("T3JkZXI6bm9uZQ==", now)
    notes.post(note_id=note.pk)
    note.refresh_from_db()
    assert note.state == NoteState.REFUSED


def test_a_shop_that_is_down(order_id, shop, now):
    note = _write(order_id, now)
    shop.trouble(AddNote, ShopUnavailable("Down."))
    with pytest.raises(ShopUnavailable):
        notes.post(note_id=note.pk)
    note.refresh_from_db()
    assert note.state == NoteState.PENDING
    assert notes.sweep(now=now, limit=10) == 1
    assert _posted() == ["Return R10001 requested"]


def test_the_sweep_is_bounded_and_one_failure_stops_nobody(order_id, shop, now):
    for number in range(4):
        _write(order_id, now, f"return:{number}")
    shop.trouble(AddNote, ShopUnavailable("Down."))
    assert [notes.sweep(now=now + number * MINUTE, limit=2) for number in (1, 2, 3, 4)] == [2, 2, 1, 0]
    assert len(_posted()) == 4


def test_killed_at_every_boundary(order_id, now):
    fatal, died = 0, True
    while died:
        fatal += 1
        note = _write(order_id, now, f"return:{fatal}")
        died = False
        with boundaries(fatal):
            try:
                notes.post(note_id=note.pk)
            except Killed:
                died = True
        notes.sweep(now=now, limit=10)
        assert len(_posted()) == fatal
        assert not OrderNote.objects.exclude(state=NoteState.POSTED).exists()
    assert fatal > 8


def test_old_notes_are_purged_and_never_posted_again(order_id, now):
    waiting, old = _write(order_id, now, "waiting"), _write(order_id, now, "old")
    notes.post(note_id=old.pk)
    assert notes.purge(now=now + datetime.timedelta(days=90), limit=10) == 0
    late = now + datetime.timedelta(days=90, seconds=1)
    assert notes.purge(now=late, limit=0) == 0
    assert notes.purge(now=late, limit=10) == 1
    assert list(OrderNote.objects.all()) == [waiting]
    notes.post(note_id=_write(order_id, late, "old").pk)
    assert len(_posted()) == 1
