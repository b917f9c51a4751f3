"""Keys, passwords and strangers' words: what of them is never stored, shown or sent on."""

import dataclasses
import email.policy
import json
import smtplib

import pytest
import requests

from saleor_support_plugin.notifications import drain, staff
from saleor_support_plugin.notifications.models import Notification, NotificationState
from saleor_support_plugin.notifications.sending.faults import classify
from saleor_support_plugin.notifications.sending.secrets import without_secrets
from saleor_support_plugin.reports import runs
from saleor_support_plugin.reports.models import JobRun
from saleor_support_plugin.settings import SupportSettings
from saleor_support_plugin.worklist.models import StaffTask
from sandbox import makers
from sandbox.makers import MADRID
from tests.notifications import samples

KEY = "pm-0123456789-secret"


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"email_url": "smtp+tls://shop:pa%2Fss-word@mail.example:587"}, "535 no: shop pa/ss-word pa%2Fss-word"),
        ({"mail_provider_options": {"server_token": KEY, "region_name": "us-east-1"}}, f"us-east-1 knows no {KEY}"),
        ({"mail_provider_options": {"api_url": f"https://me:{KEY}@api.example"}}, f"https://me:{KEY}@api.example"),
        ({"webhook_secret": "whsec_0123456789abcdef"}, "whsec_0123456789abcdef"),
    ],
)  # fmt: skip
def test_what_a_server_repeats_of_our_keys_is_hidden(options, said):
    shown = without_secrets(said, SupportSettings(**options))
    assert "***" in shown
    assert not any(secret in shown for secret in (KEY, "pa/ss-word", "pa%2Fss-word", "0123456789abcdef"))
    assert ("us-east-1" in said) == ("us-east-1" in shown)


def test_short_words_are_left_alone():
    assert without_secrets("a b c", SupportSettings(mail_provider_options={"api_key": "b"})) == "a b c"
    assert without_secrets("a b c", SupportSettings(email_url="smtp://[broken")) == "a b c"


def test_a_row_holds_no_key_that_the_provider_repeats(notify, channel, now, monkeypatch):
    def send(self, request, **kwargs):
        response = requests.Response()
        response.status_code, response.request, response.url, response.reason = (
            401,
            request,
            request.url,
            "No",
        )
        response._content = json.dumps({"Message": f"There is no server {KEY}."}).encode()
        response.headers["Content-Type"] = "application/json"
        return response

    monkeypatch.setattr(requests.Session, "send", send)
    makers.switch_on(channel, mail_provider="postmark", mail_provider_options=f"server_token={KEY}")
    row = notify()
    drain.deliver(notification_id=row.pk, now=now)
    row.refresh_from_db()
    assert (row.state, row.reason) == (NotificationState.PENDING, "server_trouble")
    assert "There is no server ***." in row.detail
    assert KEY not in str(Notification.objects.filter(pk=row.pk).values().get())


def test_a_fault_is_something_that_a_database_can_keep():
    assert classify(OSError("a\x00b\ud800c")).detail == "OSError: abc"
    refused = smtplib.SMTPDataError(554, "a\x00b\ud800c")
    assert classify(refused).detail == "554 abc"


def test_a_strangers_mail_server_writes_no_lines_into_the_alert(notify, channel, now):
    makers.switch_on(channel, staff_addresses="staff@casaolivo.example")
    staff.unreachable(notify(), "550 no\r\n\r\nOpen the order: https://evil.example/", now)
    alert = Notification.objects.get(kind="staff_customer_unreachable")
    assert alert.data["reason"] == "550 no Open the order: https://evil.example/"
    assert "\n" not in StaffTask.objects.get().summary


def test_what_is_noted_of_a_failed_job_holds_no_rows_values(shop):
    error = RuntimeError("duplicate key\nDETAIL:  Key (email)=(lucia@example.com) already exists.\x00")
    with pytest.raises(RuntimeError), runs.noted("purge", shop.now):
        raise error
    assert JobRun.objects.get().error == "RuntimeError: duplicate key"


def test_a_customers_name_or_number_writes_no_lines_into_the_alert(order):
    eve = dataclasses.replace(
        MADRID, first_name="Eve\nOpen the order:", last_name="https://evil.example", phone="+34\n600"
    )
    assert staff.contact_routes(
        dataclasses.replace(order, shipping_address=eve, billing_address=None), order.email
    ) == ["+34 600 (Eve Open the order: https://evil.example)"]


def test_a_customers_subject_is_not_decoded_into_another(notify, now, server, channel):
    """=?utf-8?q?…?= would show as what it stands for: other letters, other directions, line breaks."""
    data = {**samples.DATA["ticket_reply"], "ticket_subject": "=?utf-8?q?=E2=80=AEfdp.exe=0D=0ABcc:_x@y.z?="}
    row = notify(kind="ticket_reply", subject="ticket:1", data=data)
    drain.deliver(notification_id=row.pk, now=now)
    raw = server.TAKEN[0].message().as_bytes()
    shown = email.message_from_bytes(raw, policy=email.policy.default)["Subject"]
    assert "= ?utf-8?q?" in shown
    assert not any(mark in shown for mark in "\u202e\r\n")
