"""An SMTP server that counts what it accepts, fails as it is told to, and says when it is at a moment."""

import asyncio
import collections
import contextlib
import dataclasses
import re
import threading
import time
from collections.abc import Callable

MESSAGE_ID = re.compile(rb"^message-id:[ \t\r\n]*(<[^>\r\n]+>)", re.I | re.M)
MOMENTS = ("greeting", "recipient", "in the middle of DATA", "end of DATA", "after the 250")

REFUSALS = {
    "421": b"421 4.3.2 Service shutting down",
    "450": b"450 4.2.1 Mailbox busy",
    "451": b"451 4.3.0 Local error, try again",
    "550": b"550 5.1.1 No such user",
}


@dataclasses.dataclass(frozen=True)
class Accepted:
    """One mail that the server took over with its 250."""

    recipient: str
    message_id: str
    at: float  # time.monotonic()
    life: int  # which worker's life it came in


class Gone(Exception):
    """The server hangs up."""


class Sink:
    """The server, in a thread of its own.

    Attributes:
        accepted: what was taken, in order.
        fault: recipient → a key of ``REFUSALS``, "stall" (says nothing more), "drop" (hangs up after the
            body), or "" (takes it). Asked once for each try.
        deaf: while it answers True, a connection gets no greeting at all.
        moment: called with one of ``MOMENTS`` whenever a conversation is there; True: the client is dead
            now, and what it has not been told of with a 250 is thrown away.
        stall: seconds that it keeps silent at most.
        longest: how long somebody has borne that, in seconds.
    """

    def __init__(self) -> None:
        self.accepted: list[Accepted] = []
        self.faults: collections.Counter[str] = collections.Counter()
        self.fault: Callable[[str], str] = lambda _recipient: ""
        self.deaf: Callable[[], bool] = lambda: False
        self.moment: Callable[[str], bool] = lambda _moment: False
        self.stall = 60.0
        self.life = 0
        self.longest = 0.0
        self.open = 0
        self.port = 0
        self._loop = asyncio.new_event_loop()
        ready = threading.Event()
        threading.Thread(target=self._run, args=(ready,), daemon=True).start()
        if not ready.wait(10):
            raise RuntimeError("The mail server did not start.")

    def _run(self, ready: threading.Event) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(self._listen())
        ready.set()
        self._loop.run_forever()

    async def _listen(self) -> None:
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0, limit=1 << 22)
        self.port = server.sockets[0].getsockname()[1]

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.open += 1
        try:
            with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError, Gone):
                await self._talk(reader, writer)
        finally:
            self.open -= 1
            writer.close()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.deaf():
            self.faults["no greeting"] += 1
            await self._silence(reader)
        await say(writer, b"220 sink")
        self._at("greeting")
        recipient, fault = "", ""
        while line := await reader.readline():
            verb = line[:4].upper()
            if verb == b"RCPT":
                recipient = line.decode("ascii", "replace").partition(":")[2].strip().strip("<>")
                fault = self.fault(recipient)
                if fault:
                    self.faults[fault] += 1
                self._at("recipient")
                if fault == "stall":
                    await self._silence(reader)
                await say(writer, REFUSALS.get(fault, b"250 ok"))
                if fault == "421":
                    raise Gone
            elif verb == b"EHLO":
                await say(writer, b"250-sink\r\n250 PIPELINING")
            elif verb == b"DATA" and fault in REFUSALS:
                await say(writer, b"503 no recipient")
            elif verb == b"DATA":
                await self._take(reader, writer, recipient, fault)
            elif verb == b"QUIT":
                await say(writer, b"221 bye")
                raise Gone
            else:
                await say(writer, b"250 ok")

    async def _take(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, recipient: str, fault: str
    ) -> None:
        await say(writer, b"354 go on")
        start = await reader.readline()
        self._at("in the middle of DATA")
        body = start + await reader.readuntil(b"\r\n.\r\n")
        self._at("end of DATA")
        if fault == "drop":
            raise Gone
        found = MESSAGE_ID.search(body)
        message_id = found.group(1).decode("ascii", "replace") if found else ""
        self.accepted.append(Accepted(recipient, message_id, time.monotonic(), self.life))
        await say(writer, b"250 2.0.0 kept")
        self._at("after the 250")

    def _at(self, moment: str) -> None:
        if self.moment(moment):
            raise Gone

    async def _silence(self, reader: asyncio.StreamReader) -> None:
        """Say nothing until the other side has gone, or for ``stall`` seconds."""
        started = time.monotonic()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self.stall):
                while await reader.read(1 << 16):
                    pass
        self.longest = max(self.longest, time.monotonic() - started)
        raise Gone


async def say(writer: asyncio.StreamWriter, line: bytes) -> None:
    """One line to the client."""
    writer.write(line + b"\r\n")
    await writer.drain()
