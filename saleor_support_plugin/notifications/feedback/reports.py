"""A provider's report in our words: what it says of which mail, and what of it is kept."""

import dataclasses
import datetime
import hashlib
import json
import math
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from saleor_support_plugin.notifications.feedback.outcome import Said
from saleor_support_plugin.notifications.sending.transport import NOTE

PAYLOAD = 16_000  # bytes of a report that are kept at most
UNREADABLE = "unreadable"  # the type of a report that is surely the provider's but can't be read
# Where somebody was and with what when opening a mail, and the mail itself: nobody needs to keep that.
_DROPPED = frozenset(
    {
        "agent", "agent_parsed", "body-plain", "client-info", "client_info", "content", "dump", "geo",
        "geo_ip", "geolocation", "ip", "ip_address", "ipaddress", "location", "raw_msg", "signature",
        "storage", "ua", "user-agent", "user_agent", "user_agent_parsed", "useragent", "useragentparsed",
        "x-authenticated-sender",
        # our mail's own headers, with its subject and the key to unsubscribe
        "commonheaders", "common_headers", "headers", "subject",
    }
)  # fmt: skip
# Of an address on the web only the site is kept: what follows in our mails' links can be a key.
# In what could not be read slashes may be written as JSON ("\\/") and forms ("%2F") write them.
_SITE = r"https?(?::|%3A)(?:\\?/|%2F){2}[^\s/?#\"'<>\\%]{1,255}"
_PATH = re.compile(rf"({_SITE})(?:(?!%22)[^\s\"'<>])*", re.IGNORECASE)


@dataclasses.dataclass(frozen=True)
class Report:
    """One event of one mail.

    Attributes:
        event_id: the same whenever the provider repeats the event, unique within provider and channel.
        type: one of ``Said``, or anymail's word for what says nothing to us.
        message_id: the provider's id of the mail, "" when it gave none.
        note: what our mail carried to be known again, "" when nothing came back.
        recipient: an address, "" when it is not said.
        detail: the customer's server's words.
        happened_at: by the provider's clock, UTC.
        payload: what the provider said, without what nobody needs; at most 16 kB as JSON.
    """

    event_id: str
    type: str
    message_id: str
    note: str
    recipient: str
    detail: str
    happened_at: datetime.datetime
    payload: Any


def reports(events: Sequence[Any], provider: str, now: datetime.datetime) -> list[Report]:
    """anymail's events of one request as reports; ``now`` stands in for a time that is not given."""
    shared = Counter(event.event_id for event in events)
    return [_report(event, provider, now, alone=shared[event.event_id] == 1) for event in events]


def unreadable(body: bytes, now: datetime.datetime) -> Report:
    """A report that could not be read, kept for a person to look at."""
    text = _told(body[:4000].decode("utf-8", "replace"))
    digest = hashlib.sha256(body).hexdigest()
    return Report(digest, UNREADABLE, "", "", "", "This report could not be read.", now, {"body": text})


def _report(event: Any, provider: str, now: datetime.datetime, *, alone: bool) -> Report:
    happened = event.timestamp if isinstance(event.timestamp, datetime.datetime) else None
    if happened is not None and happened.tzinfo is None:
        happened = happened.replace(tzinfo=datetime.UTC)
    raw = _plain(event.esp_event)
    said = _type(event, provider, raw)
    message_id, recipient = _text(event.message_id, 255), _text(event.recipient, 254).lower()[:254]  # İ grows
    words = dict.fromkeys(filter(None, (_text(event.mta_response, 400), _text(event.description, 200))))
    detail = " · ".join(words)
    if event.event_id:
        event_id = str(event.event_id) + ("" if alone else f":{recipient}")
    else:  # what it says is what it is
        told = (said, message_id, recipient, happened and happened.isoformat(), detail, event.click_url)
        event_id = hashlib.sha256(json.dumps(told).encode()).hexdigest()
    metadata = event.metadata if isinstance(event.metadata, Mapping) else {}
    return Report(
        event_id=event_id,
        type=said,
        message_id=message_id,
        note=_text(metadata.get(NOTE), 100),
        recipient=recipient,
        detail=detail,
        # A clock that is ahead must not make the report hold longer, nor a date that nothing can be added to.
        happened_at=min(happened or now, now).astimezone(datetime.UTC),
        payload=trimmed(raw),
    )


def _type(event: Any, provider: str, raw: Any) -> str:
    """anymail's word, but for mails that were not delivered: whether the mailbox is the reason."""
    word = str(event.event_type)
    if word in ("rejected", "failed"):  # by the provider itself
        return Said.BOUNCED if event.reject_reason in ("invalid", "bounced") else Said.SOFT_BOUNCED
    if word != "bounced":
        return word[:20]
    try:
        soft = _SOFT.get(provider, lambda said: False)(raw)
    except (KeyError, TypeError, AttributeError, IndexError):  # a bounce that says nothing more
        soft = False
    return Said.SOFT_BOUNCED if soft else Said.BOUNCED


# Whether a bounce may pass, by each provider's own word for it; anymail does not tell them apart.
_SOFT: Mapping[str, Callable[[Any], bool]] = {
    "amazon_ses": lambda said: said["bounce"]["bounceType"] != "Permanent",
    "brevo": lambda said: said["event"] == "soft_bounce",
    "mailersend": lambda said: said["data"]["type"] == "soft_bounced",
    "mailgun": lambda said: said["event-data"]["reason"] not in ("bounce", "suppress-bounce"),
    "mailjet": lambda said: not said["hard_bounce"],
    "mandrill": lambda said: said["event"] == "soft_bounce",
    "postmark": lambda said: said.get("Type", "HardBounce") not in ("HardBounce", "BadEmailAddress"),
    "resend": lambda said: said["data"]["bounce"]["type"] in ("Transient", "Undetermined"),
    # https://support.sparkpost.com/docs/deliverability/bounce-classification-codes: 10, 30 and 90 are hard
    "sparkpost": lambda said: next(iter(said["msys"].values()))["bounce_class"] not in ("10", "30", "90"),
}


def trimmed(raw: Any) -> Any:
    """``raw`` without what nobody needs, at most 16 kB as JSON."""
    kept = _trim(raw, 8)
    text = json.dumps(kept)
    return kept if len(text.encode()) <= PAYLOAD else {"trimmed": text[: PAYLOAD // 2]}


def _trim(value: Any, depth: int) -> Any:
    if isinstance(value, str):
        return _told(value[:1000])
    if isinstance(value, float) and not math.isfinite(value):  # JSON has no word for it
        return str(value)
    if depth == 0 or not isinstance(value, Mapping | list):
        return value if value is None or isinstance(value, bool | int | float) else _told(str(value)[:200])
    if isinstance(value, list):
        return [_trim(one, depth - 1) for one in value[:50]]
    return {
        storable(str(name)[:100]): _trim(one, depth - 1)
        for name, one in list(value.items())[:100]
        if str(name).lower() not in _DROPPED
    }


def _told(text: str) -> str:
    return _PATH.sub(r"\1", storable(text))


def _plain(raw: Any) -> Any:
    """``raw`` as JSON knows it; form fields come as Django's own kind of mapping."""
    return raw.dict() if hasattr(raw, "getlist") else raw


def _text(value: Any, limit: int) -> str:
    return "" if value is None else " ".join(storable(str(value)).split())[:limit]


def storable(text: str) -> str:
    """``text`` without what PostgreSQL can't keep: NUL and half surrogates."""
    return re.sub(r"[\x00\ud800-\udfff]", "", text)
