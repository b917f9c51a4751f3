"""One return that is settled: what of it counts, what is owed, and what was done about it."""

import datetime
import functools
from collections.abc import Sequence
from decimal import Decimal

from django.db.models import Q

from saleor_support_plugin.actors import SYSTEM, Actor
from saleor_support_plugin.errors import Code, Invalid, WrongState
from saleor_support_plugin.refunds import service as refunds
from saleor_support_plugin.returns import notices, queries
from saleor_support_plugin.returns.axes import Logistics, Resolution, Settlement, ShipmentState
from saleor_support_plugin.returns.models import ReceiptState, Return, ReturnLine, ReturnPayout
from saleor_support_plugin.returns.policy import SettleOn
from saleor_support_plugin.returns.settlement import amounts, axis, conflicts, ends, errands, standing
from saleor_support_plugin.returns.settlement.amounts import Counting, Owed, Paid
from saleor_support_plugin.returns.settlement.shares import ZERO
from saleor_support_plugin.shop.data import Money, Order
from saleor_support_plugin.worklist import service as worklist
from saleor_support_plugin.worklist.models import StaffTask, TaskState

WORTH_LIMIT = Decimal(10) ** 15  # more fits no column


_MAY_COME = {ShipmentState.AWAITING, ShipmentState.LABEL_SENT, ShipmentState.IN_TRANSIT}


