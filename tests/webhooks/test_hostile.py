"""Reports made to harm: by who has got hold of a secret, by who sends no length, by odd numbers and dates."""

import base64
import datetime
import hashlib
import hmac
import json
import logging

import pytest

from saleor_support_plugin.errors import Invalid
from saleor_support_plugin.notifications import optout
from saleor_support_plugin.notifications.models import DeliveryEvent, OptOut, Suppression
from saleor_support_plugin.webhooks import bodies, events, router
from sandbox import makers
from tests.webhooks import payloads

POSTAL_KEY = "MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDJ" + "x" * 170 + "IDAQAB"


@pytest.fixture(autouse=True)
def _quiet(monkeypatch):
    monkeypatch.setattr(logging.getLogger("django.request"), "disabled", True)


@pytest.mark.parametrize("what", ["bounced", "complained", "unsubscribed"])
def test_a_report_silences_nobody_but_who_got_the_mail(what, provider, mail, run_jobs):
    """One mail and the secret are not enough to keep mails from everybody else."""
    esp, row = provider("mailgun"), mail("mailgun")
    assert esp.report(what, row, recipient="victim@example.com").status_code == 200
    run_jobs()
    assert DeliveryEvent.objects.get().state == "applied"
    assert (Suppression.objects.count(), OptOut.objects.count()) == (0, 0)


def test_an_address_in_unicode_is_suppressed_as_the_order_has_it(provider, mail, run_jobs):
    esp, row = provider("postmark"), mail("postmark", recipient="Lucia@olivo-españa.example")
    assert esp.report("bounced", row, recipient="lucia@xn--olivo-espaa-beb.example").status_code == 200
    run_jobs()
    assert list(Suppression.objects.values_list("email", flat=True)) == ["lucia@olivo-españa.example"]


@pytest.mark.parametrize("date", ["9999-12-31T23:59:59Z", "2099-01-01T00:00:00Z"])
def test_a_date_of_the_future_stops_no_job_and_holds_no_longer(date, provider, mail, run_jobs, now):
    esp, row = provider("postmark"), mail("postmark")
    body, content_type, headers = esp.build("bounced", row)
    said = json.loads(body) | {"BouncedAt": date}
    assert esp.post(json.dumps(said).encode(), content_type, headers).status_code == 200
    run_jobs()
    row.refresh_from_db()
    assert (row.delivery, row.delivery_at) == ("bounced", now)
    assert Suppression.objects.get().until == now + datetime.timedelta(days=60)


def test_numbers_and_letters_that_a_database_refuses(provider, mail):
    esp, row = provider("postmark"), mail("postmark")
    body, content_type, headers = esp.build("bounced", row)
    said = json.loads(body) | {"Email": "İ" * 254, "Odd": float("nan"), "Odder": [float("inf")]}
    assert esp.post(json.dumps(said).encode(), content_type, headers).status_code == 200
    event = DeliveryEvent.objects.get()
    assert len(event.recipient) <= 254
    json.dumps(event.payload, allow_nan=False)


def test_a_crowd_of_reports_at_once_is_refused(provider, effects):
    esp = provider("mailjet")
    headers = payloads.basic(payloads.SECRETS["mailjet"])
    crowd = json.dumps([{"event": "sent", "time": 1}] * 30_000, separators=(",", ":")).encode()
    assert len(crowd) < events.LIMIT
    assert esp.post(crowd, "application/json", headers).status_code == 413
    assert effects() == [0, 0, 0, 0, 0]


