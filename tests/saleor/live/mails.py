"""Watch what the mail server of the running shop is given."""

import time

from tests.saleor.live.world import wait_for


def html_and_text(mail):
    return mail.get_body(("html",)).get_content(), mail.get_body(("plain",)).get_content()


def new_mails(cast, address, count, since, within=240):
    """The mails to an address that came after the first ``since`` mails of all."""

    def found():
        return [mail for mail in cast.world.sink.mails[since:] if address in str(mail["To"])]

    wait_for(
        lambda: len(found()) >= count,
        within,
        lambda: f"{[m['Subject'] for m in found()]}\n{cast.world.log('worker')[-4000:]}",
    )
    return found()


def mark(cast):
    """Wait until nothing comes any more; how many mails there are."""
    count = -1
    while count != len(cast.world.sink.mails):
        count = len(cast.world.sink.mails)
        time.sleep(1.5)
    return count
