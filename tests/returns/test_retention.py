"""How long closed returns, and what people wrote and showed in them, are kept."""

import datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from saleor_support_plugin.files import storage
from saleor_support_plugin.files.models import Attachment
from saleor_support_plugin.history.models import HistoryEntry
from saleor_support_plugin.refunds.models import Refund
from saleor_support_plugin.returns import retention, service
from saleor_support_plugin.returns.models import (
    Return,
    ReturnComment,
    ReturnLabel,
    ReturnLine,
    ReturnPayout,
    ReturnReceipt,
    ReturnReceiptLine,
    ReturnShipment,
)
from saleor_support_plugin.tracking.models import Parcel
from sandbox import makers
from tests.returns.conftest import settle_down
from tests.returns.told import photo

DAY = datetime.timedelta(days=1)
TABLES = (
    Return, ReturnLine, ReturnComment, ReturnShipment, ReturnLabel, ReturnReceipt, ReturnReceiptLine,
    ReturnPayout,
)  # fmt: skip


@pytest.fixture
def whole(world, now, files_root):
    """A return with everything that can belong to one, completed now; returns its row."""
    evidence = photo(world)
    row = world.ask(
        service.Wish(world.apples, 2, "too_small", note="My belt is 90 cm.", file_ids=(evidence,)),
        comment="We moved.",
    )
    service.comment(actor=world.buyer, return_id=row.pk, text="Ring twice.", now=now)
    world.approve(row, message="Dear Ana")
    service.report_shipment(
        actor=world.buyer, return_id=row.pk, tracking_number="1Z999AA10123456784", carrier="UPS", now=now
    )
    row.shipments.update(label_url="https://labels.example/ana")
    ReturnLabel.objects.create(
        parent=row,
        maker="post",
        state="attached",
        url="https://labels.example/ana",
        message="Ana Prieto does not live at Calle Mayor 1.",
        created_at=now,
    )
    world.receive(row, note="Smells of Ana's dog.")
    settle_down(now)
    row.refresh_from_db()
    assert row.status == "completed"
    assert {table: table.objects.exists() for table in TABLES} == dict.fromkeys(TABLES, True)
    close(now, row)
    return row


def close(at, *rows):
    Return.objects.filter(pk__in=[row.pk for row in rows]).update(closed_at=at)


def words():
    """Everything that people said or showed in returns."""
    said = Return.objects.values_list("email", "address", "comment", "question", "decision_message")
    return [
        *(text for row in said for text in row if text),
        *filter(None, ReturnLine.objects.values_list("note", flat=True)),
        *filter(None, ReturnReceipt.objects.values_list("note", flat=True)),
        *filter(None, ReturnShipment.objects.values_list("label_url", flat=True)),
        *(text for label in ReturnLabel.objects.values_list("url", "message") for text in label if text),
        *ReturnComment.objects.values_list("text", flat=True),
        *Attachment.objects.values_list("name", flat=True),
    ]


def test_words_and_photos_are_forgotten_after_keep_days_and_what_came_back_stays(world, whole, now):
    makers.switch_on(world.channel, keep_days="100")
    name = Attachment.objects.get().storage_name
    assert retention.purge(now=now + 100 * DAY, limit=10) == 0
    assert len(words()) == 11
    at = now + 100 * DAY + datetime.timedelta(seconds=1)
    assert retention.purge(now=at, limit=10) == 1
    assert words() == []
    assert not storage.storage().exists(name)
    whole.refresh_from_db()
    assert (whole.forgotten_at, whole.customer_id) == (at, makers.gid(world.customer))
    line = whole.lines.get()
    assert (line.reason, line.returned_quantity) == ("too_small", 2)
    assert whole.payouts.get().amount == 8
    assert retention.purge(now=at, limit=10) == 0


def test_the_history_forgets_words_and_not_what_was_done(world, now):
    staff = world.staff()
    row = world.ask(actor=staff, override_reason="word of the shop")
    service.ask(actor=staff, return_id=row.pk, question="word of staff", now=now)
    service.answer(actor=world.buyer, return_id=row.pk, text="word of Ana", now=now)
    service.decline(actor=staff, return_id=row.pk, message="word of a clerk", now=now)
    service.reopen(actor=staff, return_id=row.pk, reason="word of a chief", now=now)
    service.cancel(actor=world.buyer, return_id=row.pk, reason="word of farewell", now=now)
    other = world.ask(comment="word of another")
    service.ask(actor=staff, return_id=other.pk, question="word that stays", now=now)

    def said():
        return [str(one).count("word of") for one in HistoryEntry.objects.values_list("after", flat=True)]

    before = list(HistoryEntry.objects.order_by("pk").values_list("verb", "actor_name", "at"))
    assert sum(said()) == 6
    assert retention.purge(now=now + 400 * DAY, limit=10) == 1
    assert sum(said()) == 0
    assert list(HistoryEntry.objects.order_by("pk").values_list("verb", "actor_name", "at")) == before
    canceled = HistoryEntry.objects.get(subject=row.subject, verb="return_canceled")
    assert canceled.after == {"authorisation": "canceled"}
    asked = HistoryEntry.objects.get(subject=other.subject, verb="return_information_requested")
    assert asked.after["question"] == "word that stays"


