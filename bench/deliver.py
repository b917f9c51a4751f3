"""Mails handed to a mail server on this machine by one process: our drain with all its bookkeeping,
Django's ``send_mail`` with the same words on one open connection, and Saleor's ``send_email``."""

import sys
from typing import Any

from bench import common, outbox

MAILS, THEIRS = 300, 3


def main() -> int:
    """Measure and print; 1 when a bar is missed."""
    with common.mail_server() as port, common.saleor(port):
        from bench.peers import Theirs

        common.settings(mails_per_minute="100000")
        theirs = Theirs(port)
        mails = outbox.Outbox()
        for number in range(common.ROUNDS + 1):
            mails.store(MAILS, f"deliver-{number}")
        first = rows("deliver-0-")
        written = [mails.write(row) for row in first]

        def drain(number: int) -> int:
            return deliver(f"deliver-{number}-")

        def plain(_number: int) -> int:
            return send(written, port)

        def rendered(_number: int) -> int:
            return send([mails.write(row) for row in first], port)

        def saleor(_number: int) -> int:
            for _one in range(THEIRS):
                theirs.send()
            return THEIRS

        return report(common.rates({"ours": drain, "django": plain, "rendered": rendered, "saleor": saleor}))


def rows(prefix: str) -> list[Any]:
    """The rows of the outbox to these people."""
    from saleor_support_plugin.notifications.models import Notification

    return list(Notification.objects.filter(recipient__startswith=prefix).order_by("pk"))


def deliver(prefix: str) -> int:
    """Run the drain as its task does until so many rows are out; how many."""
    from django.utils import timezone

    from saleor_support_plugin.notifications import drain

    done = 0
    while done < MAILS:
        sent = drain.deliver_due(now=timezone.now(), limit=min(200, MAILS - done))
        assert sent, "The drain found nothing to send."
        done += sent
    return done


def send(written: list[Any], port: int) -> int:
    """The same words by Django alone, on one open connection."""
    from django.core.mail import get_connection, send_mail

    with get_connection("django.core.mail.backends.smtp.EmailBackend", host="127.0.0.1", port=port) as line:
        for number, one in enumerate(written):
            send_mail(
                one.subject,
                one.text,
                '"Harbour & Vine" <help@shop.example>',
                [f"plain-{number}@bench.example"],
                html_message=one.html,
                connection=line,
            )
    return len(written)


def report(found: dict[str, list[float]]) -> int:
    """The lines of the table."""
    titles = {
        "ours": "our drain",
        "django": "Django's send_mail, words ready-made",
        "rendered": "the same, words rendered too",
        "saleor": "Saleor's send_email",
    }
    for name, title in titles.items():
        common.tell(f"(c) delivered a second, {title}", common.spread(found[name]))
    plain, rendered, saleor = (common.ratio(found["ours"], found[name]) for name in list(titles)[1:])
    common.tell("(c) ours / Django's, words rendered too", f"{rendered:.2f}")
    kept = common.tell("(c) ours / Django's", f"{plain:.2f}", "≥ 0.7", plain >= 0.7)
    kept &= common.tell("(c) ours / Saleor's", f"{saleor:.0f}", "≥ 50", saleor >= 50)
    return int(not kept)


if __name__ == "__main__":
    sys.exit(main())
