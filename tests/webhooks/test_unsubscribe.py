"""Unsubscribing: headers and link in the mail, the page behind them, and that nobody else can do it."""

import base64
import dataclasses
import hashlib
import re

import pytest
from django.core import mail as outbox

from saleor_support_plugin.access.service import _signer as guest_signer
from saleor_support_plugin.history.models import HistoryEntry
from saleor_support_plugin.notifications import drain, kinds, optout, rules, service
from saleor_support_plugin.notifications.models import Notification, NotificationState, OptOut, Reason
from saleor_support_plugin.notifications.samples import sample
from saleor_support_plugin.notifications.writing import links
from saleor_support_plugin.webhooks.unsubscribe import masked
from sandbox import makers

URL = re.compile(r"https?://[^\s>\"]+/mail/unsubscribe/[0-9A-Za-z._-]+")


@pytest.fixture
def send(channel, shop, now, run_jobs):
    """``send(kind)`` writes and sends a mail of this kind; gives its row and the message."""

    def go(kind="delivered", language="en", **options):
        makers.switch_on(channel, quiet_hours="none", **options)
        made = makers.make_order(channel, email="lucia@example.com", language=language)
        order = shop.order(makers.gid(made))
        row = service.notify(
            kind=kind, subject=f"order:{made.pk}", occasion="x", order=order, data=sample(kind, language)[1], now=now
        )  # fmt: skip
        outbox.outbox.clear()
        # What may be told together with other parcels of the order waits a minute.
        drain.deliver(notification_id=row.pk, now=now + rules.GATHER)
        row.refresh_from_db()
        return row, (outbox.outbox[0] if outbox.outbox else None)

    return go


def path(url):
    return re.sub(r"^https?://[^/]+", "", url)


def test_a_mail_one_can_do_without_carries_the_button_and_the_link(send, settings):
    settings.PUBLIC_URL = "https://shop.example"
    row, message = send()
    url = message.extra_headers["List-Unsubscribe"]
    assert URL.fullmatch(url.strip("<>"))
    assert url.startswith("<https://shop.example/plugins/channel/")
    assert message.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert url.strip("<>") in message.body
    assert url.strip("<>") in message.alternatives[0][0]
    stored = str(Notification.objects.filter(pk=row.pk).values().get())
    assert "unsubscribe" not in stored
    assert url.rpartition("/")[2].strip(">") not in stored


def test_one_click_is_offered_only_over_https(send, settings):
    settings.PUBLIC_URL = "http://127.0.0.1:8000"
    _row, message = send()
    assert "List-Unsubscribe" in message.extra_headers
    assert "List-Unsubscribe-Post" not in message.extra_headers


@pytest.mark.parametrize("name", sorted(name for name, kind in kinds.kinds().items() if not kind.can_opt_out))
def test_necessary_mails_have_no_such_header(name, channel, now):
    assert kinds.get(name).essential or kinds.get(name).asked_for or kinds.get(name).audience == "staff"


def test_a_necessary_mail_goes_out_all_the_same(send, client):
    _row, message = send("delivered")
    client.post(path(message.extra_headers["List-Unsubscribe"].strip("<>")))
    row, message = send("return_requested")
    assert row.state == NotificationState.ACCEPTED
    assert "List-Unsubscribe" not in message.extra_headers
    assert not URL.search(message.body)


def test_a_rehearsal_shows_no_working_key(send, client):
    _row, message = send(rehearsal_address="tests@casaolivo.example")
    assert "List-Unsubscribe" not in message.extra_headers
    (url,) = set(URL.findall(message.body))
    assert url.endswith(f"/{optout.SAMPLE}")
    for method in ("get", "head", "post"):
        assert getattr(client, method)(path(url)).status_code == 200
    page = client.get(path(url)).content.decode()
    assert "This link is an example" in page
    assert "<form" not in page
    page = client.get(path(url), headers={"Accept-Language": "es"}).content.decode()
    assert "Este enlace es un ejemplo" in page
    assert "no cambia nada" in page
    assert OptOut.objects.count() == 0
    assert HistoryEntry.objects.filter(verb__startswith="notifications_opted").count() == 0


def test_following_the_link_asks_and_changes_nothing(send, client):
    row, message = send()
    url = path(message.extra_headers["List-Unsubscribe"].strip("<>"))
    for method in ("get", "head"):
        response = getattr(client, method)(url)
        assert response.status_code == 200
    page = client.get(url).content.decode()
    assert OptOut.objects.count() == 0
    assert '<form method="post">' in page
    assert "Unsubscribe</button>" in page
    assert "Casa Olivo" in page
    assert "l•••@example.com" in page
    assert "lucia@example.com" not in page
    assert row.recipient == "lucia@example.com"


