"""One scan of a parcel as a source told it, in our words: what adapters make and the store keeps."""

import dataclasses
import datetime

from saleor_support_plugin.tracking.status import Status, SubStatus


@dataclasses.dataclass(frozen=True)
class Scan:
    """Something that happened to a parcel on its way.

    Attributes:
        number: the tracking number, as the source writes it.
        happened_at: by the carrier's clock, UTC.
        code: the source's own word for it; together with carrier, number and time it tells scans apart.
        status: None for a word that we do not know: it is kept and changes nothing.
        sub_status: None where the source says no more than the status.
        carrier: code of a carrier we know, else the source's own name for it; "" when it names none.
        description: the source's sentence about it, in whatever language it came.
        place: town and country, as the customer may read them; "" unknown.
        expected_by: the day the carrier now expects to deliver.
        window: the hours of the day, like "14:00-16:00"; "" unknown.
        next_attempt: the day the courier comes again.
        point: name and address of the place where the parcel waits, line by line.
        pickup_code: what the customer shows there; pickup_until: the last day, included.
        service: the carrier's product, like "Express"; "" unknown.
        correction: a person says that what was final is not so.
    """

    number: str
    happened_at: datetime.datetime
    code: str
    status: Status | None = None
    sub_status: SubStatus | None = None
    carrier: str = ""
    description: str = ""
    place: str = ""
    expected_by: datetime.date | None = None
    window: str = ""
    next_attempt: datetime.date | None = None
    point: tuple[str, ...] = ()
    pickup_code: str = ""
    pickup_until: datetime.date | None = None
    service: str = ""
    correction: bool = False
