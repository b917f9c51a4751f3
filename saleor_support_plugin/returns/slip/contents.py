"""The slip that goes into the parcel with returned goods: what it says, and where it is printed.

An address works as long as the goods are awaited, and for nothing but the slip, which names neither the
customer nor anything that was paid. Mailed ones end when the order's e-mail address changes.
"""

import dataclasses
import datetime
import functools
import hashlib

from django.core import signing
from django.template import Context, Engine, Template
from django.utils.safestring import mark_safe

from saleor_support_plugin.errors import NotThere
from saleor_support_plugin.notifications.variables import PACKAGE
from saleor_support_plugin.notifications.writing import language
from saleor_support_plugin.notifications.writing.language import Language
from saleor_support_plugin.returns.desk import options
from saleor_support_plugin.returns.models import Authorisation, Logistics, Return
from saleor_support_plugin.returns.policy import ReturnSettings
from saleor_support_plugin.settings import SupportSettings
from saleor_support_plugin.shop.current import get_shop
from saleor_support_plugin.shop.data import Order
from saleor_support_plugin.shop.errors import NotFound

SHOWN = datetime.timedelta(hours=1)  # how long an address works that somebody asked for …
MAILED = datetime.timedelta(days=180)  # … and one that was mailed

_LETTER = frozenset({"CA", "CL", "CO", "CR", "GT", "MX", "PA", "PH", "PR", "SV", "US", "VE"})


@dataclasses.dataclass(frozen=True)
class Goods:
    """One line: how many pieces of which article."""

    quantity: int
    name: str
    variant: str
    sku: str


@dataclasses.dataclass(frozen=True)
class Slip:
    """What the slip of one return says, in one language; texts of several lines are tuples of lines.

    Attributes:
        code: what the QR code says: the return's number alone, for the scanner of whoever unpacks.
        send_by: the last day to send the goods, in words; "" when there is none.
        is_letter: printed on US letter paper; else A4.
    """

    number: str
    order_number: str
    code: str
    shop_name: str
    address: tuple[str, ...]
    instructions: tuple[str, ...]
    drop_off: tuple[str, ...]
    goods: tuple[Goods, ...]
    send_by: str
    is_letter: bool
    words: Language


def url(row: Return, settings: SupportSettings, *, now: datetime.datetime, order: Order | None = None) -> str:
    """Where the slip of a return is printed; "" where there is none, or the shop has no address.

    Args:
        order: where given, the address is for a mail to this order's address; else it is for whoever asks
            and works for an hour. The caller has checked that they may see the return.
    """
    if not settings.plugin_url or not is_printed(row):
        return ""
    until = int((now + (SHOWN if order is None else MAILED)).timestamp())
    recipient = "" if order is None else _digest(order.email)
    return f"{settings.plugin_url}returns/slip/{_signer().sign_object([row.pk, recipient, until])}"


def is_printed(row: Return) -> bool:
    """Whether goods of this return are awaited, so that there is a slip to put in with them."""
    awaited = row.logistics != Logistics.NOT_REQUIRED and row.closed_at is None
    return row.authorisation == Authorisation.APPROVED and awaited


def open(token: str, *, now: datetime.datetime) -> Slip:
    """The slip behind an address.

    Raises:
        NotThere: forged, garbled or too old; the goods are not awaited (any more); or it was mailed to
            an address that is not the order's any more.
    """
    key, recipient = _read(token, now)
    row = Return.objects.filter(pk=key).first()
    if row is None or not is_printed(row):
        raise NotThere("return slip")
    try:
        order = get_shop().order(row.order_id)
    except NotFound:
        raise NotThere("return slip") from None
    if recipient and recipient != _digest(order.email):
        raise NotThere("return slip")
    return of(row, order, get_shop().settings(row.channel_id))


def of(row: Return, order: Order, settings: SupportSettings) -> Slip:
    """What the slip of a return says: the pieces that were approved and do not stay with the customer."""
    words = language.choose(order.language, None, settings.language)
    chosen = options.load(row.channel_id)
    lines = row.lines.filter(keep=False, approved_quantity__gt=0).order_by("pk")
    zone = language.zone("", settings.time_zone)
    last = row.send_by - datetime.timedelta(microseconds=1) if row.send_by else None
    return Slip(
        number=row.number,
        order_number=row.order_number,
        code=row.number,
        shop_name=settings.shop_name or settings.sender_name,
        address=_lines(chosen.address_of(row.destination)),
        instructions=_lines(_instructions(row, chosen)),
        drop_off=_lines(chosen.drop_off),
        goods=tuple(
            Goods(one.approved_quantity, one.product_name, one.variant_name, one.sku) for one in lines
        ),
        send_by=words.date(last.astimezone(zone).date()) if last else "",
        is_letter=row.country in _LETTER,
        words=words,
    )


def html(slip: Slip, *, style: str, pdf_url: str) -> str:
    """The slip as a page to print, with ``style`` (CSS) in its head and a link to the PDF."""
    values = {
        "slip": slip,
        "catalog": slip.words.catalog,
        "lang": slip.words.code,
        "dir": slip.words.locale.text_direction,
        "style": mark_safe(style),  # a constant of ours
        "qr": mark_safe(_svg(slip.code)),  # digits and letters became squares
        "total": sum(one.quantity for one in slip.goods),
        "pdf_url": pdf_url,
    }
    return _template().render(Context(values))


def _svg(code: str) -> str:
    import segno  # 0.1 s

    drawn: str = segno.make_qr(code, error="q").svg_inline(
        border=4, svgclass="qr", lineclass=None, omitsize=True
    )
    return drawn


def _instructions(row: Return, chosen: ReturnSettings) -> str:
    """What was mailed, without the channel's words that have places of their own on the slip."""
    text = row.instructions or chosen.instructions
    for known in (chosen.drop_off, chosen.address_of(row.destination)):
        text = text.replace(known, "") if known else text
    return text


def _lines(text: str) -> tuple[str, ...]:
    return tuple(one.strip() for one in text.splitlines() if one.strip())


def _read(token: str, now: datetime.datetime) -> tuple[int, str]:
    try:
        if len(token) > 300 or not token.isascii():
            raise ValueError("not one of ours")
        key, recipient, until = _signer().unsign_object(token)
        if now.timestamp() >= until:
            raise ValueError("too old")
        return int(key), str(recipient)
    except (signing.BadSignature, ValueError, TypeError):
        raise NotThere("return slip") from None


def _digest(email: str) -> str:
    return hashlib.sha256(email.casefold().encode()).hexdigest()[:16]


def _signer() -> signing.Signer:
    return signing.Signer(sep=".", salt="saleor_support_plugin.returns.slip")


@functools.cache
def _template() -> Template:
    engine = Engine(
        dirs=[str(PACKAGE / "templates" / "returns")],
        builtins=["saleor_support_plugin.notifications.writing.tags"],
    )
    return engine.get_template("slip.html")
