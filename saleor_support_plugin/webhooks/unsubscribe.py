"""The page behind "Unsubscribe" in mails that customers can do without (RFC 8058)."""

import base64
import functools
import hashlib

from django.http import HttpRequest, HttpResponse
from django.template import Context, Engine, Template
from django.utils.safestring import mark_safe

from saleor_support_plugin.errors import SupportError
from saleor_support_plugin.notifications import optout
from saleor_support_plugin.notifications.models import Notification
from saleor_support_plugin.notifications.variables import PACKAGE
from saleor_support_plugin.notifications.writing import language
from saleor_support_plugin.shop.current import get_shop
from saleor_support_plugin.webhooks import bodies

LIMIT = 10_000  # bytes of a form

STYLE = """
:root{color-scheme:light dark;--ink:#1f2933;--paper:#fff;--back:#f3f4f6;--line:#4b5563}
@media (prefers-color-scheme:dark){:root{--ink:#f3f4f6;--paper:#1f2430;--back:#12151c;--line:#9ca3af}}
*{box-sizing:border-box}
body{margin:0;background:var(--back);color:var(--ink);font:1.0625rem/1.6 system-ui,sans-serif}
main{max-width:34rem;margin:10vh auto;padding:2rem;background:var(--paper);border-radius:.75rem}
h1{margin:0 0 .75rem;font-size:1.5rem;line-height:1.25}
.shop{margin:0 0 1.5rem;font-weight:600}
button{min-height:2.75rem;padding:.5rem 1.5rem;border:2px solid var(--ink);border-radius:.5rem;
background:var(--ink);color:var(--paper);font:inherit;font-weight:600;cursor:pointer}
button.quiet{background:none;color:var(--ink);border-color:var(--line)}
button:focus-visible{outline:3px solid #2563eb;outline-offset:3px}
"""
_HASH = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
POLICY = (
    f"default-src 'none'; style-src 'sha256-{_HASH}'; form-action 'self'; frame-ancestors 'none'; "
    "base-uri 'none'"
)


def page(request: HttpRequest, token: str) -> HttpResponse:
    """GET asks and changes nothing, since scanners of mailboxes follow links; POST unsubscribes.

    A mail program's one-click (``List-Unsubscribe=One-Click``) is such a POST; with ``choice=subscribe``
    it subscribes again. 404 for a key that is not right. What previews, tests and rehearsals show
    instead of a key leads to a page that says so and changes nothing.
    """
    if request.method not in ("GET", "HEAD", "POST"):
        return HttpResponse(status=405, headers={"Allow": "GET, HEAD, POST"})
    if bodies.is_too_long(request, LIMIT):
        return HttpResponse(status=413)
    if token == optout.SAMPLE:
        return _show(request, None, "example")
    row = optout.find(token)
    if row is None:
        return _show(request, None, "gone", status=404)
    if request.method != "POST":
        return _show(request, row, "ask")
    only_necessary = request.POST.get("choice") != "subscribe"
    optout.choose(row, only_necessary=only_necessary, now=get_shop().now())
    return _show(request, row, "done" if only_necessary else "back")


def _show(request: HttpRequest, row: Notification | None, state: str, *, status: int = 200) -> HttpResponse:
    wanted = row.language if row else request.headers.get("Accept-Language", "")[:5]
    words = language.choose(wanted)
    values = {
        "catalog": words.catalog,
        "lang": words.code,
        "dir": "ltr" if words.locale.text_direction == "ltr" else "rtl",
        "style": mark_safe(STYLE),  # a constant of ours
        "state": state,
        "shop_name": _shop_name(row),
        "address": masked(row.recipient) if row else "",
    }
    return HttpResponse(
        _template().render(Context(values)), status=status, headers={"Content-Security-Policy": POLICY}
    )


def _shop_name(row: Notification | None) -> str:
    if row is None:
        return ""
    try:
        settings = get_shop().settings(row.channel_id)
    except SupportError:  # who wants no more mails must not be kept waiting by the shop's options
        return ""
    return settings.shop_name or settings.sender_name


def masked(address: str) -> str:
    """Enough of an address for its owner: a forwarded mail must not tell it to others."""
    name, at, domain = address.rpartition("@")
    return f"{name[:1]}•••{at}{domain}"


@functools.cache
def _template() -> Template:
    engine = Engine(
        dirs=[str(PACKAGE / "templates" / "pages")],
        builtins=["saleor_support_plugin.notifications.writing.tags"],
    )
    return engine.get_template("unsubscribe.html")
