"""R7: twenty at once on the same return: one of them wins, the goods go back once and the money once."""

import collections

from tests.saleor.faults.figures import Figure, exactly
from tests.saleor.faults.lab import Lab

THREADS = 20
AT_ONCE = 5  # rounds for each call


def experiment(lab: Lab, *, rounds: int) -> list[Figure]:
    """Race through the whole way of so many returns, each step by twenty threads."""
    found: collections.Counter[str] = collections.Counter()
    left = rounds
    while left > 0:
        found.update(lab.shop.do("race_returns", rounds=min(left, AT_ONCE), threads=THREADS))
        left -= AT_ONCE
    return [
        exactly("R7", "returns raced through by 20 threads", found["rounds"], rounds),
        exactly("R7", "approvals that won", found["approvals"], rounds),
        exactly("R7", "counts with one key", found["receipts"], rounds),
        exactly("R7", "pieces counted by those who came first", found["pieces"], 3 * rounds),
        exactly("R7", "return fulfilments of Saleor", found["fulfillments"], 2 * rounds),
        exactly("R7", "pieces in them", found["returned"], 3 * rounds),
        exactly("R7", "amounts paid more than once, or not at all", found["wrong"], 0),
        exactly("R7", "returns completed", found["completed"], rounds),
    ]
