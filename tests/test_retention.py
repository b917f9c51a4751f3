"""Every table has a rule of how long its rows are kept; the hourly job holds to those with a date."""

import datetime
from pathlib import Path

import pytest
from django.apps import apps
from django.db import connection
from django.test.utils import CaptureQueriesContext

from saleor_support_plugin import tasks
from saleor_support_plugin.access.models import GuestAccessRequest, GuestGrant
from saleor_support_plugin.actors import SYSTEM
from saleor_support_plugin.errors import Invalid
from saleor_support_plugin.files.models import Attachment
from saleor_support_plugin.history import retention
from saleor_support_plugin.history import service as history
from saleor_support_plugin.history.models import HistoryEntry, OrderNote
from saleor_support_plugin.notifications.models import DeliveryEvent, Notification, Suppression
from saleor_support_plugin.returns.models import Return
from saleor_support_plugin.shop.acts import ShopAct
from saleor_support_plugin.tracking.models import DispatchWatch, TrackingEvent, TrackingPayload
from saleor_support_plugin.worklist import retention as worklist_retention
from saleor_support_plugin.worklist import service as worklist
from saleor_support_plugin.worklist.models import StaffTask, TaskKind
from sandbox import makers

DAY = datetime.timedelta(days=1)
PAGE = (Path(__file__).parents[1] / "docs" / "retention.md").read_text(encoding="utf-8")


def _request(at, number):
    return GuestAccessRequest(channel="c", order_number=number, email="a@b.example", created_at=at)


def _grant(at, number):
    return GuestGrant(
        order_id=number, channel_id="c", order_number=number, email="a@b.example", expires_at=at
    )


def _entry(at, number):
    return HistoryEntry(subject=f"ticket:{number}", verb="ticket_closed", actor_kind="staff", at=at)


def _note(at, number):
    return OrderNote(reference=number, order_id="o", message="m", state="posted", checked_at=at)


def _notification(at, number):
    return Notification(
        kind="delivered", subject=number, recipient="a@b.example", occasion="", channel_id="c", order_id="o",
        order_number="1", state="accepted", finished_at=at,
    )  # fmt: skip


def _suppression(at, number):
    return Suppression(email=f"{number}@b.example", reason="bounced", until=at)


def _event(at, number):
    return DeliveryEvent(
        provider="p",
        event_id=number,
        channel_id="c",
        type="sent",
        happened_at=at,
        received_at=at,
        state="applied",
    )


def _act(at, number):
    return ShopAct(reference=number, command="AddNote", state="done", created_at=at)


def _watch(at, number):
    return DispatchWatch(
        order_id=number, channel_id="c", started_at=at, due_at=at, state="ended", ended_at=at
    )


def _task(at, number):
    return StaffTask(
        kind=TaskKind.MAIL_FAILED,
        key=number,
        subject="x",
        channel_id="c",
        summary="s",
        state="done",
        closed_at=at,
    )


def _payload(at, number):
    return TrackingPayload(
        channel_id="c", adapter="a", digest=number, body="{}", state="unreadable", received_at=at
    )


def _file(at, number):
    return Attachment(
        order_id="o", channel_id="c", uploader_kind="guest", name="a.png", content_type="image/png", size=1,
        storage_name=number, created_at=at,
    )  # fmt: skip


def _return(at, number):
    return Return(
        order_id=number, order_number=number, channel_id="c", currency="EUR", authorisation="declined",
        closed_at=at, forgotten_at=at,
    )  # fmt: skip


def _scan(at, number):
    return TrackingEvent(channel_id="c", key=number, code="x", happened_at=at, source="s", received_at=at)


# Days that a row is kept after the date it is made with, and how one is made.
DATED = {
    "Attachment": (1, _file),
    "GuestAccessRequest": (30, _request),
    "GuestGrant": (30, _grant),
    "HistoryEntry": (1095, _entry),
    "OrderNote": (90, _note),
    "Return": (1095, _return),
    "Notification": (365, _notification),
    "Suppression": (0, _suppression),
    "DeliveryEvent": (90, _event),
    "ShopAct": (1095, _act),
    "DispatchWatch": (30, _watch),
    "StaffTask": (1095, _task),
    "TrackingEvent": (1095, _scan),
    "TrackingPayload": (90, _payload),
}
PASSED = {"SeenEvent"}  # deleted by the sweep that no longer needs them, see tests/tracking
# They go with the row that they belong to.
PARTS = {
    "ReturnLine", "ReturnComment", "ReturnShipment", "ReturnLabel", "ReturnReceipt", "ReturnReceiptLine", "ReturnPayout",
}  # fmt: skip
RECORDS = {
    "Ticket", "Message", "TicketLink", "Refund", "AddressChange", "Parcel", "CarrierInstruction", "OptOut",
}  # fmt: skip
FEW = {
    "JobRun",
    "SweepCursor",
    "Switch",
    "TemplateBackup",
    "Override",
    "OwnCarrier",
    "TransitRule",
    "ReturnReason",
    "ReturnRule",
    "ReturnOptions",
    "ReturnListEntry",
}  # one for each job, channel, kind …
NAMES = {model.__name__ for model in apps.get_app_config("saleor_support_plugin").get_models()}


