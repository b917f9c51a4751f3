"""What a label maker is: a carrier, or a broker of carriers, that gives the label for a parcel.

It asks its carrier by HTTPS, and knows no database and no shop. It is called by a job, outside of every
transaction.
"""

import abc
import dataclasses
from decimal import Decimal
from typing import ClassVar
from urllib.parse import urlsplit

from saleor_support_plugin.shop.data import Address

CARRIER_LIMIT, NUMBER_LIMIT, URL_LIMIT = 60, 255, 2000
SIZE_LIMIT = 5_000_000  # bytes of a label


class Unavailable(Exception):
    """The carrier could not be asked now, and has surely made no label; it is asked again later.

    After a question that was sent and never answered raise anything else, such as the error of the HTTP
    client: then the label is looked for (:meth:`LabelMaker.find`) before the carrier is asked again.

    Attributes:
        retry_after: seconds that it asked us to wait; None when it did not say.
    """

    def __init__(self, message: str, *, retry_after: float | None = None):
        super().__init__(message)
        self.retry_after = retry_after


class Refused(Exception):
    """The carrier makes no such label, and asking again is of no use; the text tells staff why."""


class NotSupported(Exception):
    """This maker can't say what became of a question."""


@dataclasses.dataclass(frozen=True)
class Goods:
    """One article in the parcel.

    Attributes:
        name, sku: as the shop calls it; ``sku`` may be "".
        quantity: pieces, at least 1.
        unit_price, currency: gross, of one piece, for the customs; ISO 4217.
        grams: of one piece; None: not known, which is the rule.
    """

    name: str
    sku: str
    quantity: int
    unit_price: Decimal
    currency: str
    grams: int | None = None


@dataclasses.dataclass(frozen=True)
class LabelRequest:
    """The parcel that needs a label.

    Attributes:
        number: of the return, as people quote it, like "R10012".
        reference: ours, the same whenever the same label is asked for; at most 64 characters of ASCII.
        order_number: as the shop calls the order.
        goods: what comes back, line by line.
        sender: the customer's address, where the order was delivered.
        country: of the sender, ISO 3166-1 alpha-2.
        receiver: where the goods go, line by line, as the shop wrote it in its options for the
            ``destination``; may be empty.
        destination: the warehouse's name; may be "".
    """

    number: str
    reference: str
    order_number: str
    goods: tuple[Goods, ...]
    sender: Address
    country: str
    receiver: tuple[str, ...] = ()
    destination: str = ""


@dataclasses.dataclass(frozen=True)
class LabelSettings:
    """What the channel's admin set.

    Attributes:
        channel: the channel's slug.
        api_key: the option "Key of the label maker"; "" when it is empty.
    """

    channel: str
    api_key: str = dataclasses.field(default="", repr=False)


@dataclasses.dataclass(frozen=True)
class Label:
    """A label: either a file or an address.

    Attributes:
        content: a PDF or a picture (PNG, JPEG), at most 5,000,000 bytes.
        content_type: its media type.
        url: an https address that the customer may open without a password, at most 2000 characters.
        carrier: code or name, at most 60 characters.
        tracking_number: at most 255 characters; "": it can't be followed.

    Raises:
        ValueError: it is neither of the two, or both; something is too long or of several lines.
    """

    content: bytes = dataclasses.field(default=b"", repr=False)
    content_type: str = ""
    url: str = ""
    carrier: str = ""
    tracking_number: str = ""

    def __post_init__(self) -> None:
        if bool(self.content) == bool(self.url):
            raise ValueError("A label is either a file or an address.")
        if len(self.content) > SIZE_LIMIT:
            raise ValueError(f"A label has at most {SIZE_LIMIT} bytes.")
        if self.content and not self.content_type:
            raise ValueError("Say of which type the file is.")
        if self.url and (urlsplit(self.url).scheme != "https" or len(self.url) > URL_LIMIT):
            raise ValueError(f"A label's address is https, with at most {URL_LIMIT} characters.")
        for text, most in ((self.carrier, CARRIER_LIMIT), (self.tracking_number, NUMBER_LIMIT)):
            if len(text) > most or not text.isprintable():
                raise ValueError(f"Carrier and number are one line, of at most {most} characters.")


class LabelMaker(abc.ABC):
    """One maker of labels. Make a subclass with one instance; see ``docs/returns.md``.

    Attributes:
        name: in options: lower case letters, digits and dashes; never changes.
        title: as people know it.
    """

    name: ClassVar[str] = ""
    title: ClassVar[str] = ""

    @abc.abstractmethod
    def make(self, request: LabelRequest, settings: LabelSettings) -> Label:
        """Have the carrier make a label; answer or give up within five minutes.

        Raises:
            Unavailable: not now, and surely none was made.
            Refused: never; a person has to see to it.
            Exception: anything else: nobody knows whether one was made.
        """

    def find(self, request: LabelRequest, settings: LabelSettings) -> Label | None:
        """The label that the carrier made under ``request.reference`` before; None: it surely made none.

        Where the carrier makes one label for each reference, however often it is asked, this may be
        ``return self.make(request, settings)``.

        Raises:
            NotSupported: it can't be found out; a person has to look.
            Unavailable: not now.
        """
        raise NotSupported
