"""Links for guests: asked for with order number and e-mail, mailed to the order's own address.

Whoever asks learns nothing: the request is stored the same way for a hit and a miss, and a job
answers it. Only the owner of the mailbox ever sees a link.
"""

import datetime
import re
import secrets
import unicodedata

from django.core import signing
from django.db import models, transaction

from saleor_support_plugin import jobs, texts
from saleor_support_plugin.access.models import GuestAccessRequest, GuestGrant, Outcome
from saleor_support_plugin.actors import SYSTEM, Actor, ActorKind, Permission
from saleor_support_plugin.errors import Code, Denied, Invalid, NotThere
from saleor_support_plugin.history import service as history
from saleor_support_plugin.settings import Feature
from saleor_support_plugin.shop.current import get_shop
from saleor_support_plugin.shop.data import Order, OrderStatus
from saleor_support_plugin.shop.errors import NotFound

LINKS = 10  # working links to one order; whoever asks for more has enough of them in the mailbox
TRIES = 5  # that many requests for one e-mail or order are looked up …
ORIGIN_TRIES = 30  # … and that many from one network address, which guests behind a proxy share …
WINDOW = datetime.timedelta(minutes=15)  # … within this time
KEEP = datetime.timedelta(days=30)  # how long answered requests and dead links are kept

_SALT = "saleor_support_plugin.access.guest_link"
_TOKEN = re.compile(r"[0-9]{1,18}\.[0-9A-Za-z_-]{1,64}\.[0-9A-Za-z_-]{1,128}")
_BAD = "This link is not valid; ask for a new one."
_EXPIRED = "This link has expired; ask for a new one."


def request(*, channel: str, order_number: str, email: str, origin: str, now: datetime.datetime) -> None:
    """Store that somebody asks for a link to an order; a job answers. The same work for hit and miss.

    Args:
        channel: slug of the sales channel.
        order_number: as the customer reads it, with or without ``#``.
        email: the address given with the order.
        origin: the client's network address, "" when unknown; only counted.

    Raises:
        Invalid: a value is blank, too long, or of several lines.
    """
    row = GuestAccessRequest(
        channel=texts.line(channel, field="channel", maximum=255),
        order_number=_number(texts.line(order_number, field="orderNumber", maximum=64)),
        email=texts.line(email, field="email", maximum=254).lower()[:254],  # İ grows in lower case
        origin=origin.replace("\x00", "")[:64],
        created_at=now,
    )
    with transaction.atomic():
        row.save(force_insert=True)
        jobs.later("answer_guest_request", row.pk)


def answer(*, request_id: int, now: datetime.datetime) -> GuestGrant | None:
    """Answer a stored request once: the new grant, whose link the caller mails, or None.

    Run it in one transaction with the row that mails the link, so that neither is there alone. A
    request that was answered before gives None and changes nothing.

    Raises:
        ShopUnavailable: the shop did not answer; the request stays unanswered.
    """
    with transaction.atomic():
        claimed = GuestAccessRequest.objects.filter(pk=request_id, answered_at=None).update(answered_at=now)
        if not claimed:
            return None
        row = GuestAccessRequest.objects.get(pk=request_id)
        outcome, order = _look_up(row)
        row.outcome = outcome
        row.save(update_fields=["outcome"])
        return _grant(order, now) if order is not None else None


def unanswered(*, now: datetime.datetime, limit: int) -> list[int]:
    """Ids of requests older than a minute that no job has answered, oldest first."""
    rows = GuestAccessRequest.objects.filter(
        answered_at=None, created_at__lte=now - datetime.timedelta(minutes=1)
    )
    return list(rows.order_by("pk").values_list("pk", flat=True)[:limit])


def token(grant: GuestGrant) -> str:
    """The signed token of a grant, safe inside a URL. Mint it when it is needed; don't store it."""
    return _signer().sign(f"{grant.pk}.{grant.nonce}")


def open(*, token: str, now: datetime.datetime) -> Actor:
    """The guest whom a token lets in: an actor for exactly one order.

    Raises:
        Invalid: forged, garbled, revoked, no longer offered by the shop, mailed to an address that is
            not the order's any more (all worded the same), or expired; field ``accessToken``.
    """
    return _let_in(_find(token), now)


def reopen(*, grant_id: int, now: datetime.datetime) -> Actor:
    """The guest who came in by this link (``Actor.grant_id``), if it still lets anybody in.

    Raises:
        Invalid: as :func:`open`.
    """
    return _let_in(GuestGrant.objects.filter(pk=grant_id).first(), now)


def _let_in(grant: GuestGrant | None, now: datetime.datetime) -> Actor:
    if grant is None or grant.revoked_at is not None or not _offered(grant.channel_id) or not _same(grant):
        raise Invalid(_BAD, field="accessToken")
    if grant.expires_at <= now:
        raise Invalid(_EXPIRED, field="accessToken")
    return Actor(
        ActorKind.GUEST, email=grant.email, name=grant.email, order_id=grant.order_id, grant_id=grant.pk
    )


def grant_for(*, order: Order, purpose: str, until: datetime.datetime, now: datetime.datetime) -> GuestGrant:
    """A fresh link to an order whose mail asks the guest to confirm ``purpose``, like ``"return:12"``.

    It opens the order as any other link does, and until ``until`` (UTC) it confirms that one thing, once:
    see :func:`use`. Call it in one transaction with the row that mails the link.
    """
    return _grant(order, now, purpose=purpose, expires_at=until)


