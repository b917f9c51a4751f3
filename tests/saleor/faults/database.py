"""R4: the database goes down at once while mails are sent, and comes back."""

import collections
import time

from tests.saleor.faults.figures import Figure, at_most, exactly
from tests.saleor.faults.kills import UNWRITTEN
from tests.saleor.faults.lab import OUTBOX, Lab, wait_for

PROCESSES = 2
OPEN = f"select state, reason, detail, next_attempt_at, now() from {OUTBOX} where state in ('pending', 'sending') limit 5"


def experiment(lab: Lab, *, mails: int, restarts: int, seed: int) -> list[Figure]:
    """Restart the database several times without a warning; the same worker goes on by itself."""
    lab.shop.do("write", events=mails, mark="database", seed=seed)
    started = len(lab.sink.accepted)
    worker = lab.start_worker(processes=PROCESSES)
    slowest = 0.0
    for number in range(restarts):
        share = started + mails * (number + 1) // (restarts + 2)
        nudge_until(lab, lambda share=share: len(lab.sink.accepted) >= share, worker.said)
        lab.postgres.restart_at_once()
        before, back = len(lab.sink.accepted), time.monotonic()
        nudge_until(lab, lambda before=before: len(lab.sink.accepted) > before + PROCESSES, worker.said)
        slowest = max(slowest, time.monotonic() - back)
    nudge_until(lab, lambda: not lab.states("database-%").get("pending"), worker.said)
    alive = worker.lives()
    lab.bury(worker)
    interrupted = lab.states("database-%").get("sending", 0)
    lab.pass_time(6)
    worker = lab.start_worker()
    nudge_until(lab, lambda: not lab.open_rows("database-%"), worker.said)
    lab.bury(worker)
    lab.forget_queue()
    ids = collections.defaultdict(list)
    for one in lab.sink.accepted[started:]:
        ids[one.recipient].append(one.message_id)
    again = [one for one in ids.values() if len(one) > 1]
    rows = lab.value(f"select count(*) from {OUTBOX} where recipient like 'database-%'")
    most = restarts * PROCESSES * UNWRITTEN
    return [
        Figure("R4", "restarts without a warning", restarts),
        exactly("R4", "the worker is the same one", alive, True),
        at_most("R4", "seconds until mails go out again, at most", slowest, 30),
        exactly("R4", "mails lost", mails - len(ids), 0),
        exactly("R4", "rows of the outbox", rows, mails),
        Figure("R4", "rows that waited for their lease", interrupted),
        at_most("R4", "mails sent again (250 without commit)", len(again), most),
        exactly("R4", "of these with another Message-ID", sum(len(set(one)) > 1 for one in again), 0),
    ]


def nudge_until(lab: Lab, true, otherwise) -> None:  # type: ignore[no-untyped-def]
    """Queue the sweep every half second until something holds."""
    asked = [0.0]

    def nudged() -> bool:
        if time.monotonic() - asked[0] > 0.5:
            asked[0] = time.monotonic()
            lab.nudge("deliver_due")
        return bool(true())

    wait_for(nudged, 60, lambda: f"{lab.run(OPEN)}\n{otherwise()}")
