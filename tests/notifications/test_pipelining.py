"""A mail whose commands go out together: what arrives, and what each refusal becomes."""

import smtplib
import socketserver
import threading

import pytest
from django.core.mail import EmailMultiAlternatives

from saleor_support_plugin.notifications.models import Reason
from saleor_support_plugin.notifications.sending import pipelining
from saleor_support_plugin.notifications.sending.transport import Handed, Mailer
from saleor_support_plugin.settings import SupportSettings

FINE = {"mail": "250 fine", "rcpt": "250 fine", "data": "354 go on", "text": "250 taken", "quit": "221 bye"}


class Server(socketserver.ThreadingTCPServer):
    """A mail server that answers as ``answers`` says; None: it hangs up."""

    allow_reuse_address = daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Conversation)
        self.answers, self.greeting, self.together = dict(FINE), ["250-me", "250-SIZE", "250 PIPELINING"], []
        self.commands, self.taken = [], []


class Conversation(socketserver.BaseRequestHandler):
    """Just enough of RFC 5321, a packet at a time."""

    def handle(self):
        self.say("220 ready")
        server = self.server
        while packet := self.request.recv(1 << 16):
            lines = packet.decode().splitlines()
            server.together.append(len(lines))
            for line in lines:
                word = line.split()[0].lower()
                server.commands.append(line)
                if word == "ehlo":
                    self.say("\r\n".join(server.greeting))
                    continue
                answer = server.answers.get(word, "250 fine")
                if answer is None:
                    return
                self.say(answer)
                if answer.startswith("354"):
                    if not self.text():
                        return
                    if server.answers["text"] is None:
                        return
                    self.say(server.answers["text"])

    def text(self):
        found = b""
        while not found.endswith(b"\r\n.\r\n"):
            more = self.request.recv(1 << 16)
            if not more:
                return False
            found += more
        self.server.taken.append(found)
        return True

    def say(self, text):
        self.request.sendall(text.encode() + b"\r\n")


@pytest.fixture
def server():
    with Server() as made:
        threading.Thread(target=made.serve_forever, daemon=True).start()
        yield made
        made.shutdown()


@pytest.fixture
def line(server):
    with smtplib.SMTP("127.0.0.1", server.server_address[1], timeout=5) as made:
        assert pipelining.allowed(made)
        yield made


def test_three_commands_and_then_the_text(server, line):
    pipelining.send(line, "a@shop.example", "b@example.com", b".one\r\ntwo\r\n..\r\nthree")
    assert server.commands[1:] == ["mail FROM:<a@shop.example> size=20", "rcpt TO:<b@example.com>", "data"]
    assert server.together == [1, 3]
    assert server.taken == [b"..one\r\ntwo\r\n...\r\nthree\r\n.\r\n"]
    pipelining.send(line, "a@shop.example", "c@example.com", b"again\r\n")
    assert server.taken[1] == b"again\r\n.\r\n"


@pytest.mark.parametrize(
    ("answers", "error", "code"),
    [
        ({"mail": "451 later", "rcpt": "503 no", "data": "503 no"}, smtplib.SMTPSenderRefused, 451),
        ({"mail": "421 bye", "rcpt": None}, smtplib.SMTPSenderRefused, 421),
        ({"rcpt": "550 nobody", "data": "503 no"}, smtplib.SMTPRecipientsRefused, 550),
        ({"rcpt": "450 later", "data": "354 go on"}, smtplib.SMTPRecipientsRefused, 450),
        ({"rcpt": "421 bye", "data": None}, smtplib.SMTPRecipientsRefused, 421),
        ({"data": "451 later"}, smtplib.SMTPDataError, 451),
        ({"text": "554 spam"}, smtplib.SMTPDataError, 554),
        ({"data": None}, smtplib.SMTPServerDisconnected, None),
        ({"text": None}, smtplib.SMTPServerDisconnected, None),
    ],
)
def test_each_refusal_is_what_it_is_one_by_one(server, line, answers, error, code):
    server.answers.update(answers)
    with pytest.raises(error) as raised:
        pipelining.send(line, "a@shop.example", "b@example.com", b"text\r\n")
    found = getattr(raised.value, "smtp_code", None)
    if isinstance(raised.value, smtplib.SMTPRecipientsRefused):
        ((found, _answer),) = raised.value.recipients.values()
    assert found == code
    assert len(server.taken) == ("text" in answers)  # after a refusal the text was never shown


def test_the_time_until_the_answer_is_given_to_somebody(server, line):
    taken = threading.Event()
    server.answers["text"] = Patient(taken, "250 taken")
    pipelining.send(line, "a@shop.example", "b@example.com", b"text\r\n", taken.set)
    assert taken.is_set()
    server.answers["text"] = Patient(taken, "451 later")
    taken.clear()
    with pytest.raises(smtplib.SMTPDataError):
        pipelining.send(line, "a@shop.example", "b@example.com", b"text\r\n", taken.set)
    assert taken.is_set()


class Patient(str):
    """An answer that is not given before ``event``."""

    def __new__(cls, event, text):
        made = super().__new__(cls, text)
        made.event = event
        return made

    def encode(self):
        assert self.event.wait(5)
        return super().encode()


@pytest.mark.parametrize("refusal", [{"rcpt": "550 nobody"}, {"data": "451 later"}, {"mail": "451 later"}])
def test_after_a_refusal_there_is_no_such_time(server, line, refusal):
    server.answers |= refusal
    called = []
    with pytest.raises(smtplib.SMTPException):
        pipelining.send(line, "a@shop.example", "b@example.com", b"text\r\n", lambda: called.append(1))
    assert called == []


def test_it_is_given_once(server):
    settings = SupportSettings(email_url=f"smtp://127.0.0.1:{server.server_address[1]}")
    called = []
    with Mailer() as mailer:
        message = EmailMultiAlternatives("Hi", "text", "a@shop.example", ["b@example.com"])
        message.attach_alternative("<p>text</p>", "text/html")
        mailer.connection(settings).meanwhile = lambda: called.append(len(server.commands))
        assert mailer.send(message, settings) == mailer.send(message, settings) == Handed()
    assert len(called) == 1


@pytest.mark.parametrize("able", [True, False])
def test_only_where_the_server_says_so(server, able):
    if not able:
        server.greeting = ["250-me", "250 SIZE"]
    settings = SupportSettings(email_url=f"smtp://127.0.0.1:{server.server_address[1]}")
    with Mailer() as mailer:
        message = EmailMultiAlternatives("Hi", "text", "a@shop.example", ["b@example.com"])
        message.attach_alternative("<p>text</p>", "text/html")
        assert mailer.send(message, settings) == Handed()
        server.answers["rcpt"] = "550 nobody"
        server.answers["data"] = "503 no recipient"
        refused = mailer.send(message, settings)
    assert (refused.reason, refused.final) == (Reason.REFUSED, True)
    assert server.together[1] == (3 if able else 1)
    assert len(server.taken) == 1
