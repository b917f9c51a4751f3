"""Confirm a request, so that it counts."""

import dataclasses
import datetime

from django.db import transaction

from saleor_support_plugin.access import service as access
from saleor_support_plugin.actors import Actor, ActorKind
from saleor_support_plugin.errors import Invalid, WrongState
from saleor_support_plugin.returns import ground, queries
from saleor_support_plugin.returns.authorisation import requests
from saleor_support_plugin.returns.axes import Authorisation, ReturnKind
from saleor_support_plugin.returns.eligibility import explained
from saleor_support_plugin.returns.eligibility.appraisal import appraise, settings_of
from saleor_support_plugin.returns.eligibility.wishes import Wish, again
from saleor_support_plugin.returns.models import Return
from saleor_support_plugin.shop.data import Order
from saleor_support_plugin.states import move


def confirm(*, actor: Actor, return_id: int, now: datetime.datetime) -> Return:
    """Confirm a request: from here on it holds its goods, and the shop has to decide.

    Whether the goods may come back is asked again; of a withdrawal that is confirmed in time the moment
    of the statement counts. What is confirmed already stays as it is.

    Raises:
        NotThere: no such return of the actor's.
        Invalid: a guest came by another link than the one that was mailed for this (field
            ``accessToken``).
        WrongState: it was cancelled or has expired, or its order is gone.
        Errors: as :func:`requests.request`: it can't come back (any more); it stays unconfirmed.
    """
    row = queries.get(actor, return_id)
    with transaction.atomic():
        order, row = ground.locked_with_order(row.pk)
        if row.authorisation in (Authorisation.CANCELED, Authorisation.EXPIRED) and not row.confirmed_at:
            raise WrongState(f"{ground.wrong(row, by_staff=False).message} Ask again.", field="id")
        if row.authorisation != Authorisation.UNCONFIRMED:
            return row
        if row.confirm_by is not None and row.confirm_by <= now:
            raise WrongState("The time to confirm this request is over. Ask again.", field="id")
        if actor.kind is ActorKind.GUEST and not access.use(actor=actor, purpose=row.subject, now=now):
            raise Invalid(
                "Use the link in the mail that asks you to confirm this return.", field="accessToken"
            )
        _hold(actor, order, row, now)
    return row


def _hold(actor: Actor, order: Order, row: Return, now: datetime.datetime) -> None:
    """The request counts, if what it asks for still may come back."""
    lines = queries.lines([row.pk])[row.pk]
    wanted = [Wish(one.order_line_id, one.quantity, one.reason) for one in lines]
    kind = ReturnKind(row.kind)
    until = row.created_at + datetime.timedelta(hours=settings_of(order).withdrawal_hours)
    at = row.created_at if kind is ReturnKind.WITHDRAWAL and now <= until else now
    # What staff confirms on the telephone stays the customer's own wish.
    asker = dataclasses.replace(actor, kind=ActorKind.GUEST) if actor.is_staff else actor
    found = appraise(order, actor=asker, now=at, wishes=wanted, resolution=row.resolution, but=row.pk)
    chosen = again(order, found.eligibility, kind, lines)
    decision = explained.dump(
        chosen, at=at, in_time=requests.in_time(kind, chosen), needs_person=found.risk.needs_person
    )
    move(
        row,
        Authorisation.REQUESTED,
        field="authorisation",
        confirmed_at=now,
        decision=decision,
        risk=found.risk.dump(),
        decide_by=requests.decide_by(order, now),
        checked_at=now,
    )
    requests.announce(actor, order, row, found, now, confirmed=True)
