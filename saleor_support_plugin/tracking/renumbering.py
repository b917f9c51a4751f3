"""A parcel gets another number, and with it another life: what was told of the old one is of no account.

It neither silences nor forestalls what is told of the new number, and what waits to be told is not told.
When the old number comes back, so does what was told of it.
"""

import dataclasses
import datetime
import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

from saleor_support_plugin.notifications import revision
from saleor_support_plugin.tracking.models import Parcel
from saleor_support_plugin.tracking.parcels import looks_like, subject
from saleor_support_plugin.tracking.scans import cases, telling
from saleor_support_plugin.worklist import service as worklist


@dataclasses.dataclass(frozen=True)
class Renumbered:
    """A parcel with what it was before; see ``parcels.contents`` and ``Parcel.tracking_key``."""

    parcel: Parcel
    before: Mapping[str, Any]
    key: str


def settle(changes: Sequence[Renumbered], *, now: datetime.datetime) -> None:
    """Put aside what was told of the old numbers, and bring back what was told of the new ones, in the
    caller's transaction; a constant number of queries, none without changes."""
    if not changes:
        return
    subjects = {subject(one.parcel.fulfillment_id): one for one in changes}
    rows = revision.untold(names=telling.TOLD, subjects=subjects.keys())
    withdrawn, revised = [], []
    for row in rows:
        left = [one for one in row.data["parcels"] if not looks_like(one, subjects[row.subject].before)]
        if left:  # others are in the same box
            row.data = {**row.data, "parcels": left}
            revised.append(row)
        else:
            withdrawn.append(row)
    revision.revise(revised)
    revision.withdraw(withdrawn, detail="The parcel has another number.", now=now)
    revision.rename(withdrawn, {row.pk: f"{row.subject}:{row.pk}" for row in withdrawn})
    away, back, tasks_away, tasks_back = {}, {}, {}, {}
    for name, one in subjects.items():
        away[name] = f"{name}:{_mark(one.key)}"
        back[f"{name}:{_mark(one.parcel.tracking_key)}"] = name
        for task in cases.task_keys(one.parcel):
            tasks_away[task] = f"{task}:{_mark(one.key)}"
            tasks_back[f"{task}:{_mark(one.parcel.tracking_key)}"] = task
    for names in (away, back):
        told = revision.about(names=telling.TOLD, subjects=names.keys())
        revision.rename(told, {row.pk: names[row.subject] for row in told})
    for names in (tasks_away, tasks_back):
        worklist.rename(names)


def _mark(key: str) -> str:
    """A number in few characters: subjects hold 200."""
    return hashlib.sha256(key.encode()).hexdigest()[:16]
