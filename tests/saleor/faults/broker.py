"""R2: the broker is down while parcels leave; nobody notices, and every mail goes out afterwards."""

import statistics
import time

from tests.saleor.faults.database import nudge_until
from tests.saleor.faults.figures import Figure, at_most, exactly
from tests.saleor.faults.hooks import pass_minutes
from tests.saleor.faults.lab import OUTBOX, Lab

ADDED = 250  # milliseconds
AFTER = 60  # seconds


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
    answers = []
    for number, order in enumerate(ids):
        time.sleep(max(0, down + seconds * number / len(ids) - time.monotonic()))
        answers.append(lab.shop.do("fulfill", order=order))
    time.sleep(max(0, down + seconds - time.monotonic()))
    lasted = time.monotonic() - down
    started = len(lab.sink.accepted)
    lab.start_redis("broker")
    back = time.monotonic()
    pass_minutes(lab, 1)  # a minute without sweeps and nudges: what beat's next round finds
    lab.shop.do("run_task", name="sweep_parcels")
    for _more in range(orders // 200):
        lab.shop.do("run_task", name="sweep_parcels")
    waited = lab.value(
        f"select count(*) from {OUTBOX} where recipient like 'broker-%' and next_attempt_at > now()"
    )
    lab.pass_time(1, leases=False)  # in which further parcels of an order would join
    nudge_until(lab, lambda: not lab.open_rows("broker-%"), worker.said)
    delivered = time.monotonic() - back
    lab.bury(worker)
    lab.forget_queue()
    sent = [one.recipient for one in lab.sink.accepted[started:] if one.recipient.startswith("broker-")]
    usual = statistics.median(one["ms"] for one in without[3:])
    added = sorted(one["ms"] - usual for one in answers)
    return [
        Figure("R2", "seconds without a broker", lasted),
        exactly("R2", "mutations that failed", sum(bool(one["problem"]) for one in [*answers, *without]), 0),
        Figure("R2", "milliseconds of a mutation without us, broker down", usual),
        at_most("R2", "milliseconds we add, median", statistics.median(added), ADDED),
        at_most("R2", "milliseconds we add, 95 of 100", added[int(len(added) * 0.95)], ADDED),
        Figure("R2", "milliseconds we add, slowest (noise included)", added[-1]),
        Figure("R2", "mails that wait a minute for further parcels", waited),
        exactly("R2", "mails delivered", len(set(sent)), orders),
        exactly("R2", "mails sent twice", len(sent) - len(set(sent)), 0),
        at_most("R2", "seconds until all are delivered, two minutes' waits left out", delivered, AFTER),
    ]
