"""R5: the plugin's hook breaks after Saleor's commit; the sweep finds every parcel.

Whatever the hook asks of our tables raises something at random, or ends the process on the spot. No
mutation may fail for that, and where hook and sweep both come through there is one mail.
"""

import math

from tests.saleor.faults.database import nudge_until
from tests.saleor.faults.figures import Figure, at_most, exactly
from tests.saleor.faults.lab import OUTBOX, Lab

BATCH = 200  # parcels that one sweep looks at
HOOKED = "select count(*) from saleor_support_plugin_parcel where hooked_at is not null"
RAISING = 0.6  # the chance of each statement: some hooks fail at once, some later, some not at all


def experiment(lab: Lab, *, orders: int, deaths: int, seed: int) -> list[Figure]:
    """Ship orders with broken hooks, let five minutes pass, and sweep."""
    lab.shop.do("run_task", name="sweep_parcels")  # where the sweep begins to read
    before = lab.value(HOOKED)
    ids = lab.shop.do("orders", count=orders, mark="hook")
    dying = ids[:deaths]
    problems = 0
    for order in dying:
        problems += not died(lab, order, seed)
    shop = lab.start_shop(broken=RAISING, seed=seed)
    shop.do("break_hooks")
    for order in ids[deaths:]:
        answer = shop.do("fulfill", order=order)
        problems += bool(answer["problem"])
    lab.bury(shop.child)
    shipped = lab.value(
        "select count(*) from order_fulfillment f join order_order o on o.id = f.order_id "
        "where o.user_email like 'hook-%'"
    )
    hooked = lab.value(HOOKED) - before
    pass_minutes(lab, 6)
    sweeps = math.ceil(orders / BATCH)
    for _number in range(sweeps):
        lab.shop.do("run_task", name="sweep_parcels")
    found = rows(lab)
    lab.shop.do("run_task", name="sweep_parcels")
    started = len(lab.sink.accepted)
    worker = lab.start_worker()  # finds the nudges of the hooks that came through, too
    lab.pass_time(2, leases=False)
    nudge_until(lab, lambda: not lab.open_rows("hook-%"), worker.said)
    lab.bury(worker)
    lab.forget_queue()
    sent = [one.recipient for one in lab.sink.accepted[started:] if one.recipient.startswith("hook-")]
    return [
        exactly("R5", "mutations that failed, or processes that outlived the crash", problems, 0),
        Figure("R5", "processes that died between commit and hook", deaths),
        exactly("R5", "fulfilments committed", shipped, orders),
        Figure("R5", "hooks that came through all the same", hooked),
        exactly("R5", f"rows after {sweeps} sweep(s) of {BATCH}", found, orders),
        exactly("R5", "rows after one more, and all nudges", rows(lab), orders),
        exactly("R5", "people mailed", len(set(sent)), orders),
        at_most("R5", "mails sent twice", len(sent) - len(set(sent)), 0),
    ]


def died(lab: Lab, order: str, seed: int) -> bool:
    """Ship an order in a process that ends at the first thing the hook asks of our tables."""
    shop = lab.start_shop(broken=1, seed=seed, fatal=True)
    shop.do("break_hooks")
    try:
        shop.do("fulfill", order=order)
    except EOFError:
        return True
    finally:
        lab.bury(shop.child)
    return False


def rows(lab: Lab) -> int:
    """Messages about the parcels of this experiment."""
    return int(lab.value(f"select count(*) from {OUTBOX} where recipient like 'hook-%'"))


def pass_minutes(lab: Lab, minutes: float) -> None:
    """Let Saleor's rows and ours be older."""
    shift = f"- {minutes} * interval '1 minute'"
    for table, moment in (
        ("order_fulfillment", "created_at"),
        ("order_orderevent", "date"),
        ("saleor_support_plugin_parcel", "checked_at"),
        ("saleor_support_plugin_parcel", "seen_at"),
        ("saleor_support_plugin_switch", "since"),
    ):
        lab.run(f"update {table} set {moment} = {moment} {shift}")
