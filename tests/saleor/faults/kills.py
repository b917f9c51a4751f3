"""R1: workers are killed hundreds of times; every mail arrives, and arrives once.

Only the moment between the server's 250 and our commit can double a mail: nobody can know there
whether the server has it. Such a second mail must carry the same Message-ID. A worker commits while it
sends the next mail, so a few mails can be in that moment at once, and never more than a few.
"""

import collections
import random
import time

from tests.saleor.faults import sink
from tests.saleor.faults.figures import Figure, at_least, at_most, exactly
from tests.saleor.faults.lab import OUTBOX, Child, Lab, wait_for
from tests.saleor.faults.windows import KILLS

LEASE = 6  # minutes: longer than any lease
UNWRITTEN = 5  # mails that a worker's book-keeper may owe the database
ANY = "any time"


def experiment(lab: Lab, *, kills: int, mails: int, seed: int) -> list[Figure]:
    """Kill workers at every kind of moment until all mails have been sent; what came of it."""
    dice = random.Random(seed)
    events = [tuple(one) for one in lab.shop.do("write", events=mails, mark="kill", seed=seed)]
    deaths: collections.Counter[str] = collections.Counter()
    excused: collections.Counter[str] = collections.Counter()  # recipient → deaths between 250 and commit
    most = 0
    started = len(lab.sink.accepted)
    while (left := lab.open_rows("kill-%")) or deaths.total() < kills:
        if not left:  # the workers were faster than their deaths
            more = lab.shop.do("write", events=max(20, mails // 20), mark=f"kill-{len(events)}", seed=seed)
            events += [tuple(one) for one in more]
            continue
        each = max(1, left // max(1, kills - deaths.total()))  # so that the mails last for all deaths
        lab.sink.life += 1
        if deaths.total() % 2:
            lab.forget_queue()  # every other worker finds only the sweep's nudge, not one for each mail
        lab.nudge("deliver_due")
        moment = dice.choice([*KILLS, *sink.MOMENTS, ANY]) if deaths.total() < kills else ""
        # One claim, like one greeting, is for many mails: to die at a later one would use them up.
        count = 1 if "claim" in moment or moment == "greeting" else dice.randint(1, max(1, 2 * each - 3))
        worker = live(lab, moment, count, dice)
        lab.sink.moment = lambda _moment: False
        lab.bury(worker)
        if moment:
            deaths[moment] += 1
            caught = between(lab)
            excused.update(caught)
            most = max(most, len(caught))
        lab.pass_time(LEASE)
    return [
        *counts(deaths, kills),
        at_most("R1", "mails caught between 250 and commit by one kill, at most", most, UNWRITTEN),
        *judge(lab, [str(recipient) for _kind, recipient in events], excused, started),
    ]


def live(lab: Lab, moment: str, count: int, dice: random.Random) -> Child:
    """Start a worker and wait for its death at the moment, or until it has nothing to do any more."""
    if moment in KILLS:
        worker = lab.start_worker(moment=moment, count=count)
    else:
        worker = lab.start_worker()
        if moment in sink.MOMENTS:
            lab.sink.moment = Trap(worker, moment, count)
    until = None
    if moment == ANY:
        before = len(lab.sink.accepted)
        wait_for(lambda: len(lab.sink.accepted) > before, 60, worker.said)
        until = time.monotonic() + dice.random() * count * 0.01
    asked = began = time.monotonic()
    while worker.lives() and lab.open_rows("kill-%"):
        if until is not None and time.monotonic() >= until:
            break
        if time.monotonic() - asked > 1:
            lab.nudge("deliver_due")
            asked = time.monotonic()
            assert asked < began + 120, worker.said()
        time.sleep(0.002 if until is not None else 0.02)
    return worker


class Trap:
    """Kills a worker at the ``count``-th time that its conversation with the mail server is at a moment."""

    def __init__(self, worker: Child, moment: str, count: int):
        self.worker, self.moment, self.left = worker, moment, count

    def __call__(self, moment: str) -> bool:
        if moment != self.moment:
            return False
        self.left -= 1
        if self.left <= 0:
            self.worker.kill()
        return self.left <= 0


def between(lab: Lab) -> list[str]:
    """Whose mail the server took in this life without the outbox knowing."""
    taken = {one.recipient for one in lab.sink.accepted if one.life == lab.sink.life}
    rows = lab.run(f"select recipient from {OUTBOX} where state = 'sending'")
    return [recipient for (recipient,) in rows if recipient in taken]


def counts(deaths: collections.Counter[str], kills: int) -> list[Figure]:
    """How often workers died where."""
    each = [Figure("R1", f"killed: {moment}", number) for moment, number in sorted(deaths.items())]
    return [at_least("R1", "workers killed", deaths.total(), kills), *each]


def judge(lab: Lab, recipients: list[str], excused: collections.Counter[str], started: int) -> list[Figure]:
    """What the mail server and the outbox hold in the end."""
    ids: dict[str, list[str]] = collections.defaultdict(list)
    for one in lab.sink.accepted[started:]:
        ids[one.recipient].append(one.message_id)
    doubled = [one for one in recipients if len(ids[one]) > 1]
    unexcused = sum(max(0, len(ids[one]) - 1 - excused[one]) for one in recipients)
    rows = lab.run(
        f"select count(*), count(distinct (kind, recipient)) from {OUTBOX} where recipient like 'kill-%%'"
    )
    return [
        exactly("R1", "mails lost", sum(not ids[one] for one in recipients), 0),
        exactly("R1", "rows of the outbox", rows[0][0], len(recipients)),
        exactly("R1", "of these for different events and people", rows[0][1], len(recipients)),
        exactly("R1", "rows accepted", lab.states("kill-%").get("accepted", 0), len(recipients)),
        Figure("R1", "killed between 250 and commit", excused.total()),
        Figure("R1", "mails sent again after that", sum(len(ids[one]) - 1 for one in doubled)),
        exactly("R1", "mails sent again without that", unexcused, 0),
        exactly("R1", "of these with another Message-ID", sum(len(set(ids[one])) > 1 for one in doubled), 0),
    ]
