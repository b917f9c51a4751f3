"""Returns that were entered in the shop in one step get the receipts and payouts that stand for it now."""

from decimal import Decimal

from babel.numbers import get_currency_precision
from django.db import migrations

BATCH = 500


def convert(apps, schema_editor):
    """Every return of the former flow, in batches; a return that is converted already is left alone."""
    returns = apps.get_model("saleor_support_plugin", "Return").objects.using(schema_editor.connection.alias)
    last = 0
    while True:
        rows = list(returns.filter(pk__gt=last).select_related("refund").order_by("pk")[:BATCH])
        if not rows:
            return
        for row in rows:
            _convert(apps, schema_editor.connection.alias, row)
        last = rows[-1].pk


def _convert(apps, alias, row):
    if row.authorisation in ("declined", "canceled"):
        row.closed_at = row.decided_at or row.created_at
        row.save(using=alias, update_fields=["closed_at"])
    if row.authorisation != "approved" or row.receipts.using(alias).exists():
        return
    lines = list(row.lines.using(alias).order_by("pk"))
    entered = row.logistics == "returned"
    _count(apps, alias, row, lines, entered)
    if entered:
        _pay(apps, alias, row)
    # The goods counted as returned with the approval: nobody was asked to send them.
    row.logistics, row.received_at = "received", row.decided_at or row.created_at
    row.quoted_amount = row.payable_amount
    if row.settlement == "settled":
        row.completed_at = row.closed_at = row.settled_at or row.received_at
    elif not entered:
        row.settlement = "none"
    row.save(
        using=alias,
        update_fields=[
            "logistics",
            "received_at",
            "quoted_amount",
            "completed_at",
            "closed_at",
            "settlement",
        ],
    )


def _count(apps, alias, row, lines, entered):
    """One receipt: entered, waiting for its job, or refused by the shop."""
    state = "entered" if entered else "stuck" if row.settlement == "failed" else "counted"
    at = row.decided_at or row.created_at
    receipt = (
        apps.get_model("saleor_support_plugin", "ReturnReceipt")
        .objects.using(alias)
        .create(
            parent=row,
            state=state,
            actor_kind="system",
            fulfillment_id=row.fulfillment_id,
            created_at=at,
            checked_at=at,
            entered_at=at if entered else None,
        )
    )
    counts = apps.get_model("saleor_support_plugin", "ReturnReceiptLine").objects.using(alias)
    left = row.due_amount or Decimal(0)
    slack = _slack(row, lines)
    for line in lines:
        pieces = line.approved_quantity or line.quantity
        worth = min(left, line.unit_price * pieces) if entered else Decimal(0)
        if entered and line is lines[-1]:
            worth = left  # unit prices are rounded; the sum is what was owed
        left -= worth
        counts.create(
            receipt=receipt,
            line=line,
            sellable=pieces,
            worth=worth,
            refunded_before=_refunded_before(line, pieces, worth, slack) if entered else 0,
        )
        line.approved_quantity = line.sellable_quantity = pieces
        line.returned_quantity = pieces if entered else 0
        line.save(using=alias, update_fields=["approved_quantity", "sellable_quantity", "returned_quantity"])
    if state == "stuck":
        tasks = apps.get_model("saleor_support_plugin", "StaffTask").objects.using(alias)
        key = f"return:{row.pk}:receipt:{receipt.pk}:stuck"
        tasks.filter(key=f"return:{row.pk}:stuck").update(key=key)


def _slack(row, lines):
    """By how much rounded unit prices and shares that were cut may differ from what was owed."""
    coin = Decimal(1).scaleb(-get_currency_precision(row.currency))
    return coin * (sum(line.approved_quantity or line.quantity for line in lines) / Decimal(2) + len(lines))


def _refunded_before(line, pieces, worth, slack):
    """Pieces that were not owed for, since their money had gone back before: these stay paid for."""
    owed = int((worth + slack) / line.unit_price) if line.unit_price else pieces
    return max(pieces - owed, 0)


def _pay(apps, alias, row):
    """The refund, or that there was none to give."""
    if row.refund_id is None and row.settlement != "settled":
        return  # the goods are back, and the money is planned by the next sweep
    amount = row.refund.amount if row.refund else Decimal(0)
    paid_at = row.settled_at if row.settlement == "settled" else None
    apps.get_model("saleor_support_plugin", "ReturnPayout").objects.using(alias).create(
        parent=row,
        refund=row.refund,
        amount=amount,
        left_out=max((row.due_amount or Decimal(0)) - amount, Decimal(0)),
        actor_kind="system",
        created_at=row.decided_at or row.created_at,
        settled_at=paid_at,
    )


class Migration(migrations.Migration):
    dependencies = [("saleor_support_plugin", "0005_returns_columns")]

    operations = [migrations.RunPython(convert, migrations.RunPython.noop)]