def test_the_rest_goes_after_keep_history_days_and_money_and_parcels_stay(world, whole, now):
    makers.switch_on(world.channel, keep_days="100", keep_history_days="200")
    assert retention.purge(now=now + 201 * DAY, limit=10) == 1
    assert {table: table.objects.count() for table in TABLES} == dict.fromkeys(TABLES, 0)
    assert not HistoryEntry.objects.filter(subject=whole.subject).exists()
    assert not Attachment.objects.exists()
    assert Refund.objects.get().state == "settled"
    assert Parcel.objects.filter(subject=whole.subject).count() == 1


def test_it_goes_not_before_the_other_returns_of_its_order(world, whole, now):
    other = world.ask((world.beans, 1))
    assert retention.purge(now=now + 2000 * DAY, limit=10) == 1  # forgotten
    assert Return.objects.count() == 2
    service.decline(actor=world.staff(), return_id=other.pk, message="Worn.", now=now + 500 * DAY)
    assert retention.purge(now=now + 1500 * DAY, limit=10) == 1  # the other one is forgotten
    assert Return.objects.count() == 2
    assert retention.purge(now=now + 1596 * DAY, limit=10) == 2
    assert Return.objects.count() == 0


def test_open_ones_stay(world, now):
    world.ask()
    assert retention.purge(now=now + 9000 * DAY, limit=10) == 0
    assert Return.objects.get().email == world.buyer.email


def test_taken_up_again_and_closed_again_it_is_forgotten_again(world, now):
    row = world.ask()
    service.decline(actor=world.staff(), return_id=row.pk, message="Worn.", now=now)
    assert retention.purge(now=now + 400 * DAY, limit=10) == 1
    at = now + 401 * DAY
    service.reopen(actor=world.staff(), return_id=row.pk, reason="A mistake", now=at)
    service.decline(actor=world.staff(), return_id=row.pk, message="Worn, though.", now=at)
    assert retention.purge(now=at + 366 * DAY, limit=10) == 1
    assert words() == []


def test_a_photo_that_can_not_be_deleted_keeps_its_return_for_the_next_time(whole, now, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(storage, "delete", lambda _name: False)
        assert retention.purge(now=now + 2000 * DAY, limit=10) == 0
    assert (Return.objects.count(), Attachment.objects.count()) == (1, 1)
    assert retention.purge(now=now + 2000 * DAY, limit=10) == 1
    assert (Return.objects.count(), Attachment.objects.count()) == (0, 0)


def test_no_more_files_in_a_run_than_the_storage_bears(world, whole, now, monkeypatch):
    monkeypatch.setattr(retention, "FILES", 0)
    assert retention.purge(now=now + 2000 * DAY, limit=10) == 0
    assert (Return.objects.count(), Attachment.objects.count()) == (1, 1)


def declined(count, closed_at):
    Return.objects.bulk_create(
        Return(
            order_id=f"o{number}-{closed_at}",
            order_number="1",
            channel_id=f"c{number % 3}",
            currency="EUR",
            authorisation="declined",
            closed_at=closed_at - number * DAY,
        )
        for number in range(count)
    )


def test_a_bounded_number_those_closed_first_first(shop, now):
    declined(3, now - 2000 * DAY)
    Return.objects.update(channel_id="c", forgotten_at=now)
    assert retention.purge(now=now, limit=2) == 2
    assert Return.objects.get().closed_at == now - 2000 * DAY


def test_it_costs_the_same_for_ten_and_a_hundred(shop, now):
    costs = []
    for count in (10, 100):
        declined(count, now - 400 * DAY)
        declined(count, now - 2000 * DAY)
        with CaptureQueriesContext(connection) as spent:
            assert retention.purge(now=now, limit=1000) == 2 * count
        costs.append(len(spent))
    assert costs[0] == costs[1]
