"""What the policy answers, and why: frozen values, each of which explains itself."""

import dataclasses
import datetime
import enum
from collections.abc import Iterable
from decimal import Decimal

from saleor_support_plugin.returns.axes import Resolution, ReturnKind

# In which order kinds are offered: the first that is allowed stands for the line.
ORDINARY = (ReturnKind.RETURN, ReturnKind.EXCHANGE, ReturnKind.WITHDRAWAL)


class Outcome(enum.StrEnum):
    """Whether some of the line may come back for money or other goods; claims are apart."""

    RETURNABLE = "returnable"  # at least one piece
    NOT_RETURNABLE = "not_returnable"  # none; rule, reason and remedy say why


class RuleCode(enum.StrEnum):
    """What decided. Codes are stable."""

    WINDOW = "window"  # the window of the rule that matched: inside it, or past it
    NOT_ALLOWED = "not_allowed"  # the rule that matched does not allow this kind
    NO_RULE = "no_rule"  # nobody asked the policy
    STATUTORY = "statutory"  # the law gives it, whatever the rules say
    EXEMPT = "exempt"  # a withdrawal of goods which the law exempts
    GIFT_CARD = "gift_card"  # gift cards don't come back
    NOT_DISPATCHED = "not_dispatched"  # nothing of the line has left yet, or everything is back already
    SWITCHED_OFF = "switched_off"  # the channel takes no returns through us
    IN_RETURN = "in_return"  # everything that could come back is in a return already
    REASON = "reason"  # a claim needs a fault for its reason; a return for money or goods does not
    CANCELED = "canceled"  # the order was cancelled


class Anchor(enum.StrEnum):
    """From which date a window counts."""

    ORDER = "order"  # the day of the order
    DISPATCH = "dispatch"  # the day the goods left
    DELIVERY = "delivery"  # the day they were handed over


class WhoPays(enum.StrEnum):
    """Who pays for sending the goods back."""

    CUSTOMER = "customer"
    SHOP = "shop"


class SettleOn(enum.StrEnum):
    """From when the money goes back."""

    SCAN = "scan"  # the carrier has the goods
    RECEIPT = "receipt"  # the shop has counted them
    INSPECTION = "inspection"  # a person of the shop says so


class Exemption(enum.StrEnum):
    """Goods without right of withdrawal: Art. 16 Directive 2011/83/EU, by its letters."""

    SERVICE_PERFORMED = "service_performed"  # (a)
    PRICE_FLUCTUATES = "price_fluctuates"  # (b) with the financial market
    CUSTOM_MADE = "custom_made"  # (c) made to the consumer's specifications, or personalised
    PERISHABLE = "perishable"  # (d) deteriorates or expires rapidly
    SEALED_HYGIENE = "sealed_hygiene"  # (e) sealed for health or hygiene, and unsealed after delivery
    MIXED = "mixed"  # (f) inseparably mixed with other items
    ALCOHOL_DEFERRED = "alcohol_deferred"  # (g) agreed price, delivered after 30 days, value fluctuates
    URGENT_REPAIR = "urgent_repair"  # (h) a visit that the consumer asked for
    SEALED_MEDIA = "sealed_media"  # (i) sealed recordings or software, unsealed after delivery
    PERIODICAL = "periodical"  # (j) newspapers, periodicals, magazines
    AUCTION = "auction"  # (k) a public auction
    DATED_SERVICE = "dated_service"  # (l) lodging, transport, catering, leisure for a date
    DIGITAL = "digital"  # (m) digital content, begun with consent and acknowledgement


# Exempt only once a seal is broken: nobody knows from afar, so a person looks when the goods are back.
IF_UNSEALED = frozenset({Exemption.SEALED_HYGIENE, Exemption.SEALED_MEDIA})


@dataclasses.dataclass(frozen=True)
class Fee:
    """One deduction from what goes back.

    Attributes:
        code: stable, like "restocking".
        label: how people read it.
        percent: of what was paid for the pieces; 0 when it is not by percent.
        amount: flat, in the order's currency, once for each return; 0 when it is not flat.
        waived: why it is not taken: "" (it is), "reason" (free of charge by its reason), "credit" (the
            customer chose credit or other goods, which waives it).
        free_for_credit: it is not taken from customers who choose credit or other goods.
    """

    code: str
    label: str
    percent: Decimal = Decimal(0)
    amount: Decimal = Decimal(0)
    waived: str = ""
    free_for_credit: bool = False


