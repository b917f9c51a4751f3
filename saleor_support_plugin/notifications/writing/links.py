"""Links in mails: made when the mail is sent, so that no row ever holds a key to an order."""

import urllib.parse

from saleor_support_plugin.notifications import optout
from saleor_support_plugin.notifications.models import Notification
from saleor_support_plugin.notifications.writing.web import web_address
from saleor_support_plugin.settings import SupportSettings


def order_link(row: Notification, settings: SupportSettings) -> str:
    """The order's page for a member, or "" (guests have no page without a link of their own)."""
    if not row.customer_id:
        return ""
    if settings.order_url:
        return shop_page(settings.order_url, row)
    return web_address(row.redirect_url)


def shop_page(pattern: str, row: Notification) -> str:
    """A page of the storefront about this order, from an option like ``return_url``; "" when unset."""
    return web_address(fill(pattern, id=row.order_id, number=row.order_number)) if pattern else ""


def guest_link(row: Notification, settings: SupportSettings, token: str) -> str:
    """The page that opens the order with this token; "" when the channel has none configured."""
    return web_address(fill(settings.guest_url, token=token, id=row.order_id, number=row.order_number))


def unsubscribe_link(row: Notification, settings: SupportSettings) -> str:
    """The page where the recipient can do without mails that are not necessary; "" when we don't know
    our own address. In previews, tests and rehearsals, which others read, it holds no working key."""
    if not settings.plugin_url:
        return ""
    shown_to_others = row.pk is None or row.is_test or settings.rehearsal_address
    key = optout.SAMPLE if shown_to_others else optout.token(row)
    return web_address(f"{settings.plugin_url}mail/unsubscribe/{key}")


def fill(pattern: str, **values: str) -> str:
    """``pattern`` with every ``{name}`` replaced by its value, quoted for a URL."""
    for name, value in values.items():
        pattern = pattern.replace("{" + name + "}", urllib.parse.quote(value, safe=""))
    return pattern
