"""A mail in two round trips instead of four, where the server allows it (RFC 2920).

MAIL, RCPT and DATA go out together and are answered together; the text follows when DATA was allowed.
"""

import contextlib
import re
import smtplib
from collections.abc import Callable

_DOT = re.compile(rb"^\.", re.MULTILINE)


def allowed(connection: smtplib.SMTP) -> bool:
    """Whether the server takes several commands at once; greets it if nobody has.

    Raises:
        SMTPException: it does not greet back.
    """
    connection.ehlo_or_helo_if_needed()
    return connection.does_esmtp and connection.has_extn("pipelining")


def send(
    connection: smtplib.SMTP,
    sender: str,
    recipient: str,
    content: bytes,
    meanwhile: Callable[[], None] | None = None,
) -> None:
    """Hand over one mail (CRLF lines) for one recipient; plain ASCII addresses as ``envelope`` made them.
    ``meanwhile`` is called once the text is on its way, before the answer to it is waited for.

    Raises:
        SMTPSenderRefused, SMTPRecipientsRefused, SMTPDataError, SMTPServerDisconnected: as ``sendmail``.
    """
    size = f" size={len(content)}" if connection.has_extn("size") else ""
    mail, rcpt = smtplib.quoteaddr(sender), smtplib.quoteaddr(recipient)
    connection.send(f"mail FROM:{mail}{size}\r\nrcpt TO:{rcpt}\r\ndata\r\n".encode("ascii"))
    replies = [connection.getreply()]
    try:
        for _command in ("rcpt", "data"):
            replies.append(connection.getreply())
    except (smtplib.SMTPServerDisconnected, OSError):
        if _refusal(replies, sender, recipient) is None:
            raise
    if refusal := _refusal(replies, sender, recipient):
        if replies[-1][0] == 354:
            connection.close()  # it waits for a text that must not come
        raise refusal
    text = _DOT.sub(b"..", content)
    connection.send(text + (b".\r\n" if text.endswith(b"\r\n") else b"\r\n.\r\n"))
    if meanwhile is not None:
        meanwhile()
    code, answer = connection.getreply()
    if code != 250:
        with contextlib.suppress(smtplib.SMTPServerDisconnected, OSError):
            connection.rset()
        raise smtplib.SMTPDataError(code, answer)


def _refusal(replies: list[tuple[int, bytes]], sender: str, recipient: str) -> smtplib.SMTPException | None:
    """What the first of the replies to MAIL, RCPT and DATA that is no consent means."""
    for (code, answer), command in zip(replies, ("mail", "rcpt", "data"), strict=False):
        if command == "mail" and code != 250:
            return smtplib.SMTPSenderRefused(code, answer, sender)
        if command == "rcpt" and code not in (250, 251):
            return smtplib.SMTPRecipientsRefused({recipient: (code, answer)})
        if command == "data" and code != 354:
            return smtplib.SMTPDataError(code, answer)
    return None
