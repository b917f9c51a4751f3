"""The plugin's addresses inside Saleor: reports of mail providers, unsubscribing, and Amazon's own library."""

import datetime
import http.server
import json
import threading

import pytest
from django.core.mail import EmailMultiAlternatives
from django.db import connection
from django.test import Client
from django.utils import timezone
from saleor.core.db.connection import allow_writer

from saleor_support_plugin.notifications import optout
from saleor_support_plugin.notifications.feedback import service
from saleor_support_plugin.notifications.feedback.reports import Report
from saleor_support_plugin.notifications.models import (
    DeliveryEvent,
    Notification,
    OptOut,
    Reason,
    Suppression,
)
from saleor_support_plugin.notifications.sending import provider_options
from saleor_support_plugin.notifications.sending.transport import Fault, Handed, Mailer, note
from saleor_support_plugin.settings import SupportSettings
from saleor_support_plugin.worklist.models import StaffTask
from tests.webhooks import payloads

POSTMARK = {
    "notifications": True, "mail_provider": "postmark", "mail_provider_options": "server_token=k",
    "webhook_secret": payloads.SECRETS["postmark"],
}  # fmt: skip


@pytest.fixture
def mail(world):
    """A mail of an order, as Postmark took it."""
    assert world.configure(world.channel_id, POSTMARK) == set()
    row = Notification.objects.create(
        kind="order_cancelled", subject="order:1", recipient="lucia@example.com", occasion="x",
        channel_id=world.channel_id, order_id=world.make_order(), order_number="1", state="accepted",
        provider="postmark", provider_id="pm-1", language="es", created_at=timezone.now(),
    )  # fmt: skip
    row.message_id = f"<support.{row.pk}.0123456789abcdef0123@shop.example>"
    row.save()
    yield row
    for model in (DeliveryEvent, Suppression, StaffTask, OptOut, Notification):
        model.objects.all().delete()


def address(world, path):
    return f"/plugins/channel/{world.channel}/saleor.support/{path}"


def report(world, mail, **changes):
    values = {
        "message_id": "pm-1",
        "recipient": mail.recipient,
        "when": timezone.now(),
        "note": note(mail.message_id),
    }
    body, content_type, headers = payloads.build("postmark", "bounced", **{**values, **changes})
    return Client().post(
        address(world, "mail/events/postmark"), body, content_type=content_type, headers=headers
    )


def test_a_report_reaches_us_through_saleors_address(world, mail, jobs):
    assert report(world, mail).status_code == 200
    assert report(world, mail).status_code == 200
    assert ("saleor_support_plugin.tasks.apply_delivery_events", ()) in jobs
    with allow_writer():
        service.sweep(now=timezone.now(), limit=100)
    mail.refresh_from_db()
    assert mail.delivery == "bounced"
    assert DeliveryEvent.objects.count() == Suppression.objects.count() == StaffTask.objects.count() == 1


def test_who_is_not_the_provider_is_refused(world, mail):
    assert report(world, mail, secret="shop:another-long-password").status_code == 403
    world.configure(world.channel_id, {"webhook_secret": ""})
    assert report(world, mail).status_code == 404
    assert DeliveryEvent.objects.count() == 0


def test_unsubscribing_through_saleors_address(world, mail):
    url = address(world, f"mail/unsubscribe/{optout.token(mail)}")
    page = Client(enforce_csrf_checks=True).get(url)
    assert (page.status_code, OptOut.objects.count()) == (200, 0)
    assert '<html lang="es"' in page.content.decode()
    clicked = Client(enforce_csrf_checks=True).post(url, {"List-Unsubscribe": "One-Click"})
    assert (clicked.status_code, OptOut.objects.get().email) == (200, "lucia@example.com")
    assert Client().post(address(world, "mail/unsubscribe/1.forged")).status_code == 404