@dataclasses.dataclass(frozen=True)
class Withdrawal:
    """The statutory right to leave the contract, for one line; apart from the rules.

    Attributes:
        has_right: the law gives it for these goods, now or once.
        is_open: it may be used now.
        began_at: the delivery of the order's last parcel, or the order (UTC); None: the period has not
            begun.
        deadline: the moment from which it is too late (UTC, exclusive); None: not known yet.
        anchor: what the period counts from: the delivery, or the order for what is no parcel.
        exemption: why the law gives none for these goods, if it does not.
        reason: one sentence.
    """

    has_right: bool = False
    is_open: bool = False
    began_at: datetime.datetime | None = None
    deadline: datetime.datetime | None = None
    anchor: Anchor = Anchor.DELIVERY
    exemption: Exemption | None = None
    reason: str = ""


@dataclasses.dataclass(frozen=True)
class KindAnswer:
    """The answer for one line and one kind of return.

    Attributes:
        rule: what decided; ``rule_id`` (0: none of the shop's rules) and ``rule_name`` say which one.
        is_statutory: the law gives it where the rules would not.
        returnable: pieces that may be asked for now.
        refunded: of these, pieces whose money the shop has given back already.
        days: of the window; None: there is none.
        anchor: which date the window counts from, ``anchor_at`` (UTC) that date, which is an estimate
            (dispatch and the transit buffer) where ``is_estimated``.
        deadline: the moment from which (some of) it is too late (UTC, exclusive); for what is not
            allowed any more, the one that has passed; None: none, or it has not begun.
        resolutions: what the customer may choose, the shop's favourite first.
        fees: what is deducted, with those that are waived.
        who_pays: for the way back.
        credit_bonus: percent on top for customers who choose credit.
        keep_below: goods worth at most this (for the line, in the order's currency) stay with the
            customer; None: they come back.
        nothing_to_send: a claim for goods that never came to the customer: they are not asked for, and a
            person decides.
        needs_evidence: a photo or file is compulsory.
        is_auto: may be approved without a person, up to ``auto_limit`` (the return's worth; None: any).
        send_days: within which the goods have to be sent after approval; None: the channel's option.
        destination: the warehouse's name; "": the channel's.
        message: of the rule, for the customer.
        reason: why not (more), one sentence in English; "" when every piece may come back.
        remedy: what would change it, one sentence; "" when nothing would.
    """

    kind: ReturnKind
    is_allowed: bool = False
    rule: RuleCode = RuleCode.NO_RULE
    rule_id: int = 0
    rule_name: str = ""
    is_statutory: bool = False
    returnable: int = 0
    refunded: int = 0
    days: int | None = None
    anchor: Anchor | None = None
    anchor_at: datetime.datetime | None = None
    is_estimated: bool = False
    deadline: datetime.datetime | None = None
    resolutions: tuple[Resolution, ...] = ()
    fees: tuple[Fee, ...] = ()
    who_pays: WhoPays = WhoPays.CUSTOMER
    credit_bonus: Decimal = Decimal(0)
    keep_below: Decimal | None = None
    nothing_to_send: bool = False
    needs_evidence: bool = False
    is_auto: bool = False
    auto_limit: Decimal | None = None
    send_days: int | None = None
    settle_on: SettleOn = SettleOn.RECEIPT
    destination: str = ""
    message: str = ""
    reason: str = ""
    remedy: str = ""


