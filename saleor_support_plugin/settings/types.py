"""The options of a channel, typed; and the switches among them."""

import dataclasses
import datetime
import enum
from collections.abc import Mapping

LONGEST = 3650  # days for which anything is kept that is deleted at all


class Feature(enum.StrEnum):
    """The groups an admin switches on, per channel; all are off at first."""

    NOTIFICATIONS = "notifications"  # mails about parcels that nobody asked for
    TICKETS = "tickets"  # customers can write, staff answers
    RETURNS = "returns"  # customers can ask for returns
    ORDER_CHANGES = "order_changes"  # customers can change the address of an unshipped order
    GUEST_ACCESS = "guest_access"  # guests can ask for a link to their order
    TRACKING = "tracking"  # scans of parcels are taken in, and asked for


class Overlap(enum.StrEnum):
    """What happens when Saleor's own e-mail plugin would send a mail for the same event."""

    SKIP_OURS = "skip ours"  # Saleor's mail goes out, ours is skipped
    TAKE_OVER = "take over"  # Saleor's template is blanked (reversibly), ours goes out


@dataclasses.dataclass(frozen=True)
class SupportSettings:
    """The options of one channel, typed. Times are UTC.

    Attributes:
        since: for each feature that is on, when it was last turned on; nothing that happened
            before that moment ever mails.
        kinds_since: the same for kinds of mail that are off at first and that the admin turned on.
    """

    channel_id: str = ""
    channel: str = ""
    plugin_url: str = ""  # where the channel's pages and webhooks are reached; ends with a slash
    kinds_since: Mapping[str, datetime.datetime] = dataclasses.field(default_factory=dict)
    since: Mapping[Feature, datetime.datetime] = dataclasses.field(default_factory=dict)
    overlap: Overlap = Overlap.SKIP_OURS
    shop_name: str = ""
    sender_name: str = ""
    sender_address: str = ""
    reply_to: str = ""
    email_url: str = dataclasses.field(default="", repr=False)  # holds a password
    mail_provider: str = ""
    mail_provider_options: Mapping[str, str] = dataclasses.field(default_factory=dict, repr=False)  # keys
    webhook_secret: str = dataclasses.field(default="", repr=False)
    track_opens: bool = False
    mails_per_minute: int = 600
    rehearsal_address: str = ""
    quiet_hours: tuple[datetime.time, datetime.time] | None = (datetime.time(22), datetime.time(8))
    stale_hours: int = 48
    staff_addresses: tuple[str, ...] = ()
    dashboard_url: str = ""
    timeline: bool = True
    keep_days: int = 365
    keep_history_days: int = 1095
    kinds_off: frozenset[str] = frozenset()
    kinds_on: frozenset[str] = frozenset()
    language: str = "en"
    logo_url: str = ""
    brand_colour: str = "#1d5c4d"
    signature: tuple[str, ...] = ()
    legal_footer: tuple[str, ...] = ()
    social_links: tuple[tuple[str, str], ...] = ()  # name, address
    return_url: str = ""
    contact_url: str = ""
    banner: bool = False
    banner_text: str = ""
    banner_image: str = ""
    banner_url: str = ""
    dispatch_days: int = 0  # 0: no promise
    check_in_days: int = 5
    order_url: str = ""
    guest_url: str = ""
    guest_link_hours: int = 72
    return_window_days: int = 30
    time_zone: str = "UTC"
    business_hours: str = "mon-fri 09:00-17:00"
    holidays: str = ""
    first_response_hours: int = 8
    file_megabytes: int = 10
    film_megabytes: int = 50  # 0: no films
    tracking_provider: str = ""
    tracking_secret: str = dataclasses.field(default="", repr=False)
    tracking_api_key: str = dataclasses.field(default="", repr=False)
    tracking_own_secret: str = dataclasses.field(default="", repr=False)
    label_api_key: str = dataclasses.field(default="", repr=False)

    def is_on(self, feature: Feature) -> bool:
        """Whether the admin has switched this feature on in this channel."""
        return feature in self.since

    def sends(self, kind: str, *, at_first: bool) -> bool:
        """Whether mails of this kind are wanted; ``at_first``: what holds while the admin says nothing."""
        return kind not in self.kinds_off and (at_first or kind in self.kinds_on)
