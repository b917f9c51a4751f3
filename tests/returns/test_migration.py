"""Returns of the former flow, which approved, entered and refunded in one step, go on in the present one."""

import datetime
from decimal import Decimal

import pytest
from django.db import connections
from django.db.migrations.executor import MigrationExecutor
from django.test import override_settings

APP = "saleor_support_plugin"
NOW = datetime.datetime(2024, 4, 17, 12, tzinfo=datetime.UTC)
LATER = NOW + datetime.timedelta(hours=1)


@pytest.fixture
def database(tmp_path, django_db_blocker):
    """A database of its own, migrated to what was before."""
    base = connections["default"].settings_dict
    connections.databases["former"] = {
        **base,
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": str(tmp_path / "former.sqlite3"),
    }
    with django_db_blocker.unblock(), override_settings(MIGRATION_MODULES={}):
        yield connections["former"]
        connections["former"].close()
    del connections["former"]
    del connections.databases["former"]


def _migrate(connection, name):
    executor = MigrationExecutor(connection)
    executor.migrate([(APP, name)])
    return MigrationExecutor(connection).loader.project_state([(APP, name)]).apps


def _row(apps, number, lines=((2, "4.00"),), **values):
    model, line = apps.get_model(APP, "Return"), apps.get_model(APP, "ReturnLine")
    row = model.objects.using("former").create(
        order_id=f"order{number}",
        order_number=str(number),
        channel_id="channel",
        currency="EUR",
        created_at=NOW,
        decided_at=None if values.get("authorisation") == "requested" else LATER,
        **values,
    )
    approved = values["authorisation"] == "approved"
    for place, (quantity, price) in enumerate(lines):
        line.objects.using("former").create(
            parent=row,
            order_line_id=f"line{place}",
            product_name="Juice",
            quantity=quantity,
            approved_quantity=quantity if approved else 0,
            unit_price=Decimal(price),
        )
    return row.pk


def _refund(apps, number, state, amount):
    return (
        apps.get_model(APP, "Refund")
        .objects.using("former")
        .create(
            reference=f"return:{number}",
            subject=f"return:{number}",
            order_id=f"order{number}",
            channel_id="channel",
            amount=Decimal(amount),
            currency="EUR",
            state=state,
        )
    )


def _fill(apps):
    """One return of every state that the former flow could leave; their keys."""
    approved = {"authorisation": "approved"}
    back = {**approved, "logistics": "returned", "fulfillment_id": "back"}
    return {
        "requested": _row(apps, 1, authorisation="requested"),
        "approved": _row(apps, 2, **approved, payable_amount=8),
        "refused": _row(apps, 3, **approved, settlement="failed", payable_amount=8),
        "pending": _row(
            apps, 4, **back, settlement="pending", due_amount=8, payable_amount=8,
            refund=_refund(apps, 4, "pending", "8.00"),
        ),
        "settled": _row(
            apps, 5, lines=((3, "9.67"), (1, "5.00")), **back, settlement="settled", settled_at=LATER,
            due_amount="34.00", payable_amount="30.00", refund=_refund(apps, 5, "settled", "30.00"),
        ),
        "unpaid": _row(
            apps, 6, **back, settlement="settled", settled_at=LATER, due_amount=8, payable_amount=0
        ),
        "unplanned": _row(apps, 7, **back, due_amount=8, payable_amount=8),
        "failed": _row(
            apps, 8, **back, settlement="failed", due_amount=8, payable_amount=8,
            refund=_refund(apps, 8, "failed", "8.00"),
        ),
    }  # fmt: skip


