"""Reports of mail providers: who is believed, what is kept, and what a mail's delivery says then."""

import datetime
import json
import logging
import time

import pytest
import requests

from saleor_support_plugin.notifications.models import (
    Delivery,
    DeliveryEvent,
    Notification,
    OptOut,
    Suppression,
)
from saleor_support_plugin.webhooks import router
from saleor_support_plugin.worklist.models import StaffTask
from sandbox import makers
from tests.webhooks import payloads

SECOND = datetime.timedelta(seconds=1)
NOTHING = [0, 0, 0, 0, 0]
NAMES = sorted(payloads.EVENTS)
DELIVERY = {"soft_bounced": "bounced", "unsubscribed": ""}


@pytest.fixture(autouse=True)
def _quiet(monkeypatch):
    monkeypatch.setattr(logging.getLogger("django.request"), "disabled", True)


@pytest.mark.parametrize(("name", "what"), payloads.ALL)
def test_every_documented_report_is_understood(name, what, provider, mail, run_jobs, now):
    when = now - 30 * SECOND
    esp, row = provider(name, track_opens=True), mail(name if name in payloads.OPTIONS else "amazon_ses")
    assert esp.report(what, row, when=when, sent=now).status_code == 200
    run_jobs()
    row.refresh_from_db()
    assert row.delivery == DELIVERY.get(what, what)
    if row.delivery:
        assert row.delivery_at == (now if name == "amazon_ses" else when)
    (event,) = DeliveryEvent.objects.all()
    assert (event.state, event.notification_id, event.type) == ("applied", row.pk, what)
    assert event.recipient == "lucia@example.com"
    assert event.channel_id == row.channel_id
    suppressed = list(Suppression.objects.values_list("email", "reason"))
    assert suppressed == ([("lucia@example.com", what)] if what in ("bounced", "complained") else [])
    assert OptOut.objects.count() == (what == "unsubscribed")


@pytest.mark.parametrize("name", NAMES)
def test_without_a_secret_there_is_nothing_here(name, provider, mail, channel, effects):
    esp, row = provider(name), mail(name)
    report = esp.build("bounced", row)
    makers.switch_on(channel, webhook_secret="")
    before = effects()
    assert esp.post(*report).status_code == 404
    assert effects() == before == NOTHING


@pytest.mark.parametrize("name", NAMES)
def test_unsigned_or_wrongly_signed_reports_have_no_effect(name, provider, mail, effects, run_jobs):
    esp, row = provider(name), mail(name)
    body, content_type, headers = esp.build("bounced", row)
    signing = ("Authorization", "Signature", "Mailtrap-Signature", "X-Mandrill-Signature", "svix-signature")
    bare = {header: value for header, value in headers.items() if header not in signing}
    if bare != headers:
        assert esp.post(body, content_type, bare).status_code in (401, 403)
    wrong = "whsec_" + "QUFB" * 8 if name == "resend" else "shop:another-long-password"
    assert esp.report("bounced", row, secret=wrong).status_code == 403
    run_jobs()
    assert effects() == NOTHING


@pytest.mark.parametrize("name", sorted(payloads.COVERS_BODY))
def test_an_altered_body_has_no_effect(name, provider, mail, effects):
    esp, row = provider(name), mail(name)
    body, content_type, headers = esp.build("bounced", row)
    altered = body.replace(b"lucia", b"maria")
    assert altered != body
    assert esp.post(altered, content_type, headers).status_code == 403
    assert effects() == NOTHING


@pytest.mark.parametrize("name", sorted(payloads.COVERS_TIME))
def test_an_old_signature_has_no_effect(name, provider, mail, effects, now):
    esp, row = provider(name), mail(name)
    for sent in (now - 301 * SECOND, now + 301 * SECOND):
        assert esp.report("bounced", row, sent=sent).status_code == 403
    assert effects() == NOTHING
    assert esp.report("bounced", row, sent=now - 299 * SECOND).status_code == 200


@pytest.mark.parametrize("name", NAMES)
def test_a_replay_is_answered_and_changes_nothing(name, provider, mail, effects, run_jobs):
    esp, row = provider(name), mail(name)
    report = esp.build("bounced", row)
    assert esp.post(*report).status_code == 200
    run_jobs()
    before = effects()
    assert before == [1, 1, 1, 0, 1]
    for _ in range(100 if name == "postmark" else 3):
        assert esp.post(*report).status_code == 200
    run_jobs()
    assert effects() == before


