"""Mails handed to a mail server on this machine by one process: our drain with all its bookkeeping,
Django sending the very same mails on one open connection, and Saleor's ``send_email``."""

import sys
from collections.abc import Iterable
from typing import Any

from django.core.mail import EmailMultiAlternatives, get_connection, send_mail

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

        built = [mails.build(row, one) for row, one in zip(first, written, strict=True)]

        def same(_number: int) -> int:
            return send(built, port)

        def rendered(_number: int) -> int:
            return send((mails.build(row, mails.write(row)) for row in first), port)

        def bare(_number: int) -> int:
            return send_mails(written, port)

        def saleor(_number: int) -> int:
            for _one in range(THEIRS):
                theirs.send()
            return THEIRS

        sides = {"ours": drain, "same": same, "rendered": rendered, "bare": bare, "saleor": saleor}
        return report(common.rates(sides))


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


def send(mails: Iterable[EmailMultiAlternatives], port: int) -> int:
    """The same mails, with all headers of ours, by Django alone on one open connection; how many."""
    sent = 0
    with get_connection("django.core.mail.backends.smtp.EmailBackend", host="127.0.0.1", port=port) as line:
        for one in mails:
            sent += EmailMultiAlternatives(
                one.subject,
                one.body,
                one.from_email,
                one.to,
                reply_to=one.reply_to,
                headers=one.extra_headers,
                alternatives=one.alternatives,
                connection=line,
            ).send()
    return sent


def send_mails(written: list[Any], port: int) -> int:
    """The same words with the headers that ``send_mail`` gives them, on one open connection."""
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
        "same": "Django, the same mails ready-made",
        "rendered": "Django, the same mails rendered too",
        "bare": "Django's send_mail, words ready-made",
        "saleor": "Saleor's send_email",
    }
    for name, title in titles.items():
        common.tell(f"(c) delivered a second, {title}", common.spread(found[name]))
    same, rendered, bare, saleor = (common.ratio(found["ours"], found[name]) for name in list(titles)[1:])
    common.tell("(c) ours / Django's, the same mails rendered too", f"{rendered:.2f}")
    common.tell("(c) ours / Django's, the same mails with all their headers", f"{same:.2f}")
    kept = common.tell("(c) ours / Django's send_mail", f"{bare:.2f}", "≥ 0.7", bare >= 0.7)
    kept &= common.tell("(c) ours / Saleor's", f"{saleor:.0f}", "≥ 50", saleor >= 50)
    return int(not kept)


if __name__ == "__main__":
    sys.exit(main())