@pytest.mark.parametrize(
    "body",
    [{"List-Unsubscribe": "One-Click"}, {"choice": "unsubscribe"}, {}],
    ids=["one click", "button", "bare"],
)
def test_posting_unsubscribes_and_what_one_can_do_without_is_not_sent_any_more(body, send, client, now):
    row, message = send()
    url = path(message.extra_headers["List-Unsubscribe"].strip("<>"))
    for _ in range(2):
        response = client.post(url, body)
        assert response.status_code == 200
    assert "You have unsubscribed" in response.content.decode()
    assert OptOut.objects.values_list("email", "channel_id").get() == ("lucia@example.com", row.channel_id)
    assert HistoryEntry.objects.filter(verb="notifications_opted_out").count() == 1
    again, nothing = send()
    assert (again.state, again.reason, nothing) == (NotificationState.SKIPPED, Reason.OPTED_OUT, None)


def test_one_can_change_ones_mind(send, client):
    _row, message = send()
    url = path(message.extra_headers["List-Unsubscribe"].strip("<>"))
    client.post(url)
    response = client.post(url, {"choice": "subscribe"})
    assert "You are subscribed again" in response.content.decode()
    assert OptOut.objects.count() == 0
    assert list(HistoryEntry.objects.order_by("pk").values_list("verb", flat=True))[-2:] == [
        "notifications_opted_out", "notifications_opted_in",
    ]  # fmt: skip


def test_in_the_language_of_the_mail(send, client):
    _row, message = send(language="es-es")
    page = client.get(path(message.extra_headers["List-Unsubscribe"].strip("<>"))).content.decode()
    assert '<html lang="es" dir="ltr">' in page
    assert "¿Quieres menos correos?" in page
    assert "Do you want" not in page


def test_keys_that_are_not_right_are_refused(send, client, channel):
    row, message = send()
    url = path(message.extra_headers["List-Unsubscribe"].strip("<>"))
    base, _slash, token = url.rpartition("/")
    flipped = [token[:place] + chr(ord(token[place]) ^ 1) + token[place + 1 :] for place in range(len(token))]
    other = Notification.objects.create(kind="delivered", subject="x", recipient="maria@example.com", occasion="x", channel_id="c", order_id="o", order_number="1")  # fmt: skip
    swapped = [f"{other.pk}.{token.partition('.')[2]}", str(row.pk), f"{row.pk}.", f"{row.pk}.x", "x" * 5000]
    swapped.append(guest_signer().sign(str(row.pk)))  # a key for another purpose
    for bad in [*flipped, *swapped]:
        response = client.post(f"{base}/{bad}")
        assert response.status_code == 404
    assert OptOut.objects.count() == 0
    row.delete()
    assert client.post(url).status_code == 404


def test_a_key_survives_a_new_secret_while_the_old_one_is_a_fallback(send, client, settings):
    _row, message = send()
    url = path(message.extra_headers["List-Unsubscribe"].strip("<>"))
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "new", [settings.SECRET_KEY]
    assert client.post(url).status_code == 200
    settings.SECRET_KEY_FALLBACKS = []
    assert client.post(url).status_code == 404


def test_the_page_loads_nothing_and_tells_nobody(send, client):
    _row, message = send()
    response = client.get(path(message.extra_headers["List-Unsubscribe"].strip("<>")))
    policy = response.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert response.headers["Referrer-Policy"] == "no-referrer"
    assert response.headers["Cache-Control"] == "no-store"
    page = response.content.decode()
    (style,) = re.findall(r"<style>(.*?)</style>", page, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert f"style-src 'sha256-{digest}'" in policy  # else browsers would show it bare
    assert "<script" not in page
    assert not re.search(r"(src|href)=", page)
    assert '<meta name="robots" content="noindex">' in page


def test_the_shops_name_stays_text(send, client, channel):
    _row, message = send(shop_name="<script>alert(1)</script>")
    page = client.get(path(message.extra_headers["List-Unsubscribe"].strip("<>"))).content.decode()
    assert "<script>" not in page
    assert "&lt;script&gt;" in page


@pytest.mark.parametrize("method", ["put", "patch", "delete", "options"])
def test_other_methods(method, send, client):
    _row, message = send()
    url = path(message.extra_headers["List-Unsubscribe"].strip("<>"))
    response = getattr(client, method)(url)
    assert (response.status_code, response.headers["Allow"]) == (405, "GET, HEAD, POST")
    assert client.post(url, b"x" * 20_000, content_type="text/plain").status_code == 413
    assert OptOut.objects.count() == 0


def test_without_our_own_address_there_is_no_link(channel, shop):
    row = Notification(pk=7, kind="delivered", recipient="lucia@example.com")
    settings = shop.settings(makers.gid(channel))
    assert links.unsubscribe_link(row, settings).startswith(settings.plugin_url)
    assert links.unsubscribe_link(row, dataclasses.replace(settings, plugin_url="")) == ""


def test_addresses_are_shown_to_their_owner_only():
    assert [masked(one) for one in ("lucia@example.com", "l@x.es", "", "odd")] == [
        "l•••@example.com", "l•••@x.es", "•••", "•••odd",
    ]  # fmt: skip
