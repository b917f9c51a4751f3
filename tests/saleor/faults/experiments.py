"""The list of the experiments and their sizes."""

import time
from collections.abc import Callable, Sequence

from tests.saleor import databases
from tests.saleor.faults import broker, database, feedback, hooks, kills, mailserver, returns
from tests.saleor.faults.figures import Figure, table
from tests.saleor.faults.lab import Lab

Experiment = Callable[[Lab, float, int], list[Figure]]


def scaled(number: int, size: float) -> int:
    """``number`` at this size, at least 1."""
    return max(1, round(number * size))


EXPERIMENTS: dict[str, Experiment] = {
    "R1": lambda lab, size, seed: kills.experiment(
        lab, kills=scaled(200, size), mails=scaled(2000, size), seed=seed
    ),
    "R2": lambda lab, size, seed: broker.experiment(lab, orders=scaled(500, size), seconds=60 * size),
    "R3": lambda lab, size, seed: [
        *mailserver.experiment(lab, mails=scaled(1000, size), seed=seed),
        *(mailserver.patience(lab) if size >= 1 else []),
    ],
    "R4": lambda lab, size, seed: database.experiment(
        lab, mails=scaled(2000, size), restarts=max(1, scaled(5, size)), seed=seed
    ),
    "R5": lambda lab, size, seed: hooks.experiment(
        lab, orders=scaled(500, size), deaths=scaled(30, size), seed=seed
    ),
    "R6": lambda lab, size, seed: feedback.experiment(lab, events=scaled(10_000, size), seed=seed),
    "R7": lambda lab, size, seed: returns.experiment(lab, rounds=scaled(500, size)),
    "R8": lambda lab, size, seed: mailserver.outage(lab, mails=scaled(200, size), seed=seed),
}


def run(lab: Lab, *, size: float, seed: int, only: Sequence[str] = ()) -> list[Figure]:
    """Run the experiments (``only`` these) at a share of their full size; all their figures."""
    found: list[Figure] = []
    lab.shop.do("prepare")
    for name, experiment in EXPERIMENTS.items():
        if only and name not in only:
            continue
        started = time.monotonic()
        mine = experiment(lab, size, seed)
        mine.append(Figure(name, "seconds it took", time.monotonic() - started))
        databases.say(table(mine))
        found += mine
    return found