@dataclasses.dataclass(frozen=True)
class LineEligibility:
    """The answer for one order line.

    What a line says without naming a kind is said of the first of return, exchange and withdrawal that
    is allowed, and of a return when none is. Claims are apart: see :meth:`kind`.

    Attributes:
        fulfilled: pieces that were dispatched and not given back to the shop yet.
        in_returns: of these, pieces that open returns hold.
        kinds: one answer for every kind.
    """

    order_line_id: str
    fulfilled: int = 0
    in_returns: int = 0
    kinds: tuple[KindAnswer, ...] = ()
    withdrawal: Withdrawal = Withdrawal()

    def kind(self, kind: str) -> KindAnswer:
        """The answer for this kind of return."""
        wanted = ReturnKind(kind)
        found = (one for one in self.kinds if one.kind is wanted)
        return next(found, KindAnswer(wanted))

    @property
    def main(self) -> KindAnswer:
        """The answer that stands for the line."""
        answers = [self.kind(one) for one in ORDINARY]
        return next((one for one in answers if one.is_allowed), answers[0])

    @property
    def outcome(self) -> Outcome:
        """Whether at least one piece may come back for money or other goods."""
        return Outcome.RETURNABLE if self.main.is_allowed else Outcome.NOT_RETURNABLE

    @property
    def allowed(self) -> tuple[ReturnKind, ...]:
        """The kinds that may be asked for now."""
        return tuple(one.kind for one in self.kinds if one.is_allowed)

    @property
    def rule(self) -> RuleCode:
        """What decided."""
        return self.main.rule

    @property
    def returnable(self) -> int:
        """Pieces that may be asked for now."""
        return self.main.returnable

    @property
    def refunded(self) -> int:
        """Of the returnable pieces, those whose money the shop has given back already."""
        return self.main.refunded

    @property
    def anchor_at(self) -> datetime.datetime | None:
        """The date that the deadline counts from (UTC)."""
        return self.main.anchor_at

    @property
    def deadline(self) -> datetime.datetime | None:
        """The moment from which (some of) it is too late (UTC, exclusive)."""
        return self.main.deadline

    @property
    def reason(self) -> str:
        """Why not (more)."""
        return self.main.reason

    @property
    def remedy(self) -> str:
        """What would change it."""
        return self.main.remedy


@dataclasses.dataclass(frozen=True)
class Eligibility:
    """The answer for an order: one entry for each of its lines, in their order.

    Attributes:
        window_days: the channel's option, for rules without days of their own.
        currency: of every amount in it.
        needs_confirmation: kinds that take two steps (Directive (EU) 2023/2673): statement, confirmation.
    """

    order_id: str
    decided_at: datetime.datetime
    lines: tuple[LineEligibility, ...]
    window_days: int = 0
    currency: str = ""
    needs_confirmation: tuple[ReturnKind, ...] = (ReturnKind.WITHDRAWAL,)

    @property
    def returnable(self) -> bool:
        """Whether anything at all may come back now, claims left aside."""
        return any(line.returnable for line in self.lines)

    @property
    def allowed(self) -> tuple[ReturnKind, ...]:
        """The kinds that may be asked for now for at least one line."""
        return tuple(kind for kind in ReturnKind if any(line.kind(kind).is_allowed for line in self.lines))

    def line(self, order_line_id: str) -> LineEligibility | None:
        """The answer for this line, or None: the order has no such line."""
        return next((line for line in self.lines if line.order_line_id == order_line_id), None)


@dataclasses.dataclass(frozen=True)
class ProductEligibility:
    """What holds for a product before it is bought: answers without dates and quantities."""

    product_id: str
    kinds: tuple[KindAnswer, ...]
    withdrawal: Withdrawal = Withdrawal()

    def kind(self, kind: str) -> KindAnswer:
        """The answer for this kind of return."""
        wanted = ReturnKind(kind)
        found = (one for one in self.kinds if one.kind is wanted)
        return next(found, KindAnswer(wanted))


@dataclasses.dataclass(frozen=True)
class Terms:
    """What holds for a whole return, of the answers for its lines: the mildest for the customer, but for
    the moment of the money, where it is the latest.

    Attributes:
        send_days, destination: None and "": the channel's options.
        keep: the goods of no line have to come back.
    """

    who_pays: WhoPays = WhoPays.CUSTOMER
    settle_on: SettleOn = SettleOn.RECEIPT
    send_days: int | None = None
    destination: str = ""
    credit_bonus: Decimal = Decimal(0)
    keep: bool = False
    messages: tuple[str, ...] = ()


def terms(answers: Iterable[KindAnswer], *, keep: bool = False) -> Terms:
    """The terms of a return whose lines were answered so; ``keep``: all of its goods stay."""
    found = tuple(answers)
    order = tuple(SettleOn)
    days = [one.send_days for one in found if one.send_days is not None]
    shop_pays = any(one.who_pays is WhoPays.SHOP for one in found)
    return Terms(
        who_pays=WhoPays.SHOP if shop_pays else WhoPays.CUSTOMER,
        settle_on=max((one.settle_on for one in found), key=order.index, default=SettleOn.RECEIPT),
        send_days=max(days, default=None),
        destination=next((one.destination for one in found if one.destination), ""),
        credit_bonus=max((one.credit_bonus for one in found), default=Decimal(0)),
        keep=keep,
        messages=tuple(dict.fromkeys(one.message for one in found if one.message)),
    )