def test_former_returns_survive(database):
    old = _migrate(database, "0003_parcels")
    keys = _fill(old)
    task = (
        old.get_model(APP, "StaffTask")
        .objects.using("former")
        .create(
            kind="return_stuck",
            key=f"return:{keys['refused']}:stuck",
            subject=f"return:{keys['refused']}",
            channel_id="channel",
            summary="Stuck.",
        )
    )
    apps = _migrate(database, "0007_one_step_returns")
    rows = {
        name: apps.get_model(APP, "Return").objects.using("former").get(pk=key) for name, key in keys.items()
    }
    axes = {name: (row.authorisation, row.logistics, row.settlement) for name, row in rows.items()}
    assert axes == {
        "requested": ("requested", "awaiting", "none"),
        "approved": ("approved", "received", "none"),
        "refused": ("approved", "received", "none"),
        "pending": ("approved", "received", "pending"),
        "settled": ("approved", "received", "settled"),
        "unpaid": ("approved", "received", "settled"),
        "unplanned": ("approved", "received", "none"),
        "failed": ("approved", "received", "failed"),
    }
    receipts = {
        name: list(row.receipts.using("former").values_list("state", "fulfillment_id", "entered_at"))
        for name, row in rows.items()
    }
    assert receipts == {
        "requested": [],
        "approved": [("counted", "", None)],
        "refused": [("stuck", "", None)],
        **{
            name: [("entered", "back", LATER)]
            for name in ("pending", "settled", "unpaid", "unplanned", "failed")
        },
    }
    payouts = {
        name: list(
            row.payouts.using("former").values_list("amount", "left_out", "refund__state", "settled_at")
        )
        for name, row in rows.items()
    }
    assert payouts == {
        **{name: [] for name in ("requested", "approved", "refused", "unplanned")},
        "pending": [(8, 0, "pending", None)],
        "settled": [(30, 4, "settled", LATER)],
        "unpaid": [(0, 8, None, LATER)],
        "failed": [(8, 0, "failed", None)],
    }
    done = {name: (row.completed_at, row.closed_at) for name, row in rows.items() if row.closed_at}
    assert done == {"settled": (LATER, LATER), "unpaid": (LATER, LATER)}
    counts = apps.get_model(APP, "ReturnReceiptLine").objects.using("former").order_by("pk")
    assert list(counts.filter(receipt__parent=rows["settled"]).values_list("sellable", "worth")) == [
        (3, Decimal("29.01")),
        (1, Decimal("4.99")),
    ]
    lines = apps.get_model(APP, "ReturnLine").objects.using("former").order_by("pk")
    quantities = ("approved_quantity", "sellable_quantity", "returned_quantity")
    assert list(lines.filter(parent=rows["settled"]).values_list(*quantities)) == [(3, 3, 3), (1, 1, 1)]
    assert list(lines.filter(parent=rows["approved"]).values_list(*quantities)) == [(2, 2, 0)]
    assert list(lines.filter(parent=rows["requested"]).values_list(*quantities)) == [(0, 0, 0)]
    stuck = rows["refused"].receipts.using("former").get()
    tasks = apps.get_model(APP, "StaffTask").objects.using("former")
    assert tasks.get(pk=task.pk).key == f"return:{keys['refused']}:receipt:{stuck.pk}:stuck"


@pytest.mark.parametrize(
    ("lines", "due", "before"),
    [
        (((2, "4.00"),), "4.00", [1]),  # one of the two had been refunded in the shop before
        (((2, "4.00"),), "0.00", [2]),
        (((2, "4.00"), (1, "5.00")), "9.00", [0, 1]),  # nobody knows of which line: not more than was owed
        (((3, "9.67"), (1, "5.00")), "34.00", [0, 0]),  # rounded unit prices
        (((3, "0.00"),), "0.00", [0]),
    ],
)
def test_what_was_refunded_before_is_not_paid_in_the_present_flow(database, lines, due, before):
    old = _migrate(database, "0003_parcels")
    key = _row(
        old, 1, lines, authorisation="approved", logistics="returned", fulfillment_id="back",
        settlement="pending", due_amount=due, payable_amount=due,
    )  # fmt: skip
    apps = _migrate(database, "0007_one_step_returns")
    counts = apps.get_model(APP, "ReturnReceiptLine").objects.using("former").filter(receipt__parent=key)
    assert list(counts.order_by("pk").values_list("refunded_before", flat=True)) == before


def test_there_is_nothing_to_convert_twice(database):
    _fill(_migrate(database, "0003_parcels"))
    apps = _migrate(database, "0006_counted_returns")
    receipts = apps.get_model(APP, "ReturnReceipt").objects.using("former")
    before = receipts.count()
    module = MigrationExecutor(database).loader.get_migration(APP, "0006_counted_returns")
    with database.schema_editor() as editor:
        module.operations[0].code(apps, editor)
    assert receipts.count() == before == 7
