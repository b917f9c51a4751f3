"""Draw the states of returns into the README, from the tables of transitions, or check the drawing."""

import pathlib
import sys
from collections.abc import Iterator, Mapping

from saleor_support_plugin.returns import axes

TARGET = pathlib.Path(__file__).parent.parent / "README.md"
BEGIN = "<!-- drawn by `make states` from saleor_support_plugin/returns/axes.py -->"
END = "<!-- until here -->"

# Where each drawing starts, and the states in which nothing is left to do.
AXES: tuple[tuple[str, Mapping[str, frozenset[str]], str], ...] = (
    ("Do we agree? (authorisation)", axes.AUTHORISATION, axes.Authorisation.REQUESTED),
    ("Where are the goods? (logistics)", axes.LOGISTICS, axes.Logistics.AWAITING),
    ("Is the money back? (settlement)", axes.SETTLEMENT, axes.Settlement.NONE),
)


def drawing() -> str:
    """The three axes as Mermaid state diagrams, and how the one public status follows from them."""
    parts = [f"**{title}**\n\n```mermaid\n{_diagram(table, first)}\n```" for title, table, first in AXES]
    return "\n\n".join([BEGIN, *parts, _statuses(), END])


def _diagram(table: Mapping[str, frozenset[str]], first: str) -> str:
    lines = ["stateDiagram-v2", "    direction LR", f"    [*] --> {first}"]
    if "unconfirmed" in table:
        lines.append("    [*] --> unconfirmed")
    targets = {to for some in table.values() for to in some}
    for state in type(first):  # type: ignore[attr-defined]
        lines += [f"    {state} --> {to}" for to in type(first) if to in table.get(state, ())]  # type: ignore[attr-defined]
    lines += [f"    {state} --> [*]" for state in type(first) if state in targets and state not in table]  # type: ignore[attr-defined]
    return "\n".join(lines)


def _statuses() -> str:
    """One row for each status that people see, with the axes that show it."""
    rows = "\n".join(f"| `{status}` | {axes_of} |" for status, axes_of in _shown())
    return f"**What people see (status)**\n\n| Status | When |\n|---|---|\n{rows}"


def _shown() -> Iterator[tuple[str, str]]:
    for status in axes.ReturnStatus:
        if status.value in axes.Authorisation.values and status != axes.ReturnStatus.APPROVED:
            yield status, f"authorisation is `{status}`"
        elif status == axes.ReturnStatus.COMPLETED:
            yield status, "nothing is left to do"
        else:
            yield status, "; ".join(_pairs(status))


def _pairs(status: str) -> Iterator[str]:
    """Which logistics show this status of an approved return, and with which settlements."""
    by_settlements: dict[tuple[str, ...], list[str]] = {}
    for place in axes.Logistics:
        money = tuple(
            one
            for one in axes.Settlement
            if axes.status(axes.Authorisation.APPROVED, place, one, completed=False) == status
        )
        if money:
            by_settlements.setdefault(money, []).append(f"`{place}`")
    for money, places in by_settlements.items():
        which = "" if len(money) == len(axes.Settlement) else _which(money)
        yield f"goods {', '.join(places)}{which}"


def _which(money: tuple[str, ...]) -> str:
    return ", money " + ", ".join(f"`{one}`" for one in money)


def main() -> int:
    """Write the drawing between its marks; with ``--check`` only compare, and fail when it is stale."""
    text = TARGET.read_text(encoding="utf-8")
    if BEGIN not in text or END not in text:
        print("README.md has lost the marks around the drawing of the states.")
        return 1
    current = text[: text.index(BEGIN)] + drawing() + text[text.index(END) + len(END) :]
    if current == text:
        return 0
    if "--check" in sys.argv:
        print("The states drawn in README.md are not current: run `make states`.")
        return 1
    TARGET.write_text(current, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
