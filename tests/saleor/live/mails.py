"""Watch what the mail server of the running shop is given."""

import time
from collections import Counter

from tests.saleor.live import documents as doc
from tests.saleor.live.world import wait_for

SILENCE = 3.5  # seconds: a round of the periodic jobs


def html_and_text(mail):
    return mail.get_body(("html",)).get_content(), mail.get_body(("plain",)).get_content()


def to(cast, address, since=0):
    """The mails to an address, without the first ``since`` mails of all."""
    return [mail for mail in cast.world.sink.mails[since:] if address in str(mail["To"])]


def new_mails(cast, address, count, since=0, within=240):
    """As :func:`to`, once there are ``count`` of them."""
    wait_for(lambda: len(to(cast, address, since)) >= count, within, lambda: told(cast))
    return to(cast, address, since)


def await_subjects(cast, wanted, *addresses, within=300):
    """Wait until all these subjects have come to the addresses; how often each has come."""

    def found():
        return Counter(mail["Subject"] for address in addresses for mail in to(cast, address))

    wait_for(lambda: set(wanted) <= set(found()), within, lambda: f"{found()}\n{told(cast)}")
    return found()


def quiet(cast):
    """Wait until nothing comes any more; how many mails there are."""
    count, since = -1, time.monotonic()
    while time.monotonic() < since + SILENCE:
        if count != len(cast.world.sink.mails):
            count, since = len(cast.world.sink.mails), time.monotonic()
        time.sleep(0.1)
    return count


def told(cast):
    """What is in the outbox, and what the worker said last."""
    return f"{cast.world.shell(doc.OUTBOX)}\n{cast.world.log('worker')[-4000:]}"
