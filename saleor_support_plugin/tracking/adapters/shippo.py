"""Shippo: the events of its tracks, and its API for parcels that they missed.

Statuses and sub-statuses: https://docs.goshippo.com/docs/tracking/tracking/#event-definitions ; security:
https://docs.goshippo.com/docs/tracking/webhooksecurity . Shippo signs webhooks for accounts that ask for
it; for all others a secret in the webhook's address (``?token=…``) proves them.
"""

import datetime
import urllib.parse
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from saleor_support_plugin.tracking.adapters import http
from saleor_support_plugin.tracking.adapters.base import (
    UNKNOWN,
    Adapter,
    Asked,
    Call,
    Meaning,
    Unverified,
)
from saleor_support_plugin.tracking.adapters.parsing import (
    brought_back,
    check_age,
    completed,
    day,
    hmac_sha256,
    load,
    mapping,
    moment,
    named,
    place,
    rows,
    same,
    text,
)
from saleor_support_plugin.tracking.scan import Scan
from saleor_support_plugin.tracking.status import Status, SubStatus

STATUSES: Mapping[str, Meaning] = MappingProxyType(
    {
        "UNKNOWN": UNKNOWN,  # Shippo has heard nothing
        "PRE_TRANSIT": Meaning(Status.INFO_RECEIVED),
        "TRANSIT": Meaning(Status.IN_TRANSIT),
        "DELIVERED": Meaning(Status.DELIVERED),
        "RETURNED": Meaning(Status.RETURNING),  # Shippo's word for on its way back, and for back
        "FAILURE": Meaning(Status.EXCEPTION, SubStatus.OTHER),
    }
)

SUBSTATUSES: Mapping[str, Meaning] = MappingProxyType(
    {
        # These say no more than the status they come with.
        "information_received": UNKNOWN,
        "contact_carrier": UNKNOWN,  # the carrier wants to be asked; about what it does not say
        "delivered": UNKNOWN,
        "delivery_rescheduled": UNKNOWN,
        "delivery_scheduled": UNKNOWN,
        "other": UNKNOWN,
        "package_accepted": UNKNOWN,
        "package_arrived": UNKNOWN,
        "package_departed": UNKNOWN,
        "package_forwarded": UNKNOWN,
        "package_processed": UNKNOWN,
        "package_processing": UNKNOWN,
        "return_to_sender": Meaning(Status.RETURNING),
        # These say more.
        "address_issue": Meaning(Status.EXCEPTION, SubStatus.INCORRECT_ADDRESS),
        "delayed": Meaning(Status.EXCEPTION, SubStatus.PROCESSING_DELAY),
        "delivery_attempted": Meaning(Status.ATTEMPT_FAILED),
        "location_inaccessible": Meaning(Status.ATTEMPT_FAILED, SubStatus.NO_ACCESS),
        "notice_left": Meaning(Status.ATTEMPT_FAILED, SubStatus.ABSENT),
        "out_for_delivery": Meaning(Status.OUT_FOR_DELIVERY),
        "package_damaged": Meaning(Status.EXCEPTION, SubStatus.DAMAGED),
        "package_disposed": Meaning(Status.EXCEPTION, SubStatus.DISPOSED),
        "package_held": Meaning(Status.EXCEPTION, SubStatus.OTHER),
        "package_lost": Meaning(Status.EXCEPTION, SubStatus.LOST),
        "package_unclaimed": Meaning(Status.EXCEPTION, SubStatus.PICKUP_MISSED),
        "package_undeliverable": Meaning(Status.EXCEPTION, SubStatus.OTHER),
        "pickup_available": Meaning(Status.AVAILABLE_FOR_PICKUP),
        "reschedule_delivery": Meaning(Status.ATTEMPT_FAILED),
    }
)