def test_a_caught_signature_of_mailgun_can_not_be_used_for_another_report(provider, mail, effects, run_jobs):
    """Mailgun's signature does not cover what is reported, but it is good for one report only."""
    esp, row = provider("mailgun"), mail("mailgun")
    body, content_type, headers = esp.build("delivered", row)
    assert esp.post(body, content_type, headers).status_code == 200
    forged = json.loads(body)
    forged["event-data"] |= {"event": "complained"}
    assert esp.post(json.dumps(forged).encode(), content_type, headers).status_code == 200
    run_jobs()
    row.refresh_from_db()
    assert row.delivery == Delivery.DELIVERED
    assert effects() == [1, 1, 0, 0, 0]


@pytest.mark.parametrize("method", ["get", "put", "patch", "delete", "options"])
def test_other_methods_are_refused(method, provider, effects):
    esp = provider("postmark")
    response = getattr(esp.client, method)(esp.url)
    assert (response.status_code, response.headers["Allow"]) == (405, "POST, HEAD")
    assert effects() == NOTHING


def test_providers_may_ask_whether_we_are_there(provider, effects):
    for name, method in (("mandrill", "head"), ("unisender_go", "get")):
        esp = provider(name)
        assert getattr(esp.client, method)(esp.url).status_code == 200
    assert effects() == NOTHING


def test_too_long_reports_are_refused_unread(provider, effects, monkeypatch):
    esp = provider("postmark")
    _body, content_type, headers = esp.build("delivered")
    assert esp.post(b"x" * 10_000_000, content_type, headers).status_code == 413
    assert esp.post(b" " * 1_000_001, content_type, headers).status_code == 413
    assert effects() == NOTHING


@pytest.mark.parametrize("content_type", ["application/octet-stream", "text/html", "application/xml", ""])
def test_other_content_types_are_refused(content_type, provider, effects):
    esp = provider("postmark")
    body, _content_type, headers = esp.build("delivered")
    assert esp.post(body, content_type, headers).status_code == 415
    assert effects() == NOTHING


@pytest.mark.parametrize("path", ["", "mail", "mail/events", "mail/events/pigeons", "mail/events/sendgrid", "mail/events/scaleway",
                                  "mail/events/postmark/more", "mail/unsubscribe", "../x", "%00"])  # fmt: skip
def test_other_addresses_are_not_there(path, provider, effects):
    esp = provider("postmark")
    body, content_type, headers = esp.build("delivered")
    url = esp.url.removesuffix("mail/events/postmark") + path
    assert esp.client.post(url, body, content_type=content_type, headers=headers).status_code == 404
    assert effects() == NOTHING


def test_another_provider_than_the_channels_is_not_there(provider, effects, client):
    esp = provider("postmark")
    body, content_type, headers = payloads.build(
        "brevo", "bounced", message_id="x", recipient="lucia@example.com", when=datetime.datetime.now(datetime.UTC)
    )  # fmt: skip
    url = esp.url.replace("postmark", "brevo")
    assert client.post(url, body, content_type=content_type, headers=headers).status_code == 404
    assert effects() == NOTHING


def test_a_channel_that_sends_by_smtp_through_a_provider_may_have_its_reports(
    provider, mail, channel, run_jobs
):
    """Mailgun keeps our Message-ID when it is used as a mail server."""
    esp, row = provider("mailgun"), mail("")
    makers.switch_on(
        channel, mail_provider="", mail_provider_options="", email_url="smtp+tls://a:b@smtp.mailgun.example"
    )
    assert esp.report("delivered", row, message_id=row.message_id, note="").status_code == 200
    run_jobs()
    row.refresh_from_db()
    assert row.delivery == Delivery.DELIVERED


def test_a_report_without_the_providers_id_is_known_by_our_note(provider, mail, run_jobs):
    """The worker was killed after the provider had taken the mail: nobody noted its id."""
    esp, row = provider("postmark"), mail("postmark", provider_id="", state="pending")
    assert esp.report("delivered", row, message_id="never-noted").status_code == 200
    run_jobs()
    row.refresh_from_db()
    assert row.delivery == Delivery.DELIVERED


@pytest.mark.parametrize("note", ["support.{pk}.ffffffffffffffffffff", "support.{pk}", "support.x.y", "{pk}", "support.999999.0123456789abcdef0123"])  # fmt: skip
def test_a_note_that_is_not_ours_means_nobody(note, provider, mail, run_jobs):
    esp, row = provider("postmark"), mail("postmark", provider_id="")
    assert (
        esp.report("bounced", row, message_id="never-noted", note=note.format(pk=row.pk)).status_code == 200
    )
    run_jobs()
    row.refresh_from_db()
    assert row.delivery == ""


def test_reports_touch_only_mails_of_their_own_channel(provider, mail, channel, run_jobs, now):
    other = makers.make_channel()
    makers.switch_on(other)
    foreign = mail("postmark", where=other)
    esp = provider("postmark")
    assert esp.report("bounced", foreign).status_code == 200
    run_jobs()
    foreign.refresh_from_db()
    assert foreign.delivery == ""
    assert Suppression.objects.count() == StaffTask.objects.count() == 0
    assert DeliveryEvent.objects.get().state == "stored"


