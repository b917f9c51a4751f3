"""How a mail will look: any kind, with sample data or a real order's, in any language; and a test of it."""

import dataclasses
import datetime
import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from saleor_support_plugin.actors import Actor, Permission
from saleor_support_plugin.errors import Code, Invalid, NotThere, SupportError
from saleor_support_plugin.notifications import samples, service
from saleor_support_plugin.notifications.models import TEST, Notification
from saleor_support_plugin.notifications.variables import Kind, Variable
from saleor_support_plugin.notifications.writing import branding, drafts, mail
from saleor_support_plugin.notifications.writing.context import context_for
from saleor_support_plugin.notifications.writing.wording import Broken, Said, Wording, Words, languages
from saleor_support_plugin.settings import SupportSettings
from saleor_support_plugin.shop.current import get_shop
from saleor_support_plugin.shop.data import Order
from saleor_support_plugin.shop.errors import NotFound

TESTS_PER_HOUR = 10


@dataclasses.dataclass(frozen=True)
class Preview:
    """A mail as it would be sent. ``problems``: what is wrong with own words; where there is one, the
    preview shows our words instead."""

    subject: str
    text: str
    html: str
    language: str
    problems: tuple[SupportError, ...]


def preview(
    *,
    actor: Actor,
    kind: str,
    channel_id: str,
    language: str,
    now: datetime.datetime,
    order_id: str = "",
    blocks: Sequence[tuple[str, str]] | None = None,
) -> Preview:
    """A mail of this kind. Nothing is stored, and no link in it opens anything.

    Args:
        channel_id: whose brand it carries; "": the order's.
        language: like "es-mx"; "": the order's, else the channel's.
        order_id: whose name, number, address and items it shows; "": sample data throughout.
        blocks: own words that are not stored, as (block, text); None: those that hold.

    Raises:
        NotThere: no such channel, or no such order, among the actor's.
        Invalid: no such kind or language; neither a channel nor an order.
    """
    found = drafts.known_kind(kind)
    order = _order(actor, order_id, channel_id) if order_id else None
    if order is None and not channel_id:
        raise Invalid("Name a channel or an order.", field="channelId", code=Code.REQUIRED)
    settings = settings_of(actor, order.channel_id if order else channel_id)
    if language or order is None:
        code = drafts.known_language(language or settings.language, found)
    else:
        code = order.language
    row = sample(found, settings, code, order, now)
    values = context_for(row, found, settings, now=now)
    wording, wanted = Wording(), languages(row.language, values["lang"])
    if blocks is None:
        words = wording.of(found, row.channel_id, wanted)
        said, problems = _holding(found, words, values)
    else:
        said, problems = _draft(found, blocks, values)
    values = branding.branded(values, wording.brand(row.channel_id, wanted))
    written = mail.compose(found, values, said)
    return Preview(written.subject, written.text, written.html, written.language, tuple(problems))


def send_test(
    *, actor: Actor, kind: str, channel_id: str, language: str, now: datetime.datetime, to: str = ""
) -> Notification:
    """Send a mail of this kind with sample data to the actor; it goes its way through the outbox.

    Args:
        to: the actor's own address or the channel's rehearsal address; "": the first of these there is.

    Raises:
        NotThere: no such channel among the actor's.
        Invalid: no such kind or language; another address, or none (apps have none of their own).
        SupportError: LIMIT_REACHED after 10 within an hour.
    """
    found = drafts.known_kind(kind)
    settings = settings_of(actor, channel_id)
    code = drafts.known_language(language or settings.language, found)
    recipient = _recipient(actor, settings, to)
    _count(actor, recipient, now)
    order, data = samples.sample(found.name, code, now=now)
    order = dataclasses.replace(
        order, id="", channel_id=channel_id, language=code, email=recipient, redirect_url=""
    )
    return service.notify(
        kind=found.name,
        subject=f"{TEST}{actor.id}:{uuid.uuid4().hex}",
        occasion="test",
        order=order,
        data=data,
        recipient=recipient,
        now=now,
        due=now,
    )