def test_four_workers_at_once_apply_each_report_once(world, mail):
    now = timezone.now()
    rows = Notification.objects.bulk_create(
        Notification(
            kind="order_cancelled", subject=f"order:w{number}", recipient=f"p{number}@example.com", occasion="x",
            channel_id=world.channel_id, order_id=f"o{number}", order_number="1", state="accepted",
            provider="postmark", provider_id=f"w-{number}",
        )
        for number in range(60)
    )  # fmt: skip
    reports = [
        Report(f"e{number}-{what}", what, f"w-{number}", "", f"p{number}@example.com", "550", now, {})
        for number in range(60)
        for what in ("sent", "delivered", "bounced")
    ]
    service.store(reports, provider="postmark", channel_id=world.channel_id, track_opens=False, now=now)
    errors, start = [], threading.Barrier(4)

    def work():
        start.wait()
        try:
            with allow_writer():
                service.sweep(now=now, limit=1000)
        except Exception as error:
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert errors == []
    assert set(DeliveryEvent.objects.values_list("state", flat=True)) == {"applied"}
    found = Notification.objects.filter(pk__in=[row.pk for row in rows]).values_list("delivery", flat=True)
    assert set(found) == {"bounced"}
    assert Suppression.objects.count() == StaffTask.objects.count() == 60


@pytest.fixture
def amazon():
    """What answers as Amazon SES: ``amazon.answer`` is (status, body); ``amazon.asked`` what came."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            length = int(self.headers["Content-Length"])
            server.asked.append((self.path, self.headers["Authorization"], self.rfile.read(length).decode()))
            status, said = server.answer
            body = json.dumps(said).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            if status >= 400:
                self.send_header("x-amzn-ErrorType", said["__type"])
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.asked, server.answer = [], (200, {"MessageId": "0100017c-ses"})
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def test_amazon_ses_sends_with_saleors_own_boto3(amazon):
    options = {
        "region_name": "eu-west-1", "aws_access_key_id": "AKIDCHANNEL", "aws_secret_access_key": "secret",
        "configuration_set_name": "shop", "endpoint_url": f"http://127.0.0.1:{amazon.server_address[1]}",
    }  # fmt: skip
    settings = SupportSettings(channel_id="c", mail_provider="amazon_ses", mail_provider_options=options)
    assert provider_options.problems(settings) == []
    message = EmailMultiAlternatives(
        "Hello", "It left.", "Casa <a@b.example>", ["lucia@example.com"],
        headers={"Message-ID": "<support.7.0123456789abcdef0123@b.example>"},
    )  # fmt: skip
    with Mailer() as mailer:
        assert mailer.send(message, settings) == Handed("amazon_ses", "0100017c-ses")
        amazon.answer = (400, {"__type": "MessageRejected", "message": "Email address is not verified."})
        fault = mailer.send(message, settings)
        amazon.answer = (
            429,
            {"__type": "TooManyRequestsException", "message": "Maximum sending rate exceeded."},
        )
        busy = mailer.send(message, settings)
    assert isinstance(fault, Fault)
    assert (fault.reason, fault.final, fault.everybody) == (Reason.SERVER_TROUBLE, False, True)
    assert (busy.reason, busy.final) == (Reason.TRY_LATER, False)
    assert len(amazon.asked) == 3  # boto repeats nothing by itself
    path, authorization, body = amazon.asked[0]
    assert path == "/v2/email/outbound-emails"
    assert "AKIDCHANNEL" in authorization
    assert json.loads(body)["ConfigurationSetName"] == "shop"


def test_postals_signature_is_verified(world):
    import base64

    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import padding, rsa

    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    public = "".join(pem.decode().splitlines()[1:-1])
    values = {
        "notifications": True, "mail_provider": "postal", "webhook_secret": public,
        "mail_provider_options": "api_key=k\napi_url=https://postal.example.com",
    }  # fmt: skip
    assert world.configure(world.channel_id, values) == set()
    seconds = int(datetime.datetime.now(datetime.UTC).timestamp())
    said = {
        "event": "MessageSent", "timestamp": seconds, "uuid": "0cce6f40-4c5c-4c30-8e9b-1d2c7b2f0d31",
        "payload": {"status": "Sent", "output": "250 OK", "details": "delivered",
                    "message": {"id": 1503, "to": "lucia@example.com", "direction": "outgoing", "tag": None}},
    }  # fmt: skip
    body = json.dumps(said).encode()
    signature = base64.b64encode(key.sign(body, padding.PKCS1v15(), hashes.SHA1())).decode()
    for data, status in ((body.replace(b"lucia", b"maria"), 403), (body, 200)):
        response = Client().post(
            address(world, "mail/events/postal"), data, content_type="application/json",
            headers={"X-Postal-Signature": signature},
        )  # fmt: skip
        assert response.status_code == status
    assert DeliveryEvent.objects.values_list("type", "message_id", "recipient").get() == (
        "delivered", "1503", "lucia@example.com",
    )  # fmt: skip
    DeliveryEvent.objects.all().delete()