def test_one_account_may_report_to_two_channels(provider, mail, channel, client, run_jobs, now):
    other = makers.make_channel()
    makers.switch_on(
        other, mail_provider="postmark", mail_provider_options="server_token=k",
        webhook_secret=payloads.SECRETS["postmark"],
    )  # fmt: skip
    esp, row = provider("postmark"), mail("postmark", where=other)
    body, content_type, headers = esp.build("bounced", row)
    for slug in (channel.slug, other.slug):
        url = f"/plugins/channel/{slug}/saleor.support/mail/events/postmark"
        assert client.post(url, body, content_type=content_type, headers=headers).status_code == 200
    run_jobs()
    row.refresh_from_db()
    assert row.delivery == Delivery.BOUNCED


@pytest.mark.parametrize("wanted", [False, True])
def test_who_opens_mails_is_kept_only_if_wanted(wanted, provider, mail, run_jobs):
    esp, row = provider("mailgun", track_opens=wanted), mail("mailgun")
    assert esp.report("opened", row).status_code == 200
    run_jobs()
    row.refresh_from_db()
    assert row.delivery == ("opened" if wanted else "")
    assert DeliveryEvent.objects.count() == wanted
    if wanted:
        kept = json.dumps(DeliveryEvent.objects.get().payload)
        assert not any(private in kept for private in ("50.56.129.169", "San Francisco", "Mozilla"))


def test_a_bounce_of_an_essential_mail_opens_one_task_and_one_alert(provider, mail, channel, run_jobs):
    makers.switch_on(channel, staff_addresses="staff@casaolivo.example")
    esp, row = provider("postmark"), mail("postmark")
    for number in (1, 2, 3):
        assert esp.report("bounced", row, number=number).status_code == 200
        run_jobs()
    (task,) = StaffTask.objects.all()
    assert (task.kind, task.order_id) == ("customer_unreachable", row.order_id)
    assert "lucia@example.com" in task.summary
    assert Notification.objects.filter(kind="staff_customer_unreachable").count() == 1


def test_a_bounce_of_a_mail_one_can_do_without_opens_none(provider, mail, run_jobs):
    esp, row = provider("postmark"), mail("postmark", kind="check_in")
    assert esp.report("bounced", row).status_code == 200
    run_jobs()
    row.refresh_from_db()
    assert row.delivery == Delivery.BOUNCED
    assert (StaffTask.objects.count(), Suppression.objects.count()) == (0, 1)


def test_a_rehearsals_bounce_is_not_the_customers(provider, mail, run_jobs):
    esp, row = provider("postmark", rehearsal_address="tests@casaolivo.example"), mail("postmark")
    assert esp.report("bounced", row, recipient="tests@casaolivo.example").status_code == 200
    run_jobs()
    assert list(Suppression.objects.values_list("email", flat=True)) == ["tests@casaolivo.example"]
    assert StaffTask.objects.count() == 0


def test_amazon_is_asked_for_its_password_and_its_topic_confirmed(provider, effects, monkeypatch):
    asked = []

    def get(url, **options):
        asked.append((url, options))
        response = requests.Response()
        response.status_code = 200
        return response

    monkeypatch.setattr(requests, "get", get)
    esp = provider("amazon_ses")
    identifier = "165545c9-2a5c-472c-8df2-7ff2be2b3b1b"
    url = "https://sns.us-west-2.amazonaws.com/?Action=ConfirmSubscription&TopicArn=arn&Token=2336412f37"
    said = {"Type": "SubscriptionConfirmation", "MessageId": identifier, "Token": "2336412f37",
            "TopicArn": "arn:aws:sns:us-west-2:123456789012:MyTopic", "SubscribeURL": url}  # fmt: skip
    headers = {"x-amz-sns-message-type": "SubscriptionConfirmation", "x-amz-sns-message-id": identifier}
    first = esp.post(json.dumps(said).encode(), "text/plain; charset=UTF-8", headers)
    assert (first.status_code, first.headers["WWW-Authenticate"][:5]) == (401, "Basic")
    headers |= payloads.basic(payloads.SECRETS["amazon_ses"])
    assert esp.post(json.dumps(said).encode(), "text/plain; charset=UTF-8", headers).status_code == 200
    assert asked == [(url, {"timeout": 10, "allow_redirects": False})]
    for other in ("https://evil.example/?Action=ConfirmSubscription", "http://sns.us-west-2.amazonaws.com/",
                  "https://sns.us-west-2.amazonaws.com.evil.example/", "https://a@sns.us-west-2.amazonaws.com/",
                  "https://sns.us-west-2.amazonaws.com:8443/", "file:///etc/passwd", ""):  # fmt: skip
        body = json.dumps({**said, "SubscribeURL": other}).encode()
        assert esp.post(body, "text/plain", headers).status_code == 403
    assert len(asked) == 1
    monkeypatch.setattr(requests, "get", lambda *args, **kwargs: (_ for _ in ()).throw(requests.Timeout()))
    assert esp.post(json.dumps(said).encode(), "text/plain", headers).status_code == 503
    assert effects() == NOTHING


