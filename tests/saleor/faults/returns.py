"""R7: twenty at once on the same return: one of them wins, the goods go back once and the money once."""

import collections

from tests.saleor.faults.figures import Figure, exactly
from tests.saleor.faults.lab import Lab

THREADS = 20
AT_ONCE = 5  # rounds for each call


def experiment(lab: Lab, *, rounds: int) -> list[Figure]:
    """Bring so many returns all the way; one stage of each is raced through by twenty threads."""
    found: collections.Counter[str] = collections.Counter()
    for first in range(0, rounds, AT_ONCE):
        some = min(rounds - first, AT_ONCE)
        found.update(lab.shop.do("race_returns", first=first, rounds=some, threads=THREADS))
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