class Case:
    """One open, approved return, held, with its order (None when it is gone)."""

    def __init__(self, order: Order | None, row: Return) -> None:
        self.order, self.row = order, row
        self.lines: list[ReturnLine] = list(queries.lines([row.pk])[row.pk])
        self.receipts = list(row.receipts.order_by("pk"))
        self.payouts = amounts.payouts(row)
        self.settle_on = amounts.settle_on(row)

    @property
    def paid(self) -> Paid:
        """What was done about what is owed."""
        return amounts.paid(self.payouts)

    @property
    def is_entered(self) -> bool:
        """Whether the shop knows of all that was counted."""
        return all(one.state == ReceiptState.ENTERED for one in self.receipts)

    @property
    def is_here(self) -> bool:
        """Whether all goods that will come have come, and the shop knows."""
        return amounts.is_here(self.row) and self.is_entered

    @functools.cached_property
    def is_lost(self) -> bool:
        """Whether carriers lost all that has not come: that is the shop's to bear."""
        if self.row.logistics != Logistics.PARTLY_RECEIVED or not self.is_entered:
            return self.row.logistics == Logistics.LOST
        states = set(self.row.shipments.values_list("state", flat=True))
        return ShipmentState.LOST in states and not states & _MAY_COME

    @property
    def is_automatic(self) -> bool:
        """Whether the money goes back without a person."""
        if self.row.resolution != Resolution.REFUND or any(one.by_hand for one in self.receipts):
            return False
        return self.row.logistics == Logistics.NOT_REQUIRED or self.settle_on is not SettleOn.INSPECTION

    @property
    def counting(self) -> Counting:
        """Which pieces count without a person's word."""
        if self.settle_on is SettleOn.SCAN and self._was_scanned():
            return Counting.ALL
        return Counting.ENTERED

    def owed(self, counting: Counting) -> Owed:
        """What is owed in all when these pieces count; nothing can be when the order is gone."""
        if self.order is None:
            return Owed()
        return amounts.owed(self.order, self.row, self.lines, counting)

    def pay_what_is_due(self, now: datetime.datetime) -> None:
        """What the rule gives back now, less what was given or left out before, and less what a person
        has left open: that is for a person to give."""
        owed = self.owed(self.counting)
        due = owed.net - self.paid.claimed - self._left_open
        if due > 0:
            self._pay(SYSTEM, due, now, owed=owed, counting=self.counting)

    @property
    def _left_open(self) -> Decimal:
        """What a person, who last said what goes back, did not give of what was owed then."""
        claimed = left = ZERO
        for one in self.payouts:
            if one.is_replaced:
                continue
            claimed += one.amount + one.left_out
            if one.actor_kind != SYSTEM.kind.value:
                left = max(Decimal(one.basis.get("owed", "0")) - claimed, ZERO)
        return left

    def pay(self, actor: Actor, amount: Decimal | None, note: str, key: str, now: datetime.datetime) -> None:
        """What a person gives back; raises Invalid and WrongState as :func:`settle`."""
        counting = Counting.ALL if self.is_lost else self.counting
        asked, owed = amount, self.owed(counting)
        open_ = max(owed.net - self.paid.given, ZERO)
        if self.order is None and amount:
            raise WrongState("The order of this return does not exist any more.", field="id")
        if amount is None and open_ > 0:
            amount = open_
        if not amount or self.order is None:
            self._close_without(actor, amount, open_, note, key, owed, now)
            return
        if not amount.is_finite() or not ZERO < amount <= open_:
            message = standing.most(owed.net, self.paid.given, open_, self.row.currency, self._lack)
            raise Invalid(message, field="amount", code=Code.OUT_OF_RANGE)
        if notices.cut(self._money(amount)).amount != amount:
            raise Invalid("There are no coins that small.", field="amount", code=Code.INVALID)
        most = amounts.payable(self.order, self.row, amount)
        if most < amount:
            message = standing.too_little(most, owed.net, self.paid.given, self.row.currency)
            raise Invalid(message, field="amount", code=Code.OUT_OF_RANGE)
        self._replace_failed(now)
        self._pay(actor, amount, now, owed=owed, counting=counting, note=note, key=key, asked=asked)

    @property
    def _lack(self) -> str:
        """What has to be done about the goods first."""
        return "" if self.is_lost else standing.lacking(self.lines, is_entered=self.is_entered)

    def give_by_hand(
        self, actor: Actor, amount: Decimal | None, note: str, key: str, now: datetime.datetime
    ) -> None:
        """Credit, an exchange or a replacement: a person has seen to it."""
        if not (self.is_here or self.is_lost):
            raise WrongState(f"The goods of this return are not here yet. {self._lack}".strip(), field="id")
        owed, open_ = self._owed_by_hand, self._open_by_hand
        given = open_ if amount is None else amount
        if not given.is_finite() or given < 0 or given >= WORTH_LIMIT:
            raise Invalid("Say what it was worth: 0 or more.", field="amount", code=Code.OUT_OF_RANGE)
        if not note and self.row.resolution == Resolution.CREDIT and given != open_:
            message = standing.another_credit(open_, self.row.currency)
            raise Invalid(message, field="note", code=Code.REQUIRED)
        if not note and self.row.resolution != Resolution.CREDIT and amount == 0:
            raise Invalid("Say in the note why nothing is given.", field="note", code=Code.REQUIRED)
        left = max(owed.net - self.paid.claimed - given, ZERO)
        self._add(actor, given, now, note=note, key=key, left_out=left, owed=owed, asked=amount)

    @property
    def _owed_by_hand(self) -> Owed:
        """What a credit has to be in all; of other things nobody knows what they are worth."""
        if self.row.resolution != Resolution.CREDIT:
            return Owed()
        return self.owed(Counting.ALL if self.is_lost else self.counting)

    @property
    def _open_by_hand(self) -> Decimal:
        return max(self._owed_by_hand.net - self.paid.given, ZERO)

    def conclude(self, now: datetime.datetime, *, told: bool = False, message: str = "") -> None:
        """Bring the axis of the money to where it is, and complete the return if nothing is left.

        Args:
            told: a mail has just told the customer of a refund.
            message: what else the customer is to hear of the end.
        """
        paid = self.paid
        if paid.failed:
            axis.move_to(self.row, Settlement.FAILED, now, message=self._why(paid.failed))
            errands.decide_on(self.row, paid.failed, len(self.payouts) + 1, now)
        elif paid.is_open:
            axis.move_to(self.row, Settlement.PENDING, now)
        elif self._is_done(paid):
            self._complete(now, told=told, message=message)
        else:
            if paid.is_some:
                axis.move_to(self.row, Settlement.PARTLY, now)
            if self.is_here and self._needs_a_person:
                errands.settle(self.row, len(self.payouts) + 1, self._open_by_hand, now)

    def _is_done(self, paid: Paid) -> bool:
        lost = self.is_lost and paid.by_staff
        if not (self.is_here or lost):
            return False
        if self.row.reopened_at is not None and not self._happened_since(self.row.reopened_at):
            return False
        if self.row.resolution != Resolution.REFUND:
            return self._was_seen_to
        if self.order is None:
            return paid.by_staff
        return paid.claimed >= self.owed(Counting.ALL if lost else self.counting).net

    @property
    def _was_seen_to(self) -> bool:
        """Whether a person has said, since the return was reopened, that all is given."""
        since = self.row.reopened_at
        said = [one.created_at for one in self.payouts if one.actor_kind != SYSTEM.kind.value]
        return any(since is None or one >= since for one in said)

    def _happened_since(self, moment: datetime.datetime) -> bool:
        moments = [one.created_at for one in self.receipts] + [one.created_at for one in self.payouts]
        return any(one >= moment for one in moments)

    @property
    def _needs_a_person(self) -> bool:
        if self.row.resolution != Resolution.REFUND or not self.is_automatic or self.order is None:
            return True
        return self._left_open > 0

    def _was_scanned(self) -> bool:
        """Whether a carrier has had the goods; a number that a customer reports proves nothing."""
        decided = self.row.decided_at
        return (
            decided is not None
            and self.row.shipments.filter(
                parcel__first_scan_at__isnull=False, parcel__first_scan_at__gte=decided
            ).exists()
        )

    def _pay(
        self,
        actor: Actor,
        amount: Decimal,
        now: datetime.datetime,
        *,
        owed: Owed,
        counting: Counting,
        note: str = "",
        key: str = "",
        asked: Decimal | None = None,
    ) -> None:
        assert self.order is not None
        payable = amounts.payable(self.order, self.row, amount)
        if payable < amount:
            self._say_capped(amount, payable, now)
        refund = None
        if payable > 0:
            refund = refunds.plan(
                actor=actor,
                order=self.order,
                amount=self._money(payable),
                reference=f"{self.row.subject}:payout:{len(self.payouts) + 1}",
                subject=self.row.subject,
                now=now,
                reason=f"Return {self.row.number}",
                reason_reference=self._reason_reference(owed),
                number=self.row.number,
            )
        left = amount - payable
        payout = self._add(
            actor,
            payable,
            now,
            note=note,
            key=key,
            left_out=left,
            owed=owed,
            counting=counting,
            asked=asked,
        )
        if refund is not None:
            payout.refund, payout.settled_at = refund, None
            payout.save(update_fields=["refund", "settled_at"])

    def _reason_reference(self, owed: Owed) -> str:
        """The page of the shop's that says why, when all lines that money goes back for have the same."""
        paid = {line_id for line_id, one in owed.lines.items() if one.worth > 0}
        pages = {one.shop_reference for one in self.lines if one.order_line_id in paid}
        return pages.pop() if len(pages) == 1 else ""

    def _close_without(
        self,
        actor: Actor,
        amount: Decimal | None,
        open_: Decimal,
        note: str,
        key: str,
        owed: Owed,
        now: datetime.datetime,
    ) -> None:
        """Nothing (more) goes back."""
        if not (self.is_here or self.is_lost):
            message = standing.too_early(owed.net, self.paid.given, self.row.currency, self._lack)
            raise WrongState(message, field="id")
        if self.order is None and not note:
            message = "The order of this return does not exist any more: say in the note what was done."
            raise Invalid(message, field="note", code=Code.REQUIRED)
        if open_ > 0 and not note:
            raise Invalid(standing.why(open_, self.row.currency), field="note", code=Code.REQUIRED)
        self._replace_failed(now)
        left = max(owed.net - self.paid.claimed, ZERO)
        self._add(actor, ZERO, now, note=note, key=key, left_out=left, owed=owed, asked=amount)

    def _replace_failed(self, now: datetime.datetime) -> None:
        for one in self.paid.failed:
            one.is_replaced = True
            one.save(update_fields=["is_replaced"])
            open_ = StaffTask.objects.filter(key__startswith=f"refund:{one.refund_id}:", state=TaskState.OPEN)
            for task in open_:
                worklist.dismiss(actor=SYSTEM, task_id=task.pk, note="The return was settled anew.", at=now)

    def _add(
        self,
        actor: Actor,
        amount: Decimal,
        now: datetime.datetime,
        *,
        note: str = "",
        key: str = "",
        left_out: Decimal = ZERO,
        owed: Owed | None = None,
        counting: Counting = Counting.ENTERED,
        asked: Decimal | None = None,
    ) -> ReturnPayout:
        payout = ReturnPayout.objects.create(
            parent=self.row,
            amount=amount,
            left_out=left_out,
            basis=(owed or Owed()).basis | {"asked": asked_text(asked), "counting": counting.value},
            key=key,
            note=note,
            actor_kind=actor.kind.value,
            actor_id=actor.id or "",
            created_at=now,
            settled_at=now,
        )
        self.payouts.append(payout)
        left = f", {notices.text(self._money(left_out))} does not go back" if left_out else ""
        notices.record(
            self.row,
            "return_payout",
            actor=actor,
            now=now,
            said=f"settled by {notices.by(actor)}: {notices.text(self._money(amount))}{left}",
            after={"payout": payout.pk, "amount": str(amount), "left_out": str(left_out), "note": note},
        )
        return payout

    def _say_capped(self, amount: Decimal, payable: Decimal, now: datetime.datetime) -> None:
        """The customer was told more than is left: a person sees whether the rest is owed."""
        told = self.row.quoted_amount or ZERO
        if payable < min(amount, max(told - self.paid.given, ZERO)):
            errands.keep_promise(self.row, told, payable, len(self.payouts) + 1, now)
            conflicts.close(self.row, "Another task asks about it now.", now, kind=conflicts.MONEY)

    def _say_too_much(self, now: datetime.datetime) -> None:
        """Only what went back before the goods came can be more than is owed for them."""
        if self.row.resolution != Resolution.REFUND or self.counting is not Counting.ALL:
            return
        given, owed = self.paid.given, self.owed(Counting.ALL).net
        if given > owed:
            errands.ask_back(self.row, given, owed, now)

    def _complete(self, now: datetime.datetime, *, told: bool, message: str) -> None:
        if self.row.settlement != Settlement.SETTLED:
            axis.move_to(self.row, Settlement.SETTLED, now, settled_at=now)
        Return.objects.filter(pk=self.row.pk).update(completed_at=now, closed_at=now)
        self.row.completed_at = self.row.closed_at = now
        keys = Q(key__startswith=f"{self.row.subject}:settle:")
        keys |= Q(key__in=[f"{self.row.subject}:{cause}" for cause in ("lost", "uncounted")])
        for task in StaffTask.objects.filter(keys, state=TaskState.OPEN).order_by("pk"):
            worklist.complete(actor=SYSTEM, task_id=task.pk, note="The return is completed.", at=now)
        if self.paid.by_staff:  # who settled it has seen what does not fit; else somebody still has to
            conflicts.close(self.row, "A person has settled the return.", now)
        self._say_too_much(now)
        paid = self.paid
        given = paid.given if self.row.resolution == Resolution.REFUND else ZERO
        entry = notices.record(
            self.row,
            "return_completed",
            actor=SYSTEM,
            now=now,
            said=f"completed: {ends.words(self.row, self.payouts)}.",
            after={"settlement": self.row.settlement, "refunded": str(given)},
        )
        if message or (not told and (paid.by_staff or self._will_write_again)):
            ends.tell(self.order, self.row, self.lines, self.payouts, entry, message, now)

    @property
    def _will_write_again(self) -> bool:
        """Whether the mail about the last goods said so: of those that did not come it says that nothing
        goes back."""
        if not self.paid.given and any(one.received_quantity for one in self.lines):
            return True
        last = self.receipts[-1].lines.all() if self.receipts else ()
        return any(one.sellable + one.damaged for one in last)

    def _why(self, failed: Sequence[ReturnPayout]) -> str:
        return "; ".join(one.refund.message for one in failed if one.refund and one.refund.message)

    def _money(self, amount: Decimal) -> Money:
        return Money(amount, self.row.currency)


def asked_text(amount: Decimal | None) -> str:
    """An amount that somebody asked for, as payouts keep it."""
    return "" if amount is None else f"{amount.normalize():f}"
