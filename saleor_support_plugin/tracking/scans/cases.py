"""One piece of news about one parcel in the words of its mails, its task and its alert."""

import datetime
from collections.abc import Mapping, Sequence
from typing import Any

from saleor_support_plugin.notifications import kinds, staff
from saleor_support_plugin.notifications.service import Message
from saleor_support_plugin.notifications.writing import language
from saleor_support_plugin.settings import Feature, SupportSettings
from saleor_support_plugin.shop.data import Order
from saleor_support_plugin.sla.policy import calendar_of
from saleor_support_plugin.tracking import news, words
from saleor_support_plugin.tracking.models import Parcel
from saleor_support_plugin.tracking.parcels import contents, subject
from saleor_support_plugin.tracking.scans import solving
from saleor_support_plugin.tracking.scans.folding import Turn
from saleor_support_plugin.tracking.status import Status, SubStatus
from saleor_support_plugin.worklist.models import StaffTask, TaskKind

KINDS: Mapping[Status, str] = {
    Status.IN_TRANSIT: "in_transit",
    Status.OUT_FOR_DELIVERY: "out_for_delivery",
    Status.ATTEMPT_FAILED: "delivery_attempt_failed",
    Status.AVAILABLE_FOR_PICKUP: "pickup_ready",
    Status.DELIVERED: "delivered",
    Status.RETURNING: "incident_returning",
}
INCIDENTS: Mapping[str, str] = {
    SubStatus.INCORRECT_ADDRESS: "incident_wrong_address",
    SubStatus.MOVED: "incident_wrong_address",
    SubStatus.CUSTOMS: "incident_customs",
    SubStatus.DOCUMENTS_MISSING: "incident_customs",
    SubStatus.PAYMENT_DUE: "incident_customs",
    SubStatus.REFUSED: "incident_refused",
    SubStatus.DAMAGED: "incident_damaged",
    SubStatus.DISPOSED: "incident_damaged",
    SubStatus.LOST: "incident_lost",
    SubStatus.WEATHER: "incident_delay",
    SubStatus.MISSED_CONNECTION: "incident_delay",
    SubStatus.PROCESSING_DELAY: "incident_delay",
    SubStatus.EXTERNAL_DELAY: "incident_delay",
}
OTHER, WRONG_ADDRESS = "incident_other", "incident_wrong_address"


def kind_of(turn: Turn) -> str:
    """The kind of mail that tells of it; "" when none does."""
    if turn.life.status is Status.EXCEPTION:
        return INCIDENTS.get(turn.life.sub_status, OTHER)
    return KINDS.get(turn.life.status, "")


def task_keys(parcel: Parcel) -> list[str]:
    """The keys of all tasks that the life of a parcel may open."""
    return [f"parcel:{parcel.pk}:{occasion}" for occasion in (*SubStatus, Status.RETURNING)]


