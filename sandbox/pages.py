"""The demo's pages: orders and people, the playground, the mails, and the gallery of all kinds of mail.

Nothing comes from elsewhere.
"""

import pathlib
from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any

from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe
from django.views.static import serve

from saleor_support_plugin.graphql.view import graphql as endpoint
from saleor_support_plugin.notifications.kinds import kinds
from saleor_support_plugin.notifications.variables import Kind
from sandbox import gallery as shown
from sandbox import mails as mailbox
from sandbox import models, scanning
from sandbox.home import reader
from sandbox.makers import gid, token_for

STATIC = pathlib.Path(__file__).parent / "static"
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "font-src 'self' data:; connect-src 'self'; frame-src 'self'; form-action 'self'; base-uri 'none'"
)
WIDTHS = ("wide", "narrow")
MAIL_POLICY = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:"


def page(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """A page for GET and HEAD that may load nothing but our own files."""

    @require_safe
    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        response = view(request, *args, **kwargs)
        response.setdefault("Content-Security-Policy", POLICY)
        response.setdefault("Cache-Control", "no-store")
        return response

    return answer


@page
def home(request: HttpRequest) -> HttpResponse:
    """The orders, and who to be."""
    number = request.GET.get("order", "")
    context = {
        "orders": _orders(),
        "products": _products(),
        "people": _people(),
        "chosen": number,
        "mails": len(mailbox.sent()),
        "scan": scanning.command(request.build_absolute_uri("/").rstrip("/")),
    }
    return render(request, "sandbox/home.html", context)


@csrf_exempt  # the API takes its credentials from the Authorization header
def graphql(request: HttpRequest) -> HttpResponseBase:
    """POST: the API. GET: the playground."""
    return playground(request) if request.method in ("GET", "HEAD") else endpoint(request)


@page
def playground(request: HttpRequest) -> HttpResponse:
    """GraphiQL with a choice of who asks."""
    people = [
        {"name": one["name"], "role": one["role"], "token": one["token"], "email": one["email"]}
        for one in _people()
    ]
    examples = {"order": gid(order)} if (order := models.Order.objects.order_by("number").first()) else {}
    return render(request, "sandbox/playground.html", {"people": people, "examples": examples})


@page
def guest(request: HttpRequest) -> HttpResponse:
    """Where the link in a guest's mail leads: a storefront would open the order with the token."""
    number = request.GET.get("number", "")
    order = models.Order.objects.filter(number=int(number) if number.isdecimal() and len(number) < 10 else -1)
    row = order.first()
    context = {"token": request.GET.get("token", ""), "number": number, "order_id": gid(row) if row else ""}
    return render(request, "sandbox/guest.html", context)


@page
def mails(request: HttpRequest) -> HttpResponse:
    """The list of mails, latest first."""
    return render(request, "sandbox/mails.html", {"mails": list(reversed(mailbox.sent()))})


@page
def mail(request: HttpRequest, number: int) -> HttpResponse:
    """One mail: headers, HTML in a locked frame, text."""
    found = _mail(number)
    return render(
        request,
        "sandbox/mail.html",
        {"mail": found, "before": mailbox.get(number - 1), "after": mailbox.get(number + 1)},
    )


@page
def mail_html(request: HttpRequest, number: int) -> HttpResponse:
    """The HTML part alone; scripts, forms and foreign pictures stay off."""
    return HttpResponse(_mail(number).html, headers={"Content-Security-Policy": MAIL_POLICY})


@page
def mail_raw(request: HttpRequest, number: int) -> FileResponse:
    """The mail as it was sent."""
    path = _mail(number).path
    return FileResponse(path.open("rb"), as_attachment=True, filename=path.name)


@page
def gallery(request: HttpRequest) -> HttpResponse:
    """Every kind of mail, by group."""
    context = {"groups": shown.groups(), "languages": shown.LANGUAGES}
    return render(request, "sandbox/gallery.html", context)


@page
def gallery_mail(request: HttpRequest, language: str, kind: str) -> HttpResponse:
    """One kind with sample data: HTML in a locked frame of a chosen width and look, and text."""
    found = _kind(language, kind)
    context = {
        "kind": found,
        "written": shown.write(found, language),
        "language": language,
        "languages": shown.LANGUAGES,
        "look": _choice(request, "look", shown.LOOKS),
        "looks": shown.LOOKS,
        "width": _choice(request, "width", WIDTHS),
        "widths": WIDTHS,
    }
    return render(request, "sandbox/gallery_mail.html", context)


@page
def gallery_html(request: HttpRequest, language: str, kind: str) -> HttpResponse:
    """The HTML part alone, locked up."""
    html = shown.write(_kind(language, kind), language).html
    look = _choice(request, "look", shown.LOOKS)
    return HttpResponse(shown.dressed(html, look), headers={"Content-Security-Policy": MAIL_POLICY})


@require_safe
def static(request: HttpRequest, path: str) -> HttpResponseBase:
    """A file of ``sandbox/static``."""
    return serve(request, path, document_root=str(STATIC))


def _kind(language: str, kind: str) -> Kind:
    found = kinds().get(kind)
    if found is None or language not in shown.LANGUAGES:
        raise Http404
    return found


def _choice(request: HttpRequest, name: str, choices: Sequence[str]) -> str:
    wanted = request.GET.get(name, "")
    return wanted if wanted in choices else choices[0]


def _mail(number: int) -> mailbox.Mail:
    found = mailbox.get(number)
    if found is None:
        raise Http404
    return found


def _orders() -> list[dict[str, Any]]:
    rows = reader.orders().order_by("number")
    return [
        {
            "id": gid(row),
            "number": str(row.number),
            "customer": reader.customer_name(row),
            "email": reader.email(row),
            "member": row.user_id is not None,
            "channel": row.channel.name,
            "slug": row.channel.slug,
            "language": row.language_code,
            "status": row.status.replace("_", " "),
            "total": f"{row.total:.2f} {row.currency}",
            "lines": [f"{line.quantity} × {line.product_name}" for line in row.lines.all()],
            "tracking": [one.tracking_number for one in row.fulfillments.all() if one.tracking_number],
        }
        for row in rows
    ]


def _products() -> list[dict[str, str]]:
    return [{"id": gid(row), "name": row.name} for row in models.Product.objects.order_by("name", "pk")]


def _people() -> list[dict[str, Any]]:
    slugs = {channel.pk: channel.name for channel in models.Channel.objects.all()}
    people: list[dict[str, Any]] = [
        {
            "name": f"{user.first_name} {user.last_name}",
            "role": _role(user, slugs),
            "email": user.email,
            "password": "demo",
            "token": token_for(user),
        }
        for user in models.User.objects.order_by("is_staff", "pk")
    ]
    for app in models.App.objects.order_by("pk"):
        rights = ", ".join(app.permissions) or "no permission"
        people.append(
            {"name": app.name, "role": f"app: {rights}", "email": "", "password": "", "token": token_for(app)}
        )
    return people


def _role(user: models.User, slugs: dict[int, str]) -> str:
    if not user.is_staff:
        return "customer"
    rights = ", ".join(user.permissions) or "no permission"
    where = "" if user.channel_pks is None else " in " + ", ".join(slugs[one] for one in user.channel_pks)
    return f"staff: {rights}{where}"
