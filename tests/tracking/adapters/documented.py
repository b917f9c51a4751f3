"""Every word for a status that the providers document, and what it has to say in our words.

Written down apart from the adapters' own tables. A line holds the source's word, what it means ("-":
deliberately nothing), and, for a finer word, what it means together with the status that it is documented
for, where that is neither its own meaning nor, if it has none, that status's.
"""

import dataclasses


def _table(text):
    """{word: meanings} of the lines of a table."""
    rows = [line.split() for line in text.strip().splitlines()]
    found = {word: tuple("" if one == "-" else one for one in meanings) for word, *meanings in rows}
    assert len(found) == len(rows), "A word stands twice in a table."
    return found


def _names(text):
    return frozenset(text.split())


@dataclasses.dataclass(frozen=True)
class Words:
    """A source's words → (meaning, …), each like "exception.lost"; "" for nothing.

    Attributes:
        words: for a status.
        details: finer ones.
        statuses: finer words → the word that they are documented for, where that is known.
        stages: milestones, for scans that have no finer word.
    """

    words: dict
    details: dict
    statuses: dict
    stages: dict = dataclasses.field(default_factory=dict)

    @property
    def all(self):
        return frozenset({*self.words, *self.details})

    @property
    def nothing(self):
        return frozenset(word for table in (self.words, self.details) for word in table if not table[word][0])

    def together(self, detail):
        """What a finer word means in a webhook, with the word that it is documented for."""
        own, *other = self.details[detail]
        return other[0] if other else own or self.words[self.statuses[detail]][0]


def _prefixed(text, details):
    """For words that begin with the status that they are of."""
    words, finer = _table(text), _table(details)
    return Words(words, finer, {detail: detail.partition("_")[0] for detail in finer})


# https://www.aftership.com/docs/tracking/2026-07/enum/delivery-statuses and …/delivery-sub-statuses
AFTERSHIP = _prefixed(
    """
    Pending             -
    InfoReceived        info_received
    InTransit           in_transit
    OutForDelivery      out_for_delivery
    AttemptFail         attempt_failed
    Delivered           delivered
    AvailableForPickup  available_for_pickup
    Exception           exception.other
    Expired             expired
    """,
    """
    Pending_001             -
    Pending_002             -
    Pending_003             -
    Pending_004             -
    Pending_005             -
    Pending_006             -
    InfoReceived_001        info_received
    InTransit_001           in_transit
    InTransit_002           in_transit
    InTransit_003           in_transit
    InTransit_004           in_transit
    InTransit_005           in_transit
    InTransit_006           in_transit
    InTransit_007           in_transit
    InTransit_008           in_transit
    InTransit_009           in_transit
    InTransit_011           in_transit
    InTransit_012           in_transit
    InTransit_013           in_transit
    OutForDelivery_001      out_for_delivery
    OutForDelivery_003      out_for_delivery
    OutForDelivery_004      out_for_delivery
    AttemptFail_001         attempt_failed
    AttemptFail_002         attempt_failed.absent
    AttemptFail_003         attempt_failed.closed
    AvailableForPickup_001  available_for_pickup
    Delivered_001           delivered
    Delivered_002           delivered.collected
    Delivered_003           delivered.signed
    Delivered_004           delivered.paid_on_delivery
    Delivered_005           delivered.neighbour
    Exception_001           exception.other
    Exception_002           exception.moved
    Exception_003           exception.refused
    Exception_004           exception.customs
    Exception_005           exception.external_delay
    Exception_006           exception.payment_due
    Exception_007           exception.incorrect_address
    Exception_008           exception.pickup_missed
    Exception_009           exception.rejected
    Exception_010           returning
    Exception_011           returned
    Exception_012           exception.damaged
    Exception_013           exception.lost
    Exception_016           exception.processing_delay
    Exception_017           exception.weather
    Exception_018           exception.documents_missing
    Exception_019           exception.missed_connection
    Exception_020           cancelled
    Exception_021           exception.disposed
    Expired_001             expired
    """,
)

# https://docs.easypost.com/docs/trackers ; it does not say which details come with which status.
_EASYPOST_DETAILS = _table(
    """
    address_correction                  -
    arrived_at_destination              -
    arrived_at_facility                 -
    arrived_at_pickup_location          available_for_pickup
    awaiting_information                exception.documents_missing
    cancelled                           cancelled
    damaged                             exception.damaged
    delayed                             exception.processing_delay
    delivery_exception                  exception.other
    departed_facility                   -
    departed_origin_facility            -
    expired                             expired
    failure                             exception.other
    held                                exception.other
    in_transit                          -
    label_created                       -
    lost                                exception.lost
    missorted                           exception.processing_delay
    out_for_delivery                    -
    received_at_destination_facility    -
    received_at_origin_facility         -
    refused                             exception.refused
    return                              returning
    status_update                       -
    transferred_to_destination_carrier  -
    transit_exception                   exception.other
    unknown                             -
    weather_delay                       exception.weather
    """
)
EASYPOST = Words(
    _table(
        """
        unknown               -
        pre_transit           info_received
        in_transit            in_transit
        out_for_delivery      out_for_delivery
        delivered             delivered
        available_for_pickup  available_for_pickup
        return_to_sender      returning
        failure               exception.other
        cancelled             cancelled
        error                 -
        """
    ),
    _EASYPOST_DETAILS,
    dict.fromkeys(_EASYPOST_DETAILS, "in_transit"),
)

