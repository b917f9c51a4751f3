"""R3: a mail server that fails in every way; R8: an outage that lasted too long."""

import random
import time

from tests.saleor.faults.figures import Figure, at_most, exactly
from tests.saleor.faults.lab import OUTBOX, Lab, wait_for

FAULTS = ("421", "450", "451", "550", "stall", "drop")
DAY = 26 * 60  # minutes: beyond every wait between two tries but the ones that follow it
STALE = 49 * 60  # minutes: beyond the 48 hours after which news is no news


class Dice:
    """Which try of which mail meets which fault: the same for the same seed, whatever the order."""

    def __init__(self, seed: int, chance: float):
        self.seed, self.chance = seed, chance
        self.tries: dict[str, int] = {}
        self.refused: set[str] = set()
        self.connections = random.Random(seed)

    def fault(self, recipient: str) -> str:
        """The fault of the next try; "" for none."""
        self.tries[recipient] = self.tries.get(recipient, 0) + 1
        dice = random.Random(f"{self.seed}:{recipient}:{self.tries[recipient]}")
        fault = dice.choice(FAULTS) if dice.random() < self.chance else ""
        if fault == "550":
            self.refused.add(recipient)
        return fault

    def deaf(self) -> bool:
        """Whether the next connection gets no greeting."""
        return self.connections.random() < self.chance / 20


def experiment(lab: Lab, *, mails: int, seed: int, chance: float = 0.3) -> list[Figure]:
    """R3: a share of all tries fails; nothing is lost or doubled, and only what was refused for good fails."""
    dice = Dice(seed, chance)
    lab.shop.do("write", events=mails, mark="smtp", seed=seed)
    started = len(lab.sink.accepted)
    lab.sink.faults.clear()
    lab.sink.longest = 0.0
    lab.sink.fault, lab.sink.deaf = dice.fault, dice.deaf
    worker = lab.start_worker(processes=2)
    until = time.monotonic() + 60 + mails
    while lab.open_rows("smtp-%"):
        assert time.monotonic() < until, f"{lab.states('smtp-%')} {worker.said()}"
        lab.pass_time(DAY, leases=False)
        lab.nudge("deliver_due")
        time.sleep(0.3)
    lab.sink.fault, lab.sink.deaf = (lambda _recipient: ""), (lambda: False)
    lab.bury(worker)
    lab.forget_queue()
    taken = [one.recipient for one in lab.sink.accepted[started:] if one.recipient.startswith("smtp-")]
    failed = dict(
        lab.run(f"select recipient, reason from {OUTBOX} where state = 'failed' and recipient like 'smtp-%'")
    )
    everybody = {f"smtp-{number}@faults.example" for number in range(mails)}
    return [
        *(Figure("R3", f"injected: {name}", number) for name, number in sorted(lab.sink.faults.items())),
        exactly("R3", "mails lost", len(everybody - set(taken) - dice.refused), 0),
        exactly("R3", "mails sent twice", len(taken) - len(set(taken)), 0),
        exactly("R3", "rows accepted", lab.states("smtp-%").get("accepted", 0), mails - len(dice.refused)),
        exactly("R3", "rows failed", len(failed), len(dice.refused)),
        exactly("R3", "of these not refused with a 5xx", len(set(failed) - dice.refused), 0),
        exactly("R3", "of these with another reason", sum(one != "refused" for one in failed.values()), 0),
        at_most("R3", "seconds that a silent server held a worker", lab.sink.longest, lab.patience + 1),
    ]


def patience(lab: Lab) -> list[Figure]:
    """R3: how long a server that never greets holds a worker with the time-out that a shop has."""
    lab.shop.do("prepare", email_url=f"smtp://127.0.0.1:{lab.sink.port}")
    lab.shop.do("write", events=1, mark="deaf", seed=0)
    lab.sink.deaf, lab.sink.longest = (lambda: True), 0.0
    worker = lab.start_worker()
    lab.nudge("deliver_due")
    wait_for(lambda: lab.sink.longest > 0, 60, worker.said)
    lab.sink.deaf = lambda: False
    lab.bury(worker)
    lab.forget_queue()
    lab.run(f"delete from {OUTBOX} where recipient like 'deaf-%'")
    lab.shop.do("prepare")
    return [at_most("R3", "seconds with a channel's own server", lab.sink.longest, 31)]


def outage(lab: Lab, *, mails: int, seed: int) -> list[Figure]:
    """R8: after an outage longer than the guard what it held up is listed, not sent; fresh mails are."""
    lab.shop.do("write", events=mails, mark="stale", seed=seed)
    lab.run("update saleor_support_plugin_switch set since = since - interval '9 days'")
    lab.run(
        f"update {OUTBOX} set {', '.join(f'{one} = {one} - %s * interval $$1 minute$$' for one in MOMENTS)}"
        " where recipient like 'stale-%%'",
        *[STALE] * len(MOMENTS),
    )
    lab.shop.do("write", events=mails, mark="fresh", seed=seed)
    started = len(lab.sink.accepted)
    worker = lab.start_worker()
    until = time.monotonic() + 60 + mails
    while lab.open_rows("stale-%") or lab.open_rows("fresh-%"):
        assert time.monotonic() < until, worker.said()
        lab.nudge("deliver_due")
        time.sleep(0.3)
    lab.bury(worker)
    lab.forget_queue()
    sent = [one.recipient for one in lab.sink.accepted[started:]]
    listed = lab.value(
        f"select count(*) from {OUTBOX} where state = 'skipped' and reason = 'stale' and recipient like 'stale-%'"
    )
    return [
        exactly("R8", "stale mails sent", sum(one.startswith("stale-") for one in sent), 0),
        exactly("R8", "stale mails listed", listed, mails),
        exactly("R8", "fresh mails sent", sum(one.startswith("fresh-") for one in sent), mails),
    ]


MOMENTS = ("created_at", "happened_at", "due_at", "next_attempt_at")
