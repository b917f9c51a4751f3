"""The options of returns in one channel, as the policy and the verbs see them. Pure."""

import dataclasses
from decimal import Decimal

from saleor_support_plugin.returns.policy.answer import WhoPays

# The European Union, Iceland, Liechtenstein and Norway (ISO 3166-1).
_EEA = "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IS IT LI LT LU LV MT NL NO PL PT RO SE SI SK"
EEA: tuple[str, ...] = tuple(_EEA.split(" "))


@dataclasses.dataclass(frozen=True)
class RiskLimits:
    """Above which a readable rule speaks, and how many points send a return to a person; None: the rule
    is off. All of 12 months.

    Attributes:
        returns: returns of one customer.
        rate: percent of orders with a return, asked from ``rate_orders`` orders on.
        worth: of returned goods, in the return's currency.
        accounts: customers with returns from one postal address.
        claims: claims of one customer.
        empty: returns of one customer in which something was missing or not the shop's.
        points: from which on a person decides.
    """

    returns: int | None = 10
    rate: int | None = 60
    rate_orders: int = 5
    worth: Decimal | None = None
    accounts: int | None = 3
    claims: int | None = 3
    empty: int | None = 1
    points: int = 30


@dataclasses.dataclass(frozen=True)
class ReturnAddress:
    """Where goods go that a warehouse receives: its name, and the address line by line."""

    warehouse: str
    address: str


@dataclasses.dataclass(frozen=True)
class ReturnSettings:
    """The options of returns in one channel.

    Attributes:
        instructions: how to send goods back, for the customer; plain text.
        drop_off: where to hand them in, for the customer; plain text.
        address: where they go, line by line.
        addresses: of warehouses that have one of their own, see :meth:`address_of`.
        destination: the warehouse's name that receives them, unless a rule names another.
        label_maker: the name of the carrier that makes labels, see ``returns.labels``; "": none does.
        label_always: it makes one for every return whose goods have to come, and not only where the shop
            pays the way back.
        send_days: within which the goods have to be sent after approval.
        remind_days: so many days before that the customer is reminded.
        needs_reason: whether customers who ask for a return or an exchange have to choose a reason; for a
            withdrawal nobody may ask for one.
        transit_days: the transit buffer: from dispatch to delivery, where the delivery is not known.
        confirm_hours: within which guests confirm a request.
        withdrawal_hours: within which a withdrawal has to be confirmed for its statement's time to count.
        answer_days: within which the customer answers a question; then a person looks again.
        lost_after_days: without a scan until the reverse parcel counts as lost.
        withdrawal: whether the EU's right of withdrawal is offered, in ``withdrawal_countries`` (ISO
            3166-1, of the shipping address), and who then pays the way back.
        withdrawal_delivery: of what the customer paid for the delivery at most this, in the order's
            currency, goes back with a withdrawal from all of the order (what the least expensive standard
            delivery costs: Art. 13(2) Directive 2011/83/EU); None: all of it.
        guarantee: whether claims are open for ``guarantee_years`` from delivery in
            ``guarantee_countries``.
    """

    instructions: str = ""
    drop_off: str = ""
    address: str = ""
    addresses: tuple[ReturnAddress, ...] = ()
    destination: str = ""
    label_maker: str = ""
    label_always: bool = False
    send_days: int = 14
    remind_days: int = 7
    needs_reason: bool = False
    transit_days: int = 5
    confirm_hours: int = 48
    withdrawal_hours: int = 24
    answer_days: int = 14
    lost_after_days: int = 21
    withdrawal: bool = True
    withdrawal_countries: tuple[str, ...] = EEA
    withdrawal_who_pays: WhoPays = WhoPays.CUSTOMER
    withdrawal_delivery: Decimal | None = None
    guarantee: bool = True
    guarantee_countries: tuple[str, ...] = EEA
    guarantee_years: int = 2
    risk: RiskLimits = RiskLimits()

    def address_of(self, warehouse: str) -> str:
        """Where goods go that the warehouse of this name receives, line by line: its own address, else the
        channel's; may be empty."""
        own = (one.address for one in self.addresses if one.warehouse == warehouse)
        return next(own, self.address)