def use(*, actor: Actor, purpose: str, now: datetime.datetime) -> bool:
    """Use up the link by which this guest came in to confirm ``purpose``; False: it was mailed for
    something else, or was used before. Call it inside the verb's transaction."""
    mine = GuestGrant.objects.filter(pk=actor.grant_id or 0, purpose=purpose, revoked_at=None, used_at=None)
    return bool(purpose) and mine.update(used_at=now) == 1


def revoke(*, actor: Actor, order_id: str, now: datetime.datetime) -> int:
    """Make every living link to an order stop working; returns how many there were.

    Raises:
        Denied: the actor does not act for the shop with MANAGE_ORDERS.
        NotThere: no such order in the actor's channels.
    """
    if not actor.may(Permission.MANAGE_ORDERS):
        raise Denied
    try:
        order = get_shop().order(order_id)
    except NotFound:
        raise NotThere("order", field="orderId") from None
    if not actor.may(Permission.MANAGE_ORDERS, order.channel_id):
        raise NotThere("order", field="orderId")
    with transaction.atomic():
        living = GuestGrant.objects.filter(order_id=order.id, revoked_at=None, expires_at__gt=now)
        revoked = living.update(revoked_at=now)
        history.record(
            actor=actor,
            verb="guest_links_revoked",
            subject=f"order:{order.id}",
            order_id=order.id,
            at=now,
            after={"links": revoked},
        )
    return revoked


def purge(*, now: datetime.datetime, limit: int, keep: datetime.timedelta = KEEP) -> int:
    """Delete up to ``limit`` old requests and as many links that expired ``keep`` ago; returns how many."""
    requests = GuestAccessRequest.objects.filter(created_at__lt=now - keep).order_by("created_at")
    grants = GuestGrant.objects.filter(expires_at__lt=now - keep).order_by("expires_at")
    return _delete(requests, limit) + _delete(grants, limit)


def _delete(rows: models.QuerySet[models.Model], limit: int) -> int:
    keys = list(rows.values_list("pk", flat=True)[:limit])
    return rows.model._default_manager.filter(pk__in=keys).delete()[0]


def _look_up(row: GuestAccessRequest) -> tuple[str, Order | None]:
    if _limited(row):
        return Outcome.LIMITED, None
    try:
        order = get_shop().find_order(row.channel, row.order_number, row.email)
    except NotFound:
        return Outcome.NO_MATCH, None
    if order.status is OrderStatus.DRAFT or not order.email:
        return Outcome.NO_MATCH, None
    if not _offered(order.channel_id):
        return Outcome.SWITCHED_OFF, None
    working = GuestGrant.objects.filter(
        order_id=order.id, email=order.email, revoked_at=None, expires_at__gt=row.created_at
    )
    if working.count() >= LINKS:
        return Outcome.LIMITED, None
    return Outcome.MATCHED, order


def _limited(row: GuestAccessRequest) -> bool:
    """Whether enough earlier requests of the window were looked up; refused ones don't count again,
    so that somebody who keeps asking can't lock the owner out for ever."""
    earlier = GuestAccessRequest.objects.filter(
        pk__lt=row.pk, created_at__gt=row.created_at - WINDOW
    ).exclude(outcome=Outcome.LIMITED)
    limits = [
        (models.Q(email=row.email), TRIES),
        (models.Q(channel=row.channel, order_number=row.order_number), TRIES),
    ]
    if row.origin:
        limits.append((models.Q(origin=row.origin), ORIGIN_TRIES))
    return any(earlier.filter(same)[:most].count() >= most for same, most in limits)


def _grant(
    order: Order, now: datetime.datetime, *, purpose: str = "", expires_at: datetime.datetime | None = None
) -> GuestGrant:
    hours = 0 if expires_at else get_shop().settings(order.channel_id).guest_link_hours
    grant = GuestGrant.objects.create(
        order_id=order.id,
        channel_id=order.channel_id,
        order_number=order.number,
        email=order.email,
        nonce=secrets.token_urlsafe(16),
        created_at=now,
        expires_at=expires_at or now + datetime.timedelta(hours=hours),
        purpose=purpose,
    )
    history.record(
        actor=SYSTEM,
        verb="guest_link_granted",
        subject=f"order:{order.id}",
        order_id=order.id,
        at=now,
        after={"grant": grant.pk, "expires_at": grant.expires_at.isoformat()},
    )
    return grant


def _find(token: str) -> GuestGrant | None:
    if _TOKEN.fullmatch(token) is None:
        return None
    try:
        key, _, nonce = _signer().unsign(token).partition(".")
    except signing.BadSignature:
        return None
    grant = GuestGrant.objects.filter(pk=int(key)).first()
    return grant if grant is not None and secrets.compare_digest(grant.nonce, nonce) else None


def _signer() -> signing.Signer:
    return signing.Signer(sep=".", salt=_SALT)


def _offered(channel_id: str) -> bool:
    return get_shop().is_on(channel_id, Feature.GUEST_ACCESS)


def _same(grant: GuestGrant) -> bool:
    """Whether the order still has the address to which this link was mailed."""
    try:
        return get_shop().order_email(grant.order_id).casefold() == grant.email.casefold()
    except NotFound:
        return False


def _number(text: str) -> str:
    """One spelling for each order number, so that limits can't be passed by writing it differently.

    Raises:
        Invalid: nothing but ``#``.
    """
    plain = unicodedata.normalize("NFKC", text).strip().lstrip("#").strip()
    if not plain:
        raise Invalid("Give the order's number.", field="orderNumber", code=Code.REQUIRED)
    return (str(int(plain)) if plain.isdecimal() else plain)[:64]