def sample(
    kind: Kind, settings: SupportSettings, code: str, order: Order | None, now: datetime.datetime
) -> Notification:
    """A row of the outbox, not stored, with sample data, of which a real order fills in its own part."""
    example, data = samples.sample(kind.name, code, now=now)
    if order is not None:
        data = {**data, **_facts(kind, order, data)}
    about = dataclasses.replace(order or example, channel_id=settings.channel_id, redirect_url="")
    return drafts.row(kind, about, data, code)


def _facts(kind: Kind, order: Order, data: Mapping[str, Any]) -> dict[str, Any]:
    """What a real order says of the kind's variables; the rest stays as in the sample."""
    items = [
        {"name": line.product_name, "variant": line.variant_name, "sku": line.sku, "quantity": line.quantity}
        for line in order.lines
        if line.quantity > 0
    ]
    address = order.shipping_address or order.billing_address
    facts: dict[str, Any] = {}
    for name, variable in kind.variables.items():
        if variable is Variable.ITEMS and items:
            facts[name] = items
        elif variable is Variable.PARCELS and items:
            facts[name] = [{**data[name][0], "items": items}]
        elif variable is Variable.ADDRESS and address is not None and data.get(name) is not None:
            facts[name] = dataclasses.asdict(address)
        elif name == "total_paid":
            facts[name] = {"amount": str(order.total.amount), "currency": order.total.currency}
    return facts


def _holding(
    kind: Kind, words: Words | None, values: dict[str, Any]
) -> tuple[dict[str, Said], list[SupportError]]:
    try:
        return (words.say(kind, values) if words else {}), []
    except Broken as broken:
        return {}, [drafts.problem(broken)]


def _draft(
    kind: Kind, blocks: Sequence[tuple[str, str]], values: dict[str, Any]
) -> tuple[dict[str, Said], list[SupportError]]:
    sources, problems = drafts.clean(blocks)
    words, more = drafts.compiled(kind, sources)
    problems += more
    said: dict[str, Said] = {}
    for one in words.values():
        try:
            said |= one.say(kind, values)
        except Broken as broken:
            problems.append(drafts.problem(broken))
    return said, problems


def _order(actor: Actor, order_id: str, channel_id: str) -> Order:
    try:
        order = get_shop().order(order_id)
    except NotFound as error:
        raise NotThere("order", field="order") from error
    if not actor.may(Permission.MANAGE_ORDERS, order.channel_id):
        raise NotThere("order", field="order")
    if channel_id and channel_id != order.channel_id:
        raise Invalid("The order is in another channel.", field="channelId")
    return order


def settings_of(actor: Actor, channel_id: str) -> SupportSettings:
    """The options of a channel of the actor's.

    Raises:
        NotThere: there is no such channel among the actor's.
    """
    if not actor.may(Permission.MANAGE_ORDERS, channel_id):
        raise NotThere("channel", field="channelId")
    try:
        return get_shop().settings(channel_id)
    except NotFound as error:
        raise NotThere("channel", field="channelId") from error


def _recipient(actor: Actor, settings: SupportSettings, to: str) -> str:
    allowed = [one for one in (actor.email, settings.rehearsal_address) if one]
    if not allowed:
        message = "You have no address of your own; set a rehearsal address in the channel's options."
        raise Invalid(message, field="to", code=Code.REQUIRED)
    wanted = to.strip().lower()
    if not wanted:
        return allowed[0]
    for one in allowed:
        if one.lower() == wanted:
            return one
    raise Invalid("A test goes to your own address or to the channel's rehearsal address.", field="to")


def _count(actor: Actor, recipient: str, now: datetime.datetime) -> None:
    sent = Notification.objects.filter(
        recipient=recipient,
        subject__startswith=f"{TEST}{actor.id}:",
        created_at__gt=now - datetime.timedelta(hours=1),
    )
    if sent.count() >= TESTS_PER_HOUR:
        message = f"You may send {TESTS_PER_HOUR} tests an hour."
        raise SupportError(message, code=Code.LIMIT_REACHED)
