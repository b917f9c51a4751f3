"""A mail provider's delivery report, signed as Mailgun signs it, sent to the running server."""

import hashlib
import hmac
import json
import secrets
import urllib.error
import urllib.request

from sandbox import clock
from sandbox.mails import Mail

KEY = "demo-signing-key-0123456789abcdef"


def bounced(mail: Mail) -> dict[str, object]:
    """What Mailgun says when the customer's server knows no such mailbox."""
    return {
        "event": "failed",
        "severity": "permanent",
        "reason": "bounce",
        "id": f"bounce-{mail.number}",
        "timestamp": clock.now().timestamp(),
        "recipient": mail.to,
        "message": {"headers": {"to": mail.to, "message-id": mail.header("Message-ID").strip("<>")}},
        "delivery-status": {"code": 550, "message": "5.1.1 no such user", "description": ""},
    }


def send(url: str, event: dict[str, object], key: str = KEY) -> int:
    """POST a report, signed with ``key``; the answer's HTTP status."""
    timestamp, token = str(int(clock.now().timestamp())), secrets.token_hex(25)
    signature = hmac.new(key.encode(), f"{timestamp}{token}".encode(), hashlib.sha256).hexdigest()
    signed = {"timestamp": timestamp, "token": token, "signature": signature}
    body = json.dumps({"signature": signed, "event-data": event}).encode()
    request = urllib.request.Request(url, body, {"Content-Type": "application/json"})  # noqa: S310
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code
