"""A command that tells the sandbox where one of its parcels is, as a shop's own systems would."""

import datetime
import json
import shlex

from saleor_support_plugin.settings import Feature
from sandbox import clock, models
from sandbox.home.shop import SHOP
from sandbox.makers import gid

_COMMAND = """\
SECRET={secret}
URL={url}
BODY={body}
NOW=$(( $(date +%s) + {ahead} ))  # this shop's clock runs ahead
SIGNATURE=$(printf '%s.%s' "$NOW" "$BODY" | openssl dgst -sha256 -hmac "$SECRET" | sed 's/^.* //')
curl -sS --fail -X POST "$URL" -H 'Content-Type: application/json' \\
  -H "X-Support-Timestamp: $NOW" -H "X-Support-Signature: $SIGNATURE" --data-binary "$BODY"
"""


def command(base: str) -> str:
    """What to type so that the parcel that left last arrives; "" while no channel hears its own systems.

    It is the example of ``docs/connecting-tracking.md``, with the time of the sandbox's clock.

    Args:
        base: the address of the sandbox, without a slash at its end.
    """
    for channel in models.Channel.objects.order_by("pk"):
        settings = SHOP.settings(gid(channel))
        left = models.Fulfillment.objects.filter(order__channel=channel).exclude(tracking_number="")
        latest = left.order_by("-pk").first()
        if latest and settings.is_on(Feature.TRACKING) and settings.tracking_own_secret:
            return _command(base, channel.slug, settings.tracking_own_secret, latest.tracking_number)
    return ""


def _command(base: str, slug: str, secret: str, number: str) -> str:
    now = clock.now()
    event = {"number": number, "status": "delivered", "happenedAt": now.isoformat(timespec="seconds")}
    return _COMMAND.format(
        secret=shlex.quote(secret),
        url=shlex.quote(f"{base}/plugins/channel/{slug}/saleor.support/tracking/signed"),
        body=shlex.quote(json.dumps({"events": [event]})),
        ahead=round((now - datetime.datetime.now(datetime.UTC)).total_seconds()),
    )