def test_every_table_has_a_rule_and_the_page_tells_it():
    assert {*DATED, *PASSED, *PARTS, *RECORDS, *FEW} == NAMES
    assert {name for name in NAMES if f"`{name}`" not in PAGE} == set()


@pytest.mark.parametrize("name", DATED)
def test_the_hourly_job_deletes_what_is_too_old_and_nothing_else(name, shop, clock, now):
    days, make = DATED[name]
    rows = [make(now - days * DAY + moved, str(number)) for number, moved in enumerate((-DAY, DAY / 2))]
    for row in rows:
        row.save(force_insert=True)
    tasks.purge()
    assert list(type(rows[0]).objects.values_list("pk", flat=True)) == [rows[1].pk]


@pytest.fixture
def closed(now):
    """``closed(days)`` is a task that was closed so many days ago."""

    def make(days, channel_id="c"):
        at = now - days * DAY
        task = worklist.open_task(
            kind=TaskKind.MAIL_FAILED, key=f"k{StaffTask.objects.count()}", subject="x", channel_id=channel_id,
            summary="s", at=at,
        )  # fmt: skip
        return worklist.complete(actor=SYSTEM, task_id=task.pk, note="", at=at).pk

    return make


@pytest.fixture
def unreadable(shop, monkeypatch):
    """The id of a channel whose options can't be read."""
    channel_id, read = makers.gid(makers.make_channel("a")), shop.settings

    def settings(wanted):
        if wanted == channel_id:
            raise Invalid("Give a whole number from 90 to 3650.", field="keep_history_days")
        return read(wanted)

    monkeypatch.setattr(shop, "settings", settings)
    return channel_id


class TestTasks:
    def test_by_the_channels_own_days_with_their_history(self, shop, now, closed):
        channel, other = makers.make_channel("a"), makers.make_channel("b")
        makers.switch_on(channel, keep_history_days="90")
        makers.switch_on(other, keep_history_days="100")
        closed(91, makers.gid(channel))
        kept = {
            closed(89, makers.gid(channel)),
            closed(99, makers.gid(other)),
            closed(1094, "Q2hhbm5lbDo5OTk5"),
        }
        assert worklist_retention.purge(now=now, limit=10) == 1
        assert set(StaffTask.objects.values_list("pk", flat=True)) == kept
        assert set(HistoryEntry.objects.values_list("subject", flat=True)) == {f"task:{key}" for key in kept}

    def test_open_ones_stay(self, shop, now):
        worklist.open_task(
            kind=TaskKind.MAIL_FAILED, key="k", subject="x", channel_id="c", summary="s", at=now - 9000 * DAY
        )
        assert worklist_retention.purge(now=now, limit=10) == 0

    def test_a_bounded_number_oldest_first(self, shop, now, closed):
        keys = [closed(days) for days in (1100, 1300, 1200)]
        assert worklist_retention.purge(now=now, limit=2) == 2
        assert StaffTask.objects.get().pk == keys[0]

    def test_options_that_can_not_be_read_delete_nothing(self, now, closed, unreadable):
        kept = closed(3000, unreadable)
        closed(3000)
        assert worklist_retention.purge(now=now, limit=10) == 1
        assert StaffTask.objects.get().pk == kept


class TestHistory:
    def test_the_channel_that_keeps_longest_decides(self, shop, now):
        for slug, days in (("a", "90"), ("b", "200")):
            makers.switch_on(makers.make_channel(slug), keep_history_days=days)
        for days in (199, 201):
            history.record(actor=SYSTEM, verb="v", subject=f"ticket:{days}", at=now - days * DAY)
        assert retention.purge(now=now, limit=10) == 1
        assert HistoryEntry.objects.get().subject == "ticket:199"

    def test_options_that_can_not_be_read_may_want_the_longest_time(self, now, unreadable):
        for days in (3649, 3651):
            history.record(actor=SYSTEM, verb="v", subject=f"ticket:{days}", at=now - days * DAY)
        assert retention.purge(now=now, limit=10) == 1
        assert HistoryEntry.objects.get().subject == "ticket:3649"

    def test_acts_that_moved_more_than_a_note_stay(self, shop, now):
        for number, (command, state) in enumerate([("ReturnGoods", "done"), ("AddNote", "started")]):
            ShopAct.objects.create(
                reference=str(number), command=command, state=state, created_at=now - 9000 * DAY
            )
        assert retention.purge(now=now, limit=10) == 0

    def test_it_costs_the_same_for_ten_and_a_hundred(self, shop, now, closed):
        costs = []
        for count in (10, 100):
            for _ in range(count):
                closed(2000)
            with CaptureQueriesContext(connection) as spent:
                assert worklist_retention.purge(now=now, limit=1000) == count
                retention.purge(now=now, limit=1000)
            costs.append(len(spent))
        assert costs[0] == costs[1]
