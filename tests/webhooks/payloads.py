"""What mail providers send, as their documentation shows it, signed as they sign it.

``build(provider, what, …)`` gives (body, content type, headers); ``what`` is one of :data:`KNOWN` of that provider.
"""

import base64
import hashlib
import hmac
import json
import urllib.parse

from tests.webhooks.said import EVENTS, iso, seconds

SECRETS = {
    "amazon_ses": "shop:a-long-password",
    "brevo": "shop:a-long-password",
    "mailersend": "Lc8jLhxpKO4ZMzSvSl3Yw2oVfCGGCd1T",
    "mailgun": "0123456789abcdef0123456789abcdef",
    "mailjet": "shop:a-long-password",
    "mailtrap": "8d1f3a5c7b9e0d2f4a6c8b0e1d3f5a7c",
    "mandrill": "hJZ0iPZ8fWb1mN3kQ5rS7tUvXyZ",
    "postmark": "shop:a-long-password",
    "resend": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
    "sparkpost": "shop:a-long-password",
    "unisender_go": "6ejqhnb6kqmj4jgd8pnsjq9w3k6k8bq1",
}
OPTIONS = {
    "brevo": "api_key=k", "mailersend": "api_token=k", "mailgun": "api_key=k",
    "mailjet": "api_key=k\nsecret_key=s", "mailtrap": "api_token=k", "mandrill": "api_key=k",
    "postmark": "server_token=k", "resend": "api_key=k", "sparkpost": "api_key=k",
    "unisender_go": "api_key=k\napi_url=https://go1.unisender.ru/ru/transactional/api/v1",
}  # fmt: skip
# Providers whose signature covers the body: one changed byte is refused.
COVERS_BODY = {"mailersend", "mailtrap", "mandrill", "resend", "unisender_go"}
COVERS_TIME = {"mailgun", "resend"}


def build(provider, what, *, message_id, recipient, when, note="", number=1, secret=None, sent=None):
    """One report; ``sent`` is when the request was made (by default ``when``)."""
    event = EVENTS[provider][what](message_id, recipient, when, note, number)
    return WRAP[provider](event, secret or SECRETS[provider], sent or when, number)


def basic(secret):
    return {"Authorization": "Basic " + base64.b64encode(secret.encode()).decode()}


# --- how each provider wraps and signs ---


def _json_basic(event, secret, sent, number):
    return json.dumps(event).encode(), "application/json", basic(secret)


def _sns(event, secret, sent, number):
    identifier = f"19ba9823-d7f2-53c1-860e-{number:012d}"
    message = {
        "Type": "Notification",
        "MessageId": identifier,
        "TopicArn": "arn:aws:sns:us-east-1:123456789012:SES_Events",
        "Subject": "Amazon SES Email Event Notification",
        "Message": json.dumps(event),
        "Timestamp": iso(sent),
        "SignatureVersion": "1",
        "Signature": "EXAMPLElDMXvB8r9R83tGoNn0ecwd5UjllzsvSvbItzfaMpN2nk5HVSw7XnOn/49IkxDKz8Yrl=",
        "SigningCertURL": "https://sns.us-east-1.amazonaws.com/SimpleNotificationService-1234567890.pem",
        "UnsubscribeURL": "https://sns.us-east-1.amazonaws.com/?Action=Unsubscribe&SubscriptionArn=arn",
    }
    headers = {"x-amz-sns-message-type": "Notification", "x-amz-sns-message-id": identifier, **basic(secret)}
    return json.dumps(message).encode(), "text/plain; charset=UTF-8", headers


def _mailgun(event, secret, sent, number):
    timestamp, token = str(seconds(sent)), f"{number:050x}"
    signature = hmac.new(secret.encode(), f"{timestamp}{token}".encode(), hashlib.sha256).hexdigest()
    signed = {"timestamp": timestamp, "token": token, "signature": signature}
    return json.dumps({"signature": signed, "event-data": event}).encode(), "application/json", {}


def _body_hmac(header):
    def wrap(event, secret, sent, number):
        body = json.dumps(event).encode()
        return body, "application/json", {header: hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()}

    return wrap


def _svix(event, secret, sent, number):
    body, identifier, timestamp = json.dumps(event).encode(), f"msg_{number:024d}", str(seconds(sent))
    key = base64.b64decode(secret.removeprefix("whsec_"))
    digest = hmac.new(key, f"{identifier}.{timestamp}.".encode() + body, hashlib.sha256).digest()
    signature = "v1," + base64.b64encode(digest).decode()
    headers = {
        "svix-id": identifier,
        "svix-timestamp": timestamp,
        "svix-signature": f"v1,bm9wZQ== {signature}",
    }
    return body, "application/json", headers


def _mandrill(event, secret, sent, number):
    fields = {"mandrill_events": json.dumps([event])}
    url = f"{ADDRESS[0]}mail/events/mandrill"
    signed = url + "mandrill_events" + fields["mandrill_events"]
    digest = hmac.new(secret.encode(), signed.encode(), hashlib.sha1).digest()
    headers = {"X-Mandrill-Signature": base64.b64encode(digest).decode()}
    return urllib.parse.urlencode(fields).encode(), "application/x-www-form-urlencoded", headers


def _unisender(event, secret, sent, number):
    whole = {"auth": secret, "events_by_user": [{"user_id": 456, "events": [
        {"event_name": "transactional_email_status", "event_data": event}]}]}  # fmt: skip
    body = json.dumps(whole)
    return body.replace(secret, hashlib.md5(body.encode()).hexdigest()).encode(), "application/json", {}


ADDRESS = [""]  # the channel's address, which Mandrill signs too: set by the tests

WRAP = {
    "amazon_ses": _sns,
    "brevo": _json_basic,
    "mailersend": _body_hmac("Signature"),
    "mailgun": _mailgun,
    "mailjet": _json_basic,
    "mailtrap": _body_hmac("Mailtrap-Signature"),
    "mandrill": _mandrill,
    "postmark": _json_basic,
    "resend": _svix,
    "sparkpost": _json_basic,
    "unisender_go": _unisender,
}

# How each provider names a mail.
IDS = {
    "mailgun": "<20261124.1@mg.casaolivo.example>",
    "mailjet": "19421777396190490",
    "postmark": "883953f4-6105-42a2-a16a-77a8eac79483",
}


def id_of(provider, number=0):
    """An id as this provider gives it, other for each number."""
    whole = IDS.get(provider, f"00000137860315fd-{provider}")
    if not number:
        return whole
    return (
        str(int(whole) + number)
        if whole.isdecimal()
        else whole.replace("@", f"-{number}@")
        if "@" in whole
        else f"{whole}-{number}"
    )


ALL = [(provider, what) for provider, events in EVENTS.items() for what in events]