class Case:
    """One piece of news about one parcel, with its order and the options of its channel."""

    def __init__(
        self,
        turn: Turn,
        order: Order,
        settings: SupportSettings,
        now: datetime.datetime,
        *,
        is_back: bool = False,
    ) -> None:
        self.parcel: Parcel = turn.parcel
        self.subject = subject(turn.parcel.fulfillment_id)
        self.is_back = is_back  # a problem that was over
        self.is_alone = turn.life.is_final and turn.is_first_news  # all that was ever heard of it
        self.life, self.order, self.settings, self.now = turn.life, order, settings, now
        self.kind = kind_of(turn)
        self.others: list[Parcel] = []  # in the same box
        self.is_disputed = False  # somebody else has a parcel with the same number: it may be theirs
        self.is_incident = self.life.status in (Status.EXCEPTION, Status.RETURNING)
        self.happened_at = turn.life.since or now
        self.details: Mapping[str, Any] = turn.life.standing.details if turn.life.standing else {}

    @property
    def box(self) -> Any:
        """The same for parcels of which one message tells."""
        if kinds.get(self.kind).merges:
            return self.parcel.pk
        return self.order.id, self.parcel.tracking_key, self.kind, self._occasion

    @property
    def counts(self) -> bool:
        """Whether it happened since what concerns it was switched on, and is not too old to be news."""
        features = (Feature.NOTIFICATIONS, Feature.TRACKING)
        since = [moment for one in features if (moment := self.settings.since.get(one)) is not None]
        if self.is_alone:
            since.append(self.now - datetime.timedelta(hours=self.settings.stale_hours))
        return any(one in self.settings.since for one in features) and self.happened_at >= max(since)

    def messages(self) -> list[Message]:
        """To the customer, with what follows later, and of incidents to staff."""
        if not self.settings.is_on(Feature.NOTIFICATIONS):
            return []
        found = news.messages(
            kind=self.kind,
            parcel=self.parcel,
            order=self.order,
            settings=self.settings,
            data=self._data(),
            happened_at=self.happened_at,
            occasion=self._occasion if self.is_incident else "",
            others=self.others,
            now=self.now,
        )
        return found + (self._alerts() if self.is_incident else [])

    def tasks(self) -> list[StaffTask]:
        """One for each thing that goes wrong with a parcel: whoever takes it keeps what the mail promised."""
        if not self.is_incident:
            return []
        what = words.say(self.life.status, self.life.sub_status)
        number = " ".join(part for part in (self.parcel.carrier, self.parcel.tracking_number) if part)
        promised = f"The customer was promised news by {self._update_by()}."
        return [
            StaffTask(
                kind=TaskKind.PARCEL_PROBLEM,
                key=self._task,
                subject=self.subject,
                channel_id=self.order.channel_id,
                order_id=self.order.id,
                summary=f"Order {self.parcel.order_number}, parcel {self.parcel.number}"
                f"{f' ({number})' if number else ''}: {what}."
                f"{f' {promised}' if self.settings.is_on(Feature.NOTIFICATIONS) else ''}",
                created_at=self.now,
            )
        ]

    def old_tasks(self) -> dict[str, str]:
        """The keys of tasks that were closed when the problem was over, and other ones for them."""
        return {self._task: f"{self._task}:{self.happened_at.isoformat()}"} if self.is_back else {}

    def solved(self, parcels: Sequence[Parcel]) -> Message:
        """That the problem is over; ``parcels``: among which those in the same box are."""
        place = self.parcel.order_id, self.parcel.tracking_key
        others = [one for one in parcels if (one.order_id, one.tracking_key) == place]
        return solving.message(
            [self.parcel, *(one for one in others if one.pk != self.parcel.pk)],
            order=self.order,
            what=self._say(self.life.status, self.life.sub_status),
            expected_by=None if self.life.is_final else self._expected_by(),
            happened_at=self.happened_at,
            now=self.now,
        )

    @property
    def _what(self) -> str:
        return self.life.sub_status if self.life.status is Status.EXCEPTION else self.life.status

    @property
    def _task(self) -> str:
        return f"parcel:{self.parcel.pk}:{self._what}"

    @property
    def _occasion(self) -> str:
        return f"{self._what}:{self.happened_at.isoformat()}" if self.is_back else self._what

    def _update_by(self) -> str:
        """The next working day, in the channel's zone."""
        calendar = calendar_of(self.settings)
        return calendar.end_of_day(self.now, 1).astimezone(calendar.zone).date().isoformat()

    def _alerts(self) -> list[Message]:
        data = {
            "parcels": [contents(one) for one in (self.parcel, *self.others)],
            "what": words.say(self.life.status, self.life.sub_status, self.settings.language),
            "page": "",
            "update_by": self._update_by(),
        }
        return staff.alerts(
            kind="staff_incident",
            subject=self.subject,
            occasion=self._occasion,
            order=self.order,
            data=data,
            settings=self.settings,
        )

    def _say(self, status: str, sub_status: str) -> str:
        wanted = language.choose(self.order.language, otherwise=self.settings.language)
        return words.say(status, sub_status, wanted.code)

    def _expected_by(self) -> str | None:
        day = self.life.expected_by or self.parcel.promised_until
        return day.isoformat() if day is not None and day >= self.now.date() else None

    def _data(self) -> dict[str, Any]:
        """The kind's variables but the parcel."""
        if self.is_incident:
            data = {
                "what": self._say(self.life.status, self.life.sub_status),
                "action": "",
                "update_by": self._update_by(),
                "expected_by": self.life.expected_by and self._expected_by(),
            }
            return {**data, "address": self.parcel.address or None} if self.kind == WRONG_ADDRESS else data
        return _DATA[self.life.status](self)

    def in_transit(self) -> dict[str, Any]:
        return {"expected_by": self._expected_by()}

    def out_for_delivery(self) -> dict[str, Any]:
        return {"window": self.details.get("window", "")}

    def attempt_failed(self) -> dict[str, Any]:
        sub_status = self.life.sub_status
        return {
            "reason": self._say(Status.ATTEMPT_FAILED, sub_status) if sub_status else "",
            "next_attempt": self.details.get("next_attempt"),
        }

    def pickup(self) -> dict[str, Any]:
        if self.is_disputed:  # the code would open it to a stranger
            return {"point": [], "code": "", "until": None}
        return {
            "point": list(self.details.get("point", ())),
            "code": self.details.get("pickup_code", ""),
            "until": self.details.get("pickup_until"),
        }

    def delivered(self) -> dict[str, Any]:
        left = self.life.sub_status in (SubStatus.NEIGHBOUR, SubStatus.SAFE_PLACE)
        return {
            "place": self._say(Status.DELIVERED, self.life.sub_status) if left else "",
            "delivered_at": self.happened_at.isoformat(),
        }


_DATA = {
    Status.IN_TRANSIT: Case.in_transit,
    Status.OUT_FOR_DELIVERY: Case.out_for_delivery,
    Status.ATTEMPT_FAILED: Case.attempt_failed,
    Status.AVAILABLE_FOR_PICKUP: Case.pickup,
    Status.DELIVERED: Case.delivered,
}
