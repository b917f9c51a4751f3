"""One SMTP connection for many mails; one that the server has ended is replaced, and no mail is lost or doubled."""

import socketserver
import threading
import time

import pytest
from django.core.mail import EmailMessage

from saleor_support_plugin.notifications.models import Reason
from saleor_support_plugin.notifications.sending.transport import Fault, Handed, Mailer
from saleor_support_plugin.settings import SupportSettings


class Server(socketserver.ThreadingTCPServer):
    """A mail server that hangs up as ``mode`` says, after ``most`` mails of a connection."""

    allow_reuse_address = daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Conversation)
        self.mode, self.most, self.connections, self.quits, self.taken = "", 10**6, 0, 0, []


class Conversation(socketserver.StreamRequestHandler):
    """Just enough of RFC 5321."""

    def handle(self):
        server, count = self.server, 0
        server.connections += 1
        self.say("220 ready")
        while line := self.rfile.readline():
            word = line.split()[0].upper() if line.split() else b""
            if word == b"MAIL" and count >= server.most and server.mode == "421":
                return self.say("421 too many mails in this connection")
            if word == b"DATA":
                self.say("354 go on")
                server.taken.append(self.message())
                count += 1
                if server.mode == "silence":
                    return None  # took it, and never says so
                self.say("250 taken")
                if count >= server.most and server.mode in ("idle", "goodbye"):
                    if server.mode == "goodbye":
                        self.say("421 idle for too long")
                    return None
            elif word == b"QUIT":
                server.quits += 1
                return self.say("221 bye")
            else:
                self.say("250 fine")
        return None

    def message(self):
        lines = []
        while (line := self.rfile.readline()) not in (b".\r\n", b""):
            lines.append(line)
        return b"".join(lines).decode()

    def say(self, text):
        self.wfile.write(f"{text}\r\n".encode())


@pytest.fixture
def server():
    made = Server()
    threading.Thread(target=made.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    yield made
    made.shutdown()
    made.server_close()


@pytest.fixture
def channel(server):
    return SupportSettings(channel_id="c", email_url=f"smtp://127.0.0.1:{server.server_address[1]}")


def letter(number):
    return EmailMessage(
        "Hello",
        "It left.",
        "a@b.example",
        [f"p{number}@example.com"],
        headers={"Message-ID": f"<{number}@b>"},
    )


def send(mailer, channel, count, pause=0.0):
    results = []
    for number in range(count):
        results.append(mailer.send(letter(number), channel))
        time.sleep(pause)
    return results


def test_one_connection_for_many_mails_and_a_polite_end(server, channel):
    with Mailer() as mailer:
        assert send(mailer, channel, 20) == [Handed()] * 20
    assert (server.connections, len(server.taken)) == (1, 20)
    time.sleep(0.05)
    assert server.quits == 1


@pytest.mark.parametrize("mode", ["idle", "goodbye", "421"])
def test_a_connection_that_the_server_ended_is_replaced_unnoticed(mode, server, channel):
    server.mode, server.most = mode, 3
    with Mailer() as mailer:
        assert send(mailer, channel, 10, pause=0.02) == [Handed()] * 10
    assert server.connections == 4
    sent = [line for mail in server.taken for line in mail.splitlines() if line.startswith("Message-ID")]
    assert sent == [f"Message-ID: <{number}@b>" for number in range(10)]


def test_a_server_that_will_take_nothing_is_asked_twice_at_most(server, channel):
    server.mode, server.most = "421", 0
    with Mailer() as mailer:
        (result,) = send(mailer, channel, 1)
    assert (result.reason, result.final) == (Reason.TRY_LATER, False)
    assert server.connections == 1  # a new connection that is refused is no old one that ended


def test_an_end_after_the_mail_was_shown_is_not_repeated_at_once(server, channel):
    """The server may have it: the outbox tries again later with the same Message-ID, nobody does so here."""
    server.mode = "silence"
    with Mailer() as mailer:
        (result,) = send(mailer, channel, 1)
    assert isinstance(result, Fault)
    assert (result.reason, result.final) == (Reason.UNREACHABLE, False)
    assert (server.connections, len(server.taken)) == (1, 1)


def test_after_a_fault_the_next_mail_has_a_new_connection(server, channel):
    server.mode = "silence"
    with Mailer() as mailer:
        assert isinstance(mailer.send(letter(1), channel), Fault)
        server.mode = ""
        assert mailer.send(letter(2), channel) == Handed()
    assert server.connections == 2


def test_two_channels_two_servers_one_connection_each(server, channel):
    other = Server()
    threading.Thread(target=other.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    second = SupportSettings(channel_id="d", email_url=f"smtp://127.0.0.1:{other.server_address[1]}")
    with Mailer() as mailer:
        for number in range(4):
            assert mailer.send(letter(number), second if number % 2 else channel) == Handed()
    assert (server.connections, other.connections) == (1, 1)
    other.shutdown()
    other.server_close()
