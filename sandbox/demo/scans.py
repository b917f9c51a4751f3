"""What the shop's own warehouse system reports of parcels, signed and sent to the running server."""

import datetime
import hashlib
import hmac
import json
import urllib.error
import urllib.request
from typing import Any

from sandbox import clock

KEY = "demo-tracking-key-0123456789abcdef"


def scan(number: str, status: str, *, minutes_ago: float = 2, **more: Any) -> dict[str, Any]:
    """One event in the form that ``docs/connecting-tracking.md`` describes."""
    moment = clock.now() - datetime.timedelta(minutes=minutes_ago)
    return {"number": number, "happenedAt": moment.isoformat(), "status": status, **more}


def send(url: str, *events: dict[str, Any], key: str = KEY) -> int:
    """POST events, signed with ``key``; the answer's HTTP status."""
    body = json.dumps({"events": events}).encode()
    timestamp = str(int(clock.now().timestamp()))
    signature = hmac.new(key.encode(), f"{timestamp}.".encode() + body, hashlib.sha256).hexdigest()
    headers = {
        "Content-Type": "application/json",
        "X-Support-Timestamp": timestamp,
        "X-Support-Signature": signature,
    }
    request = urllib.request.Request(url, body, headers)  # noqa: S310
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code
