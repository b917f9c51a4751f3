"""From the order to the customer's mailbox and back: one mail through a provider, and what it reports."""

import json

import pytest
import requests

from saleor_support_plugin.notifications import drain, service
from saleor_support_plugin.notifications.models import Delivery, DeliveryEvent, NotificationState
from saleor_support_plugin.notifications.samples import sample
from sandbox import makers


@pytest.fixture
def postmark(monkeypatch):
    """Postmark's API: it takes every mail; gives what it was sent."""
    taken = []

    def send(self, request, **kwargs):
        taken.append(json.loads(request.body))
        response = requests.Response()
        response.status_code, response.request, response.url = 200, request, request.url
        answer = {"To": taken[-1]["To"], "MessageID": f"pm-{len(taken)}", "ErrorCode": 0, "Message": "OK"}
        response._content = json.dumps(answer).encode()
        return response

    monkeypatch.setattr(requests.Session, "send", send)
    return taken


def test_one_mail_there_and_back(channel, shop, now, postmark, provider, run_jobs, client):
    esp = provider("postmark", quiet_hours="none")
    made = makers.make_order(channel, email="lucia@example.com")
    row = service.notify(
        kind="return_requested", subject="return:1", occasion="x", order=shop.order(makers.gid(made)),
        data=sample("return_requested", "en")[1], now=now,
    )  # fmt: skip
    drain.deliver(notification_id=row.pk, now=now)
    row.refresh_from_db()
    assert (row.state, row.provider, row.provider_id) == (NotificationState.ACCEPTED, "postmark", "pm-1")
    (sent,) = postmark
    headers = {one["Name"]: one["Value"] for one in sent["Headers"]}
    assert headers["Message-ID"] == row.message_id
    assert headers["Auto-Submitted"] == "auto-generated"
    assert sent["To"] == "lucia@example.com"

    assert esp.report("delivered", row, note=sent["Metadata"]["support"]).status_code == 200
    run_jobs()
    row.refresh_from_db()
    assert (row.delivery, row.delivery_at) == (Delivery.DELIVERED, now)
    assert DeliveryEvent.objects.get().notification_id == row.pk


def test_wrong_keys_hold_the_mail_until_they_are_right(channel, shop, now, postmark, monkeypatch, provider):
    provider("postmark", quiet_hours="none")
    made = makers.make_order(channel, email="lucia@example.com")
    row = service.notify(
        kind="return_requested", subject="return:1", occasion="x", order=shop.order(makers.gid(made)),
        data=sample("return_requested", "en")[1], now=now,
    )  # fmt: skip
    with monkeypatch.context() as broken:
        # What was right when it was saved need not be for ever: a package may be gone.
        path = "saleor_support_plugin.notifications.sending.provider_options._is_missing"
        broken.setattr(path, lambda package: True)
        drain.deliver(notification_id=row.pk, now=now)
    row.refresh_from_db()
    assert (row.state, row.reason, row.attempts) == (NotificationState.PENDING, "no_mail_server", 0)
    assert "Python package" in row.detail
    drain.deliver_due(now=row.next_attempt_at, limit=10)
    row.refresh_from_db()
    assert (row.state, len(postmark)) == (NotificationState.ACCEPTED, 1)


def test_a_channel_can_not_be_saved_with_keys_that_can_not_be_right(channel):
    from saleor_support_plugin.errors import Errors

    with pytest.raises(Errors) as caught:
        makers.switch_on(channel, mail_provider="postmark", mail_provider_options="api_key=k", webhook_secret="no-colon-in-this-secret")  # fmt: skip
    assert {error.field for error in caught.value.errors} == {"mail_provider_options", "webhook_secret"}
