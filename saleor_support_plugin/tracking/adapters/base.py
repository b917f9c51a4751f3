"""What an adapter is: one source of scans, from its signed webhooks, by asking it, or both.

An adapter knows one provider's words and turns them into :class:`~saleor_support_plugin.tracking.scan.Scan`.
It is pure but for :meth:`Adapter.poll` and :meth:`Adapter.instruct`, which ask the provider by HTTPS;
it knows no database and no shop.
"""

import dataclasses
import datetime
import enum
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, ClassVar

from saleor_support_plugin.tracking.scan import Scan
from saleor_support_plugin.tracking.status import Status, SubStatus

TOLERANCE = datetime.timedelta(seconds=300)  # how far a signed time may be from ours


class Unverified(Exception):
    """It is not proved that the source sent this, now; nothing of it may be believed."""


class Unreadable(ValueError):
    """The source surely sent this, and it is not in the form that its documentation describes."""


class Unavailable(Exception):
    """The source could not be asked now.

    Attributes:
        retry_after: seconds that it asked us to wait; None when it did not say.
        refused: it does not take our key: asking again is of no use until the admin changes it.
    """

    def __init__(self, message: str, *, retry_after: float | None = None, refused: bool = False):
        super().__init__(message)
        self.retry_after = retry_after
        self.refused = refused


@dataclasses.dataclass(frozen=True)
class Meaning:
    """What a source's word says in our words; ``status`` None: deliberately nothing, the word is kept."""

    status: Status | None = None
    sub_status: SubStatus | None = None


UNKNOWN = Meaning()
# Where a parcel may be without that saying much: a finer word may say more.
_OPEN = frozenset(
    {
        None,
        Status.PENDING,
        Status.INFO_RECEIVED,
        Status.IN_TRANSIT,
        Status.ATTEMPT_FAILED,
        Status.EXCEPTION,
    }
)


@dataclasses.dataclass(frozen=True)
class Call:
    """A webhook's request, as far as a signature can speak of it.

    Attributes:
        body: as it came, at most as long as the entrance allows.
        headers: with names in lower case.
        method, path: of the request; the path begins with a slash and holds no query.
        query: the address's arguments, the last of each name.
    """

    body: bytes
    headers: Mapping[str, str] = dataclasses.field(default_factory=dict)
    method: str = "POST"
    path: str = "/"
    query: Mapping[str, str] = dataclasses.field(default_factory=dict)

    def header(self, name: str) -> str:
        """A header's value, "" when it is missing."""
        return self.headers.get(name.lower(), "")


@dataclasses.dataclass(frozen=True)
class Asked:
    """A parcel to ask for.

    Attributes:
        number: the tracking number, normalised.
        carrier: the code of its carrier, "" unknown.
        country: of its destination, ISO 3166-1; "" unknown.
        is_new: nothing was heard of it yet; a source that reports only on what was added to it may add it.
    """

    number: str
    carrier: str = ""
    country: str = ""
    is_new: bool = False


class Answer(enum.StrEnum):
    """What a carrier says to an instruction."""

    ACCEPTED = "accepted"  # it will do it
    HANDED_OVER = "handed_over"  # it has it, and has not decided
    REFUSED = "refused"  # it won't
    NOT_SUPPORTED = "not_supported"  # this adapter can't ask for that: a person must


@dataclasses.dataclass(frozen=True)
class Instruction:
    """What the shop asks of a carrier.

    Attributes:
        kind: one of ``models.InstructionKind``: new_address, safe_place, redeliver, hold, return_to_sender.
        number, carrier: of the parcel.
        details: by kind: ``address`` (fields of ``shop.data.Address``), ``place``, ``day`` (ISO 8601).
        reference: ours, the same whenever the same instruction is repeated.
    """

    kind: str
    number: str
    carrier: str = ""
    details: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    reference: str = ""


@dataclasses.dataclass(frozen=True)
class Reply:
    """The carrier's answer; ``reference`` is its own, ``note`` says why it refused."""

    answer: Answer
    reference: str = ""
    note: str = ""


class Adapter:
    """One source. Make a subclass with one instance for each; see ``docs/adding-a-carrier.md``.

    Attributes:
        name: in addresses and options: lower case letters, digits and dashes; never changes.
        title: as people know it.
        words: every word for a status that the source documents → what it means; what is not here is kept
            and changes nothing.
        details: the same for its finer words, which refine such a word.
        secret_option: the option that holds the secret of its webhooks.
        polls: whether :meth:`poll` works.
        batch: how many parcels one call of :meth:`poll` asks for at most.
        per_minute: how many parcels a channel asks for in a minute at most.
        minimum_interval: no parcel is asked for more often.
    """

    name: ClassVar[str] = ""
    title: ClassVar[str] = ""
    words: ClassVar[Mapping[str, Meaning]] = MappingProxyType({})
    details: ClassVar[Mapping[str, Meaning]] = MappingProxyType({})
    secret_option: ClassVar[str] = "tracking_secret"
    polls: ClassVar[bool] = False
    batch: ClassVar[int] = 1
    per_minute: ClassVar[int] = 60
    minimum_interval: ClassVar[datetime.timedelta] = datetime.timedelta(minutes=30)

    def verify(self, call: Call, *, secret: str, now: datetime.datetime) -> None:
        """Return if the source sent this; must compare in constant time, see ``parsing.same``.

        Raises:
            Unverified: it is not signed, or by somebody else, or more than ``TOLERANCE`` ago or ahead
                where the source signs a time.
        """
        raise Unverified("This source sends no webhooks.")

    def read(self, body: bytes) -> list[Scan]:
        """The scans of a webhook's body; [] for a message that tells of none.

        Raises:
            Unreadable: it is not in the form that the source documents.
        """
        raise Unreadable("This source sends no webhooks.")

    def poll(self, asked: Sequence[Asked], *, api_key: str) -> list[Scan]:
        """Ask for up to ``batch`` parcels: all scans that the source has of them, in any order.

        A number that the source does not know (yet) brings no scans; where a source reports only on
        parcels that were added to it, those that are new are added.

        Raises:
            Unavailable: the source did not answer as it should.
            Unreadable: its answer is not in the form that it documents.
        """
        raise Unavailable("This source can't be asked.", refused=True)

    def instruct(self, instruction: Instruction, *, api_key: str) -> Reply:
        """Hand an instruction over. Repeated with the same ``reference``, it must not be done twice.

        Raises:
            Unavailable: the source did not answer as it should; it is asked again later.
        """
        return Reply(Answer.NOT_SUPPORTED)

    def means(self, word: str, detail: str = "") -> Meaning:
        """What a word of the source means, refined by a finer one; ``UNKNOWN`` for unknown words.

        A finer word's status counts where the word itself leaves that open: "in transit, refused" is an
        exception, "returning, refused" still returns, and that it was refused is why.
        """
        broad, fine = self.words.get(word, UNKNOWN), self.details.get(detail, UNKNOWN)
        if fine.status is None:
            return Meaning(broad.status, fine.sub_status or broad.sub_status)
        if broad.status in _OPEN or fine.status is broad.status:
            return fine
        returns = broad.status in (Status.RETURNING, Status.RETURNED)  # and the finer word says why
        return Meaning(broad.status, fine.sub_status if returns else broad.sub_status)
