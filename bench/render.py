"""How many notifications a process writes into the outbox and renders, beside Saleor's rendering alone."""

import sys
from typing import Any

from bench import common, outbox

OURS, THEIRS = 500, 3


def main() -> int:
    """Measure and print; 1 when the bar is missed."""
    with common.saleor():
        from bench.peers import Theirs

        common.settings()
        theirs = Theirs()
        mails = outbox.Outbox()

        def ours_side(number: int) -> int:
            for row in mails.store(OURS, f"render-{number}"):
                mails.write(row)
            return OURS

        def theirs_side(_number: int) -> int:
            for _one in range(THEIRS):
                theirs.render()
            return THEIRS

        found = common.rates({"ours": ours_side, "saleor": theirs_side})
        return report(found)


def report(found: dict[str, list[float]]) -> Any:
    """The lines of the table."""
    common.tell("(b) written and rendered a second, ours", common.spread(found["ours"]))
    common.tell("(b) rendered a second, Saleor's", common.spread(found["saleor"]))
    factor = common.ratio(found["ours"], found["saleor"])
    return int(not common.tell("(b) ours / Saleor's", f"{factor:.0f}", "≥ 100", factor >= 100))


if __name__ == "__main__":
    sys.exit(main())