@pytest.mark.parametrize("body", [b"null", b"[]", b"7", b'{"RecordType": 7, "DeliveredAt": []}', b"\xff\xfe", b"[" * 100_000,
                                  b'{"RecordType": "Inbound"}', b'{"a": "' + b"x" * 50_000 + b'"'])  # fmt: skip
def test_what_is_surely_the_providers_but_can_not_be_read_is_kept(body, provider, caplog):
    esp = provider("postmark")
    for _ in range(2):
        assert (
            esp.post(body, "application/json", payloads.basic(payloads.SECRETS["postmark"])).status_code
            == 200
        )
    kept = list(DeliveryEvent.objects.all())
    assert len(kept) == 1
    assert (kept[0].type, kept[0].state) in (("unreadable", "unknown"), ("unknown", "stored"))
    assert len(json.dumps(kept[0].payload)) < 16_000


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("body", [b"", b"null", b"[]", b"{}", b"\xff\xfe", b"[" * 100_000, b'{"signature": {"timestamp": {}, "token": [], "signature": 7}}',
                                  b'{"auth": 7}', b'{"Type": []}'])  # fmt: skip
def test_garbage_of_strangers_is_refused(name, body, provider, effects):
    esp = provider(name)
    for headers in (
        {},
        {"Authorization": "Basic %%%"},
        {"Signature": "é", "svix-signature": "v1,é", "svix-timestamp": "now"},
    ):
        response = esp.post(body, "application/json", headers)
        assert 400 <= response.status_code < 500
    assert effects() == NOTHING


def test_a_report_holds_nothing_that_a_database_can_not_keep(provider, mail, run_jobs):
    esp, row = provider("postmark"), mail("postmark")
    body, content_type, headers = esp.build("bounced", row)
    said = json.loads(body)
    said |= {
        "Details": "a\x00b\ud800c",
        "Deep\x00": {"x": ["\x00"] * 5},
        "Long": "y" * 90_000,
        "Big": [1] * 9000,
    }
    body = json.dumps(said).replace("90000", "NaN").encode()
    assert esp.post(body, content_type, headers).status_code == 200
    run_jobs()
    event = DeliveryEvent.objects.get()
    text = json.dumps(event.payload)
    assert event.detail.startswith("abc")
    assert "\\u0000" not in text
    assert "\\ud800" not in text
    assert len(text) <= 16_100
    assert "Full dump" not in text


def test_nothing_a_stranger_sends_raises(provider, monkeypatch, rf, channel, caplog):
    provider("postmark")
    monkeypatch.setattr("saleor_support_plugin.webhooks.events.receive", lambda *args: 1 / 0)
    response = router.handle(rf.post("/"), channel_id=makers.gid(channel), path="/mail/events/postmark")
    assert response.status_code == 500
    assert "A request to /mail/events/postmark failed." in caplog.text


def test_a_channel_that_is_not_there(rf, shop):
    for channel_id in ("", "Q2hhbm5lbDo5OTk5", "garbage"):
        request = rf.post("/", b"{}", content_type="application/json")
        assert router.handle(request, channel_id=channel_id, path="mail/events/postmark").status_code == 404


@pytest.mark.parametrize("name", ["postmark", "mailgun", "resend", "mailersend"])
def test_refusals_cost_little(name, provider, mail, channel, rf, django_assert_max_num_queries):
    """4xx within 20 ms and four queries: the best of many, since a busy machine may pause anybody."""
    esp, row = provider(name), mail(name)
    body, content_type, headers = esp.build(
        "bounced", row, secret="whsec_" + "QUFB" * 8 if name == "resend" else "a:" + "b" * 20
    )
    reports = [(body, content_type, headers), (body, content_type, {}), (body, "text/html", headers)]
    for data, kind, said in [*reports, (b"x" * 10_000_000, content_type, headers)]:
        times = []
        for _ in range(11):
            request = rf.post(esp.url, data, content_type=kind, headers=said)
            start = time.perf_counter()
            with django_assert_max_num_queries(4):
                response = router.handle(request, channel_id=makers.gid(channel), path=f"/mail/events/{name}")
            times.append(time.perf_counter() - start)
            assert 400 <= response.status_code < 500
        assert min(times) < 0.02
