"""An S3 server that takes everything and keeps nothing: what is left is the cost of the client.

Ends with its standard input.
"""

import asyncio
import sys

ANSWER = b'HTTP/1.1 200 OK\r\nETag: "0"\r\nContent-Length: 0\r\n\r\n'


class Sink(asyncio.Protocol):
    """Reads heads and skips as many bytes of body as they announce."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport
        self.head = b""
        self.body = 0

    def data_received(self, data: bytes) -> None:
        while data or (not self.body and b"\r\n\r\n" in self.head):
            if self.body:
                taken = min(self.body, len(data))
                data = data[taken:]
                self.body -= taken
                if not self.body:
                    self.transport.write(ANSWER)  # type: ignore[attr-defined]
                continue
            self.head += data
            data = b""
            head, end, rest = self.head.partition(b"\r\n\r\n")
            if not end:
                return
            self.head, data = b"", rest
            lines = head.lower().split(b"\r\n")
            self.body = int(next((line[15:] for line in lines if line.startswith(b"content-length:")), b"0"))
            if not self.body:
                self.transport.write(ANSWER)  # type: ignore[attr-defined]


async def main() -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(Sink, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await loop.run_in_executor(None, sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(main())