# https://api.17track.net/en/doc?version=v2.2 and the page on main statuses and sub-statuses of help.17track.net
SEVENTEENTRACK = dataclasses.replace(
    _prefixed(
        """
        NotFound            -
        InfoReceived        info_received
        InTransit           in_transit
        Expired             expired
        AvailableForPickup  available_for_pickup
        OutForDelivery      out_for_delivery
        DeliveryFailure     attempt_failed
        Delivered           delivered
        Exception           exception.other
        """,
        """
        NotFound_Other                         -
        NotFound_InvalidCode                   -
        InfoReceived                           info_received
        InTransit_PickedUp                     in_transit
        InTransit_Other                        in_transit
        InTransit_Departure                    in_transit
        InTransit_Arrival                      in_transit
        InTransit_CustomsProcessing            in_transit
        InTransit_CustomsReleased              in_transit
        InTransit_CustomsRequiringInformation  exception.documents_missing
        Expired_Other                          expired
        AvailableForPickup_Other               available_for_pickup
        OutForDelivery_Other                   out_for_delivery
        DeliveryFailure_Other                  attempt_failed
        DeliveryFailure_NoBody                 attempt_failed.absent
        DeliveryFailure_Security               exception.customs
        DeliveryFailure_Rejected               exception.refused
        DeliveryFailure_InvalidAddress         exception.incorrect_address
        Delivered_Other                        delivered
        Exception_Other                        exception.other
        Exception_Returning                    returning
        Exception_Returned                     returned
        Exception_NoBody                       exception.incorrect_address
        Exception_Security                     exception.customs
        Exception_Damage                       exception.damaged
        Exception_Rejected                     exception.refused
        Exception_Delayed                      exception.processing_delay
        Exception_Lost                         exception.lost
        Exception_Destroyed                    exception.disposed
        Exception_Cancel                       cancelled
        """,
    ),
    stages=_table(
        """
        InfoReceived        info_received
        PickedUp            in_transit
        Departure           in_transit
        Arrival             in_transit
        AvailableForPickup  available_for_pickup
        OutForDelivery      out_for_delivery
        Delivered           delivered
        Returning           returning
        Returned            returned
        """
    ),
)

# https://docs.goshippo.com/docs/tracking/tracking/#event-definitions
_SHIPPO_DETAILS = {
    "PRE_TRANSIT": _table("information_received -"),
    "TRANSIT": _table(
        """
        address_issue          exception.incorrect_address
        contact_carrier        -
        delayed                exception.processing_delay
        delivery_attempted     attempt_failed
        delivery_rescheduled   -
        delivery_scheduled     -
        location_inaccessible  attempt_failed.no_access
        notice_left            attempt_failed.absent
        out_for_delivery       out_for_delivery
        package_accepted       -
        package_arrived        -
        package_damaged        exception.damaged
        package_departed       -
        package_forwarded      -
        package_held           exception.other
        package_processed      -
        package_processing     -
        pickup_available       available_for_pickup
        reschedule_delivery    attempt_failed
        """
    ),
    "DELIVERED": _table("delivered -"),
    "RETURNED": _table(
        """
        return_to_sender   returning
        package_unclaimed  exception.pickup_missed  returning.pickup_missed
        """
    ),
    "FAILURE": _table(
        """
        package_undeliverable  exception.other
        package_disposed       exception.disposed
        package_lost           exception.lost
        """
    ),
    "UNKNOWN": _table("other -"),
}
SHIPPO = Words(
    _table(
        """
        UNKNOWN      -
        PRE_TRANSIT  info_received
        TRANSIT      in_transit
        DELIVERED    delivered
        RETURNED     returning
        FAILURE      exception.other
        """
    ),
    {detail: meaning for table in _SHIPPO_DETAILS.values() for detail, meaning in table.items()},
    {detail: status for status, table in _SHIPPO_DETAILS.items() for detail in table},
)

# https://docs.goshippo.com/docs/tracking/trackingcarriers
SHIPPO_CARRIERS = _names(
    """
    airterra apc_postal apg aramex asendia_us australia_post axlehire better_trucks borderguru boxberry bring
    canada_post cdl chronopost colissimo collect_plus correios_br correos_espana deutsche_post dhl_benelux
    dhl_ecommerce dhl_express dhl_germany dpd_de dpd_uk estafeta fastway_australia fedex globegistics gls_us
    gso hermes_uk la_poste lasership lso mondial_relay new_zealand_post nippon_express ontrac passport pcf
    pitney_bowes poste_italiane posti purolator royal_mail royal_mail_sf rr_donnelley russian_post skypostal
    stuart uds ups usps veho
    """
)

SOURCES = {
    "aftership": AFTERSHIP,
    "easypost": EASYPOST,
    "seventeentrack": SEVENTEENTRACK,
    "shippo": SHIPPO,
}