# Shippo's tokens of carriers (https://docs.goshippo.com/docs/tracking/trackingcarriers) that the table of
# carriers does not know.
CARRIERS: Mapping[str, str] = MappingProxyType(
    {
        "correios_br": "correios",
        "correos_espana": "correos",
        "dhl_germany_c2c": "dhl",
        "gls_germany": "gls",
        "gls_us": "gls",
        "royal_mail_sf": "royal-mail",
    }
)
# Ours by which Shippo can be asked; it can't find out the carrier by itself.
TOKENS: Mapping[str, str] = MappingProxyType(
    {
        "ups": "ups", "fedex": "fedex", "usps": "usps", "dhl-express": "dhl_express", "dhl": "dhl_germany",
        "dhl-ecommerce": "dhl_ecommerce", "dpd": "dpd_de", "dpd-uk": "dpd_uk",
        "royal-mail": "royal_mail",
        "correos": "correos_espana", "colissimo": "colissimo", "la-poste": "la_poste",
        "chronopost": "chronopost", "mondial-relay": "mondial_relay", "poste-italiane": "poste_italiane",
        "evri": "hermes_uk", "posten-norge": "bring", "posti": "posti", "canada-post": "canada_post",
        "purolator": "purolator", "ontrac": "ontrac", "correios": "correios_br",
        "australia-post": "australia_post", "new-zealand-post": "new_zealand_post",
        "russian-post": "russian_post",
    }
)  # fmt: skip

URL = "https://api.goshippo.com/tracks/"


class Shippo(Adapter):
    """See the module."""

    name, title = "shippo", "Shippo"
    words, details = STATUSES, SUBSTATUSES
    polls, batch, per_minute = True, 1, 300

    def verify(self, call: Call, *, secret: str, now: datetime.datetime) -> None:
        """A signature decides where there is one: HMAC-SHA256, in hex, of time, dot and body."""
        given = call.header("shippo-auth-signature")
        if not given:
            if not same(call.query.get("token", ""), secret):
                raise Unverified("Neither the signature nor the token is right.")
            return
        parts = dict(part.strip().partition("=")[::2] for part in given.split(","))
        sent = parts.get("t", "")
        right = hmac_sha256(secret, f"{sent}.".encode("utf-8", "replace"), call.body).hex()
        if not same(parts.get("v1", ""), right):
            raise Unverified("The signature is not right.")
        check_age(sent, now)

    def read(self, body: bytes) -> list[Scan]:
        """See the base class."""
        said = load(body)
        if said.get("event") != "track_updated":
            return []
        return self._track(mapping(said.get("data"), "data"))

    def poll(self, asked: Sequence[Asked], *, api_key: str) -> list[Scan]:
        """See the base class. Shippo knows a parcel by its carrier and number, so one without is not asked
        for; a new one is registered, so that webhooks tell of it, too."""
        headers, found = {"Authorization": f"ShippoToken {api_key}"}, []
        for one in asked:
            token = TOKENS.get(one.carrier, "")
            if not token:
                continue
            if one.is_new:
                wanted = {"carrier": token, "tracking_number": one.number}
                said = http.ask("POST", URL, headers=headers, body=wanted, missing=(400, 404))
            else:
                url = f"{URL}{token}/{urllib.parse.quote(one.number, safe='')}"
                said = http.get(url, headers=headers, missing=(400, 404))
            found += self._track(said) if said else []
        return found

    def _track(self, track: dict[str, Any]) -> list[Scan]:
        number, carrier = text(track.get("tracking_number"), 255), named(CARRIERS, track.get("carrier"))
        level = mapping(track.get("servicelevel"), "servicelevel")
        service = text(level.get("name"), 120)
        history = rows(track.get("tracking_history"), "tracking_history")
        scans = [scan for one in history if (scan := self._scan(one, number, carrier, service))]
        latest = mapping(track.get("tracking_status"), "tracking_status")
        summary = self._scan(latest, number, carrier, service) if latest else None
        eta, planned = day(track.get("eta")), day(track.get("original_eta"))
        revised = planned is not None and planned != eta
        return brought_back(completed(scans, summary, expected_by=eta, revised=revised))

    def _scan(self, said: dict[str, Any], number: str, carrier: str, service: str) -> Scan | None:
        when = moment(said.get("status_date"))
        if when is None:
            return None
        finer = said.get("substatus")
        detail = text(finer.get("code") if isinstance(finer, dict) else finer, 60)
        status = text(said.get("status"), 60)
        meaning = self.means(status, detail)
        town = mapping(said.get("location"), "location")
        return Scan(
            number, when, f"{status}.{detail}" if detail else status or "none", meaning.status,
            meaning.sub_status, carrier, text(said.get("status_details")),
            place(town.get("city"), town.get("state"), town.get("country")), service=service,
        )  # fmt: skip
