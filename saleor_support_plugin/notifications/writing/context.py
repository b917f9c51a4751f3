"""What a kind's templates may use: its variables made readable, and what every mail has."""

import datetime
import re
from collections.abc import Mapping
from typing import Any

from django.utils.safestring import SafeString

from saleor_support_plugin.access import service as access
from saleor_support_plugin.access.models import GuestGrant
from saleor_support_plugin.notifications.models import Notification, Reason
from saleor_support_plugin.notifications.variables import SAMPLE_GRANT, Audience, Kind, Variable
from saleor_support_plugin.notifications.writing import brand, language, links
from saleor_support_plugin.notifications.writing.language import Language
from saleor_support_plugin.notifications.writing.web import web_address
from saleor_support_plugin.settings import SupportSettings

NAME_LIMIT = 60
# Gmail cuts a mail at 102 kB and hides the rest: so many parcels, and rows of items, are listed.
PARCELS, ROWS = 12, 60

# Safe: there is nothing to escape in them, and each mail asks a dozen times.
_LEFT_TO_RIGHT = {"dir": SafeString("ltr"), "start": SafeString("left"), "end": SafeString("right")}
_RIGHT_TO_LEFT = {"dir": SafeString("rtl"), "start": SafeString("right"), "end": SafeString("left")}
_NOT_IN_A_LINE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


class NotNow(Exception):
    """The mail can't be written yet because an admin must configure something first."""

    def __init__(self, reason: Reason, detail: str):
        super().__init__(detail)
        self.reason, self.detail = reason, detail


class NotAnyMore(Exception):
    """The mail has lost its point and must not be sent."""

    def __init__(self, reason: Reason, detail: str):
        super().__init__(detail)
        self.reason, self.detail = reason, detail


def context_for(
    row: Notification, kind: Kind, settings: SupportSettings, *, now: datetime.datetime
) -> dict[str, Any]:
    """What the kind's templates may use: its variables made readable, and what every mail has."""
    words = language.choose(row.language, kind.locale, settings.language)
    zone = language.zone(row.time_zone, settings.time_zone)
    ltr = words.locale.text_direction == "ltr"
    for_staff = kind.audience is Audience.STAFF
    values: dict[str, Any] = {
        "catalog": words.catalog,
        "lang": words.code,
        **(_LEFT_TO_RIGHT if ltr else _RIGHT_TO_LEFT),
        "for_staff": for_staff,
        "name": "" if for_staff else greeting_name(row.customer_name),
        "order_number": row.order_number,
        "order_url": "" if for_staff else links.order_link(row, settings),
        "return_url": links.shop_page(settings.return_url, row),
        "contact_url": links.shop_page(settings.contact_url, row),
        "unsubscribe_url": links.unsubscribe_link(row, settings) if kind.can_opt_out else "",
        "shop_name": settings.shop_name or settings.sender_name,
        "can_reply": bool(settings.reply_to),
        "brand": brand.brand_of(settings),
        "banner": brand.banner_of(settings) if kind.may_carry_banner else None,
    }
    for name, variable in kind.variables.items():
        value = row.data.get(name) if name in kind.optional else row.data[name]
        if variable is Variable.GRANT:
            values.update(_guest_link(row, settings, value, words, zone, now))
        else:
            values[name] = None if value is None else _READABLE[variable](value, words, zone)
        if variable is Variable.PARCELS and value is not None:
            values.update(_parcels(value))
        if variable is Variable.ITEMS and value is not None:
            values |= {"total": _pieces(value), name: value[:ROWS], "more": _pieces(value[ROWS:])}
        elif variable is Variable.ITEMS:
            values |= {"total": 0, "more": 0}
    return values


_READABLE: Mapping[Variable, Any] = {
    Variable.TEXT: lambda value, words, zone: value,
    Variable.FLAG: lambda value, words, zone: value,
    Variable.URL: lambda value, words, zone: web_address(value),
    Variable.MOMENT: lambda value, words, zone: words.moment(datetime.datetime.fromisoformat(value), zone),
    Variable.MONEY: lambda value, words, zone: words.money(value),
    Variable.DATE: lambda value, words, zone: words.date(datetime.date.fromisoformat(value)),
    Variable.NUMBER: lambda value, words, zone: words.number(value),
    Variable.PARCELS: lambda value, words, zone: value,
    Variable.LINES: lambda value, words, zone: value,
    Variable.ITEMS: lambda value, words, zone: value,
    Variable.ADDRESS: lambda value, words, zone: words.address(value),
}


def _parcels(parcels: list[dict[str, Any]]) -> dict[str, Any]:
    """What templates see of parcels; see COMMON in ``variables``."""
    shown = parcels[:PARCELS]
    each = ROWS // len(shown)
    items = [item for one in parcels for item in one["items"]]
    return {
        "parcels": [
            {
                **one,
                "tracking_url": web_address(one["tracking_url"]),
                "total": _pieces(one["items"]),
                "items": one["items"][:each],
                "more": _pieces(one["items"][each:]),
            }
            for one in shown
        ],
        "parcel_count": len(parcels),
        "more_parcels": len(parcels) - len(shown),
        "tracked": any(one["tracking_number"] or web_address(one["tracking_url"]) for one in parcels),
        "items": items[:ROWS],
        "more": _pieces(items[ROWS:]),
        "total": _pieces(items),
    }


def _pieces(items: list[dict[str, Any]]) -> int:
    return sum(item["quantity"] for item in items)


def _guest_link(
    row: Notification,
    settings: SupportSettings,
    grant_id: int | None,
    words: Language,
    zone: datetime.tzinfo,
    now: datetime.datetime,
) -> dict[str, str]:
    if grant_id is None:  # a member, who needs no key
        return {"link": links.order_link(row, settings), "link_until": ""}
    if grant_id == SAMPLE_GRANT:
        until = now + datetime.timedelta(hours=settings.guest_link_hours)
        link = links.guest_link(row, settings, "sample") or "https://example.com/"
        return {"link": link, "link_until": words.moment(until, zone)}
    grant = GuestGrant.objects.filter(pk=grant_id).first()
    if grant is None or grant.revoked_at is not None or grant.expires_at <= now:
        raise NotAnyMore(Reason.LINK_EXPIRED, "The link was revoked or has expired.")
    link = links.guest_link(row, settings, access.token(grant))
    if not link:
        raise NotNow(Reason.NO_GUEST_URL, "Set the guest page of your storefront in this channel's options.")
    return {"link": link, "link_until": words.moment(grant.expires_at, zone)}


def greeting_name(name: str) -> str:
    """The name to greet by, or "" for what is no name (addresses, links, essays).

    Whoever orders chooses name and address: mail programs make a link of "shop.example", too.
    """
    name = one_line(name, NAME_LIMIT + 1)
    if len(name) > NAME_LIMIT or re.search(
        r"[@/<>]|https?:|\w[.\u3002\uff0e\uff61]\w{2}", name, re.IGNORECASE
    ):
        return ""
    return name


def one_line(text: str, limit: int) -> str:
    """``text`` without line breaks, control characters and marks that turn the direction of what
    follows, blanks collapsed, cut at ``limit``."""
    text = " ".join(_NOT_IN_A_LINE.sub(" ", text).split())
    text = text.replace("=?", "= ?")  # in a header that begins what mail programs decode into anything
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"
