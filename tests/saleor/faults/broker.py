"""R2: the broker is down while parcels leave; nobody notices, and every mail goes out afterwards.

Time is let pass for the rows, and counts as if it had: beat's first round comes as late as it may.
"""

import statistics
import time
from collections.abc import Mapping

from saleor_support_plugin import jobs
from tests.saleor.faults.figures import Figure, at_most, exactly
from tests.saleor.faults.hooks import pass_minutes
from tests.saleor.faults.lab import OUTBOX, Child, Lab, wait_for

ADDED = 250  # milliseconds
ENOUGH = 100  # mutations before the slowest twentieth of them tells more than one hiccup of the machine
AFTER = 60  # seconds
GATHER = 60  # seconds after a parcel left in which others of its order may join
ROUND = ("sweep_parcels", "deliver_due")
EVERY = max(jobs.PERIODIC[name].total_seconds() for name in ROUND)
OPEN = f"""select (select count(*) from saleor_support_plugin_parcel
    where state = 'pending' and checked_at <= now() - interval '60 seconds')
    + (select count(*) from {OUTBOX} where recipient like 'broker-%' and
       (state = 'sending' or state = 'pending' and next_attempt_at <= now()))"""
WAITING = f"""select (select count(*) from saleor_support_plugin_parcel where state = 'pending')
    + (select count(*) from {OUTBOX} where recipient like 'broker-%' and state in ('pending', 'sending'))"""


def experiment(lab: Lab, *, orders: int, seconds: float) -> list[Figure]:
    """Ship orders while the broker is down for ``seconds``, then see when all mails are out."""
    lab.shop.do("run_task", name="sweep_parcels")
    ids = lab.shop.do("orders", count=orders, mark="broker")
    others = lab.shop.do("orders", count=max(10, orders // 10), mark="silent")
    worker = lab.start_worker()
    lab.stop_redis("broker")
    lab.shop.do("prepare", notifications="false")
    down = time.monotonic()
    without = [lab.shop.do("fulfill", order=order) for order in others]  # the first ones warm up
    lab.shop.do("prepare")
    answers, left = [], {}
    for number, order in enumerate(ids):
        time.sleep(max(0, down + seconds * number / len(ids) - time.monotonic()))
        left[f"broker-{number}@faults.example"] = time.monotonic()
        answers.append(lab.shop.do("fulfill", order=order))
    time.sleep(max(0, down + seconds - time.monotonic()))
    lasted = time.monotonic() - down
    started = len(lab.sink.accepted)
    lab.start_redis("broker")
    back = time.monotonic()
    jumps = rounds(lab, worker, back)
    lab.bury(worker)
    lab.forget_queue()
    sent = [one.recipient for one in lab.sink.accepted[started:] if one.recipient.startswith("broker-")]
    late = lateness(lab, started, left, back, jumps)
    usual = statistics.median(one["ms"] for one in without[3:])
    added = sorted(one["ms"] - usual for one in answers)
    tail = at_most("R2", "milliseconds we add, 95 of 100", added[int(len(added) * 0.95)], ADDED)
    if len(added) < ENOUGH:
        tail = Figure("R2", "milliseconds we add, 95 of 100 (of too few to tell)", tail.value)
    return [
        Figure("R2", "seconds without a broker", lasted),
        exactly("R2", "mutations that failed", sum(bool(one["problem"]) for one in [*answers, *without]), 0),
        Figure("R2", "milliseconds of a mutation without us, broker down", usual),
        at_most("R2", "milliseconds we add, median", statistics.median(added), ADDED),
        tail,
        Figure("R2", "milliseconds we add, slowest (noise included)", added[-1]),
        exactly("R2", "mails delivered", len(set(sent)), orders),
        exactly("R2", "mails sent twice", len(sent) - len(set(sent)), 0),
        at_most("R2", "seconds from the return, or the end of its minute, to a mail, at most", late, AFTER),
    ]


def rounds(lab: Lab, worker: Child, back: float) -> list[tuple[float, float]]:
    """Let beat's rounds come, the first one a whole interval after the return, until all mails are out;
    when time was let pass (``time.monotonic()``), and how many seconds."""
    jumps: list[tuple[float, float]] = []
    last = back
    while lab.value(WAITING):
        assert len(jumps) < 5, worker.said()
        seconds = max(0.0, last + EVERY - time.monotonic())
        age(lab, seconds)
        jumps.append((time.monotonic(), seconds))
        lab.nudge(*ROUND)
        last = time.monotonic()
        wait_for(lambda: lab.value(OPEN) == 0, 60, worker.said)
    return jumps


def lateness(
    lab: Lab, started: int, left: Mapping[str, float], back: float, jumps: list[tuple[float, float]]
) -> float:
    """How many seconds a mail came at most after the broker's return, or after the end of the minute in
    which other parcels may join, whichever is later."""
    return max(
        one.at
        + sum(seconds for moment, seconds in jumps if moment <= one.at)
        - max(back, left[one.recipient] + GATHER)
        for one in lab.sink.accepted[started:]
        if one.recipient in left
    )


def age(lab: Lab, seconds: float) -> None:
    """Let time pass for parcels, and for the mails about them."""
    pass_minutes(lab, seconds / 60)
    moments = ("created_at", "happened_at", "due_at", "next_attempt_at")
    shifts = ", ".join(f"{one} = {one} - %s * interval '1 second'" for one in moments)
    lab.run(f"update {OUTBOX} set {shifts} where recipient like 'broker-%%'", *[seconds] * len(moments))