def test_a_public_key_is_nobodys_secret(provider, mail, channel, effects, client):
    """A channel that sends through Postal's SMTP has Postal's public key for a secret, as everybody has."""
    esp, row = provider("mailersend"), mail("")
    makers.switch_on(channel, mail_provider="", mail_provider_options="", webhook_secret=POSTAL_KEY)
    for name in ("mailersend", "mailgun", "mailtrap", "mandrill"):
        forged = payloads.build(
            name, "bounced", message_id=row.message_id, recipient=row.recipient,
            when=datetime.datetime.now(datetime.UTC), secret=POSTAL_KEY,
        )  # fmt: skip
        body, content_type, headers = forged
        url = esp.url.replace("mailersend", name)
        assert client.post(url, body, content_type=content_type, headers=headers).status_code == 404
    body = esp.build("bounced", row)[0]
    signed = hmac.new(POSTAL_KEY.encode(), body, hashlib.sha256).hexdigest()
    assert esp.post(body, "application/json", {"Signature": signed}).status_code == 404
    assert effects() == [0, 0, 0, 0, 0]


class Endless:
    """A body of which nobody said how long it is."""

    def __init__(self):
        self.given = 0

    def read(self, size=-1):
        assert size >= 0, "read without a limit"
        self.given += size
        return b"x" * size


@pytest.mark.parametrize("path", ["mail/events/postmark", "mail/unsubscribe/{key}"])
def test_a_body_without_a_length_is_read_no_further_than_the_limit(path, provider, mail, channel, rf):
    provider("postmark")
    path = path.format(key=optout.token(mail("postmark")))
    request = rf.post("/", b"", content_type="application/json", headers=payloads.basic("a:bcdefghijklmnopq"))
    request.META.pop("CONTENT_LENGTH", None)
    request.content_type = "application/json"  # Django's factory drops it where the body is empty
    request._stream = Endless()
    response = router.handle(request, channel_id=makers.gid(channel), path=path)
    assert response.status_code == 413
    assert request._stream.given <= events.LIMIT + 1


def test_a_body_that_was_measured_can_still_be_read(rf):
    request = rf.post("/", {"choice": "subscribe"})
    assert not bodies.is_too_long(request, 1000)
    assert request.POST["choice"] == "subscribe"
    assert not bodies.is_too_long(request, 1000)
    assert b"subscribe" in request.body


PAGES = {  # where a key is part of the address, and what answers there
    "mail/unsubscribe/": "unsubscribe.page",
    "files/": "files.download",
    "returns/slip/": "slip.page",
}


@pytest.mark.parametrize("path", PAGES)
def test_a_key_is_not_logged_when_its_page_fails(path, rf, monkeypatch, caplog, channel):
    monkeypatch.setattr(f"saleor_support_plugin.webhooks.{PAGES[path]}", lambda *args: 1 / 0)
    router.handle(rf.get("/"), channel_id=makers.gid(channel), path=f"{path}17.secretkey.signature")
    assert f"A request to {path} failed." in caplog.text
    assert "secretkey" not in caplog.text


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("fails", [True, False])
def test_nor_does_django_log_it(path, fails, client, monkeypatch, caplog, channel):
    monkeypatch.setattr(logging.getLogger("django.request"), "disabled", False)
    if fails:
        monkeypatch.setattr(f"saleor_support_plugin.webhooks.{PAGES[path]}", lambda *args: 1 / 0)
    response = client.put(f"/plugins/channel/{channel.slug}/saleor.support/{path}17.secretkey.signature")
    assert response.status_code == (500 if fails else 405)
    assert "secretkey" not in caplog.text


def test_django_logs_what_else_is_refused(client, monkeypatch, caplog, channel):
    monkeypatch.setattr(logging.getLogger("django.request"), "disabled", False)
    client.get(f"/plugins/channel/{channel.slug}/saleor.support/nothing")
    assert "saleor.support/nothing" in caplog.text


def test_strangers_words_do_not_steer_the_terminal_of_who_reads_the_log(provider, caplog):
    esp = provider("amazon_ses")
    headers = {
        "x-amz-sns-message-type": "Notification", **payloads.basic(payloads.SECRETS["amazon_ses"]),
    }  # fmt: skip
    body = json.dumps({"Type": "\x1b[2J\u202e\nroot: fine"}).encode()
    assert esp.post(body, "text/plain", headers).status_code == 403
    message = next(one.getMessage() for one in caplog.records if "not believed" in one.getMessage())
    assert message.isprintable()


