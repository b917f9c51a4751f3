"""Scans from a file of comma-separated values: the good lines kept, the bad ones named."""

import csv
import dataclasses
import datetime
import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from saleor_support_plugin.errors import Code, Invalid, SupportError
from saleor_support_plugin.shop.current import get_shop
from saleor_support_plugin.tracking import carriers, reporting
from saleor_support_plugin.tracking.scan import Scan
from saleor_support_plugin.tracking.scans import service as scans
from saleor_support_plugin.tracking.scans.events import FILE
from saleor_support_plugin.tracking.scans.service import Recorded
from saleor_support_plugin.tracking.status import Status, SubStatus

CHUNK = 500
COMPULSORY = ("tracking_number", "happened_at")
POINT = "|"  # between the lines of a pickup point


class BadFile(ValueError):
    """The file as a whole can't be read; nothing of it was kept. The message says why."""


@dataclasses.dataclass(frozen=True)
class BadLine:
    """A line that was not kept: its number in the file, from 1, the column ("" the whole), and why."""

    line: int
    column: str
    message: str


@dataclasses.dataclass(frozen=True)
class Progress:
    """What has become of the lines read so far.

    Attributes:
        bad: those since the last report.
        good, kept: how many scans the file holds, and how many of them are kept; both 0 while it is read.
    """

    lines: int
    recorded: Recorded
    bad: Sequence[BadLine] = ()
    good: int = 0
    kept: int = 0


def run(lines: Iterable[str], *, channel_id: str, delimiter: str = ",") -> Iterator[Progress]:
    """Keep the scans of a file for the parcels of a channel (global id); a report after each 500 lines read
    and about 500 scans kept.

    The first line names the columns: ``tracking_number`` and ``happened_at`` (ISO 8601; without a zone
    UTC), and any of ``status``, ``sub_status``, ``code``, ``carrier``, ``description``, ``place``,
    ``expected_by``, ``window``, ``next_attempt``, ``point`` (lines with ``|`` between them),
    ``pickup_code``, ``pickup_until``, ``service``, ``correction`` (1 or 0). The whole file is read
    before anything is kept, for a number's scans may stand anywhere in it and are its history only together;
    running a file again changes nothing.

    Raises:
        BadFile: no line of columns, or columns that are missing, unknown or named twice.
        ShopUnavailable: the shop did not answer; what was reported as kept is kept.
    """
    reader = csv.reader(lines, delimiter=delimiter)
    columns = _columns(reader)
    good, bad = list[Scan](), list[BadLine]()
    last = seen = reader.line_num
    now = get_shop().now()
    for cells in _records(reader):
        line, last = last + 1, reader.line_num
        try:
            if isinstance(cells, str):
                raise Invalid(cells)
            if any(cell.strip() for cell in cells):
                good.append(_scan(columns, cells, now))
        except SupportError as error:
            bad.append(BadLine(line, _snake(error.field or ""), error.message))
        if last - seen >= CHUNK:
            yield Progress(last, Recorded(), bad)
            bad, seen = [], last
    yield Progress(last, Recorded(), bad)
    done, kept = Recorded(), 0
    for chunk in _chunks(good):
        done += _keep(chunk, channel_id)
        kept += len(chunk)
        yield Progress(last, done, good=len(good), kept=kept)


def _chunks(scans: list[Scan]) -> Iterator[list[Scan]]:
    """Pieces of about 500; of one number all or none. Sorts the list."""
    scans.sort(key=lambda scan: carriers.normalise(scan.number))
    chunk: list[Scan] = []
    for _number, group in itertools.groupby(scans, key=lambda scan: carriers.normalise(scan.number)):
        chunk += group
        if len(chunk) >= CHUNK:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


def _columns(reader: Any) -> Sequence[str]:
    try:
        names = next(reader, None)
    except csv.Error as error:
        raise BadFile(f"The first line can't be read: {error}.") from error
    found = [name.strip().lower() for name in names or ()]
    wrong = [name for name in found if name not in _COLUMNS]
    missing = [name for name in COMPULSORY if name not in found]
    if wrong or missing or len(set(found)) < len(found):
        raise BadFile(
            f"The first line must name the columns, each once. Missing: {', '.join(missing) or 'none'}. "
            f"Not known: {', '.join(map(repr, wrong)) or 'none'}. Known: {', '.join(_COLUMNS)}."
        )
    return found


def _records(reader: Any) -> Iterator[list[str] | str]:
    """Each record's cells, or why it can't be read."""
    while True:
        try:
            yield next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield f"The line can't be read: {error}."


def _scan(columns: Sequence[str], cells: Sequence[str], now: datetime.datetime) -> Scan:
    if len(cells) != len(columns):
        raise Invalid(f"There are {len(cells)} values for {len(columns)} columns.")
    row: dict[str, Any] = {}
    for name, cell in zip(columns, cells, strict=True):
        if text := cell.strip():
            row[name] = _read(name, text)
    return reporting.scan_of({**row, "number": row.get("tracking_number")}, now=now)


def _read(name: str, text: str) -> Any:
    try:
        return _COLUMNS[name](text)
    except ValueError:
        raise Invalid(f"{text[:40]!r} can't be read.", field=name, code=Code.INVALID) from None


def _keep(chunk: Sequence[Scan], channel_id: str) -> Recorded:
    shop = get_shop()
    with shop.writing():
        return scans.record(chunk, channel_id=channel_id, source=FILE, now=shop.now())


def _yes(text: str) -> bool:
    known = {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False}
    if text.lower() not in known:
        raise ValueError(text)
    return known[text.lower()]


def _snake(field: str) -> str:
    return "".join(f"_{one.lower()}" if one.isupper() else one for one in field)


_COLUMNS: Mapping[str, Callable[[str], Any]] = {
    "tracking_number": str,
    "happened_at": datetime.datetime.fromisoformat,
    "status": lambda text: Status(text.lower()),
    "sub_status": lambda text: SubStatus(text.lower()),
    **dict.fromkeys(reporting.TEXTS, str),
    "expected_by": datetime.date.fromisoformat,
    "next_attempt": datetime.date.fromisoformat,
    "pickup_until": datetime.date.fromisoformat,
    "point": lambda text: [part.strip() for part in text.split(POINT)],
    "correction": _yes,
}
