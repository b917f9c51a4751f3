"""R6: what providers report comes several times and in any order; the end is the same."""

import datetime
import random

from tests.saleor.faults.figures import Figure, exactly
from tests.saleor.faults.lab import OUTBOX, Lab

WORDS = ("sent", "deferred", "delivered", "opened", "soft_bounced", "bounced", "complained")
EVENTS = "saleor_support_plugin_deliveryevent"
PAGE = 500


def experiment(lab: Lab, *, events: int, seed: int) -> list[Figure]:
    """Tell the same story of two sets of mails: in order and once, and shuffled with repeats."""
    dice = random.Random(seed)
    mails = max(1, events // 5)
    start = datetime.datetime.now(datetime.UTC) - datetime.timedelta(hours=1)
    story = []
    for number in range(events):
        moment = start + datetime.timedelta(seconds=number * 3000 / events)
        story.append((number, dice.randrange(mails), dice.choice(WORDS), moment.isoformat()))
    orderly, mixed = (lab.shop.do("accepted", count=mails, mark=mark, provider="postmark") for mark in ARMS)
    tell(lab, [(f"orderly-{number}", said, orderly[mail], at) for number, mail, said, at in story])
    repeated = [
        (f"mixed-{number}", said, mixed[mail], at)
        for number, mail, said, at in story
        for _again in range(dice.randint(1, 5))
    ]
    dice.shuffle(repeated)
    tell(lab, repeated)
    lab.forget_queue()
    ends = [lab.run(END.format(mark=mark)) for mark in ARMS]
    bounced = [set(one) for one in zip(*ends, strict=True)]
    open_ = lab.value(f"select count(*) from {EVENTS} where state = 'stored'")
    kept = lab.value(f"select count(*) from {EVENTS} where event_id like '%mixed-%'")
    return [
        Figure("R6", "reports brought, repeats included", len(repeated)),
        exactly("R6", "events kept", kept, events),
        exactly("R6", "events not applied", open_, 0),
        exactly(
            "R6", "mails whose end differs from the run in order", sum(len(one) > 1 for one in bounced), 0
        ),
        Figure("R6", "mails compared", mails),
        exactly("R6", "kinds of ends seen", len({one[0] for one in ends[0] if one[0]}) >= 4, True),
    ]


ARMS = ("orderly", "mixed")
END = (
    f"select delivery, delivery_at from {OUTBOX} where recipient like '{{mark}}-%' "
    "order by split_part(subject, ':', 2)::int"
)


def tell(lab: Lab, reports: list[tuple[str, str, str, str]]) -> None:
    """Bring reports some at a time, and apply them between."""
    for first in range(0, len(reports), PAGE):
        lab.shop.do("report", events=reports[first : first + PAGE], provider="postmark")
        lab.shop.do("run_task", name="apply_delivery_events")
    lab.shop.do("run_task", name="sweep_delivery_events")