def test_a_password_is_not_part_of_an_answer(provider):
    esp = provider("postmark")
    wrong = base64.b64encode(b"shop:another-long-password").decode()
    response = esp.post(b"{}", "application/json", {"Authorization": f"Basic {wrong}"})
    assert (response.status_code, response.content) == (403, b"")


KEY = "https://shop.example/guest?t=17.secretkey.signature"


@pytest.mark.parametrize(
    "said",
    [
        {"OriginalLink": KEY},
        {"Deep": [{"link": f"see {KEY}, please"}]},
        {"headers": [{"name": "List-Unsubscribe", "value": f"<{KEY}>"}]},
        {"Subject": "Your order 1042"},
        {"a": {"b": {"c": {"d": {"e": {"f": {"g": {"h": {"i": {"link": KEY}}}}}}}}}},
    ],
)
def test_a_report_keeps_no_key_that_our_mail_held(said, provider, mail):
    """Providers report links that were followed, and some our mail's headers with the key to unsubscribe."""
    esp, row = provider("postmark", track_opens=True), mail("postmark")
    body, content_type, headers = esp.build("opened", row)
    assert esp.post(json.dumps(json.loads(body) | said).encode(), content_type, headers).status_code == 200
    kept = json.dumps(DeliveryEvent.objects.get().payload)
    assert "secretkey" not in kept
    assert "1042" not in kept


@pytest.mark.parametrize("said", [KEY, KEY.replace("/", "\\/"), KEY.replace(":", "%3A").replace("/", "%2F")])
def test_nor_does_one_that_could_not_be_read(said, provider):
    esp = provider("postmark")
    body = f'[{{"link": "{said}", "x": '.encode()
    headers = payloads.basic(payloads.SECRETS["postmark"])
    assert esp.post(body, "application/json", headers).status_code == 200
    (event,) = DeliveryEvent.objects.all()
    assert event.type == "unreadable"
    assert "shop.example" in event.payload["said"]["body"]
    assert "secretkey" not in event.payload["said"]["body"]


def test_unsubscribing_works_while_the_shops_options_are_broken(mail, client, channel, monkeypatch, shop):
    row = mail("postmark", kind="check_in")

    def broken(channel_id):
        raise Invalid("The options can't be read.")

    monkeypatch.setattr(shop, "settings", broken)
    url = f"/plugins/channel/{channel.slug}/saleor.support/mail/unsubscribe/{optout.token(row)}"
    assert client.get(url).status_code == 200
    assert client.post(url).status_code == 200
    assert OptOut.objects.get().email == "lucia@example.com"


def test_broken_options_of_one_channel_keep_no_reports_waiting(provider, mail, run_jobs, monkeypatch, shop):
    esp, row = provider("postmark"), mail("postmark")
    assert esp.report("bounced", row, recipient="tests@casaolivo.example").status_code == 200

    def broken(channel_id):
        raise Invalid("The options can't be read.")

    monkeypatch.setattr(shop, "settings", broken)
    run_jobs()
    assert DeliveryEvent.objects.get().state == "applied"
    assert Suppression.objects.count() == 0


def test_what_could_not_be_read_is_not_repeated_in_the_log(provider, caplog):
    """anymail puts the whole report into its error."""
    esp = provider("amazon_ses")
    identifier = "165545c9-2a5c-472c-8df2-7ff2be2b3b1b"
    said = {"Type": "Notification", "MessageId": identifier, "Message": "lucia@example.com {"}
    headers = {
        "x-amz-sns-message-type": "Notification", "x-amz-sns-message-id": identifier,
        **payloads.basic(payloads.SECRETS["amazon_ses"]),
    }  # fmt: skip
    assert esp.post(json.dumps(said).encode(), "text/plain", headers).status_code == 200
    assert DeliveryEvent.objects.get().type == "unreadable"
    assert "could not be read: AnymailAPIError" in caplog.text
    assert "lucia@example.com" not in caplog.text
