"""A mail server that takes everything and keeps nothing, as fast as asyncio can; prints its port."""

import asyncio


class Session(asyncio.Protocol):
    """One conversation; no line is looked at longer than its first word."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Greet."""
        assert isinstance(transport, asyncio.Transport)
        self.transport, self.buffer, self.body = transport, b"", False
        transport.write(b"220 sink\r\n")

    def data_received(self, data: bytes) -> None:
        """Answer whatever is complete."""
        self.buffer += data
        while self.buffer:
            if self.body:
                if not self.buffer.endswith(b"\r\n.\r\n"):
                    return
                self.buffer, self.body = b"", False
                self.transport.write(b"250 kept\r\n")
                return
            line, found, rest = self.buffer.partition(b"\r\n")
            if not found:
                return
            self.buffer = rest
            self.answer(line[:4].upper())

    def answer(self, word: bytes) -> None:
        """One reply."""
        if word == b"DATA":
            self.body = True
            self.transport.write(b"354 go on\r\n")
        elif word == b"EHLO":
            self.transport.write(b"250-sink\r\n250 PIPELINING\r\n")
        elif word == b"QUIT":
            self.transport.write(b"221 bye\r\n")
            self.transport.close()
        else:
            self.transport.write(b"250 ok\r\n")


async def main() -> None:
    """Listen until killed."""
    server = await asyncio.get_running_loop().create_server(Session, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
