"""A proxy of our own between a client and an S3 server, which does to requests what networks and servers do.

It passes every byte on as it came, the Host header too, so that signatures stay valid. One fault is set at a time and
meets the requests that it chooses; how many it met is counted.
"""

import asyncio
import contextlib
import re
import socket
import struct
import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from types import TracebackType
from typing import Literal, NamedTuple, Self

_HEAD_END = b"\r\n\r\n"
_PIECE = 1 << 16

How = Literal[
    "status", "reset before", "reset after", "reset in mid-upload", "stall", "late", "truncated reply", "slow"
]


class Request(NamedTuple):
    """What a fault may choose by."""

    method: str
    path: str


@dataclass(slots=True)
class Fault:
    """What happens to a request that it meets.

    `status`: an answer of that status and never the server's. `reset before`: the connection is reset before the server
    sees anything; `after`: when the server has done it all, and the answer is lost; `in mid-upload`: half-way. `stall`:
    no answer for `seconds`, and then a reset. `late`: the server gets the request after `seconds`, whether or not the
    client still waits. `truncated reply`: half of the answer, and then the end. `slow`: `seconds` before it goes on.
    """

    how: How
    status: int = 503
    body: bytes = b""
    seconds: float = 0.0
    every: int = 1
    """Meets one of so many requests."""
    chosen: Callable[[Request], bool] = lambda _request: True
    met: int = 0
    seen: int = 0

    def meets(self, request: Request) -> bool:
        """Whether it happens to this one."""
        if not self.chosen(request):
            return False
        self.seen += 1
        if self.seen % self.every:
            return False
        self.met += 1
        return True


@dataclass(slots=True)
class _Message:
    """A request or an answer, whole."""

    head: bytes
    body: bytes = b""
    to_the_end: bool = False
    """Its end was the end of the connection."""

    @property
    def whole(self) -> bytes:
        return self.head + self.body


@dataclass(slots=True)
class FaultProxy:
    """Runs in a thread of its own from `with` to its end, on a free port of loopback or the one given."""

    upstream: int
    """Port of the real server on loopback."""
    port: int = 0
    fault: Fault | None = None
    requests: int = 0
    delayed: int = 0
    """Requests that are slow or late just now."""
    _loop: asyncio.AbstractEventLoop = field(default_factory=asyncio.new_event_loop)
    _thread: threading.Thread | None = None
    _tasks: "set[asyncio.Task[None]]" = field(default_factory=set)

    @property
    def endpoint(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        # All of the loop's life is in its thread: in this one another loop may run, such as a browser driver's.
        ready: Future[int] = Future()
        self._thread = threading.Thread(target=self._run, args=(ready,), name="fault proxy", daemon=True)
        self._thread.start()
        self.port = ready.result(10)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        if self._thread is not None:
            self._thread.join(10)

    def _run(self, ready: "Future[int]") -> None:
        try:
            server = self._loop.run_until_complete(
                asyncio.start_server(self._serve, "127.0.0.1", self.port, backlog=256)
            )
        except OSError as error:
            ready.set_exception(error)
            return
        ready.set_result(server.sockets[0].getsockname()[1])
        self._loop.run_forever()
        self._loop.run_until_complete(self._close(server))
        self._loop.close()

    async def _close(self, server: asyncio.Server) -> None:
        server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await server.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is not None:
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        try:
            while await self._one(reader, writer):
                pass
        except (ConnectionError, asyncio.IncompleteReadError, TimeoutError):
            pass
        finally:
            writer.close()
            with contextlib.suppress(ConnectionError):
                await writer.wait_closed()

    async def _one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """One request; False when the connection is over."""
        try:
            head = await reader.readuntil(_HEAD_END)
        except asyncio.IncompleteReadError:
            return False
        method, path, _ = head.split(b" ", 2)
        request = Request(method.decode(), path.decode())
        self.requests += 1
        fault = self.fault
        if fault is not None and fault.meets(request):
            return await self._suffer(fault, head, reader, writer)
        return await self._pass_on(await _message(head, reader), writer, request)

    async def _pass_on(self, asked: _Message, writer: asyncio.StreamWriter, request: Request) -> bool:
        answer = await self._ask(asked, request)
        writer.write(answer.whole)
        await writer.drain()
        return not answer.to_the_end

    async def _suffer(
        self, fault: Fault, head: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> bool:
        method, path, _ = head.split(b" ", 2)
        request = Request(method.decode(), path.decode())
        if fault.how == "reset before":
            _reset(writer)
            return False
        asked = await _message(head, reader)
        if fault.how in {"slow", "late", "stall"}:
            self.delayed += 1
            try:
                await asyncio.sleep(fault.seconds)
                if fault.how != "stall":
                    return await self._pass_on(asked, writer, request)
            finally:
                self.delayed -= 1
        if fault.how == "status":
            writer.write(_answer(fault, request))
            await writer.drain()
            return True
        if fault.how == "reset in mid-upload":
            await self._half(asked)
        if fault.how in {"reset after", "truncated reply"}:
            answer = await self._ask(asked, request)
            if fault.how == "truncated reply":
                writer.write(_cut(answer) if answer.body else answer.head[:10])
                await writer.drain()
                return False
        _reset(writer)
        return False

    async def _ask(self, asked: _Message, request: Request) -> _Message:
        """What the real server answers."""
        upstream, out = await asyncio.open_connection("127.0.0.1", self.upstream, limit=1 << 20)
        try:
            out.write(asked.whole)
            await out.drain()
            head = await upstream.readuntil(_HEAD_END)
            while head.startswith(b"HTTP/1.1 100"):
                head = await upstream.readuntil(_HEAD_END)
            if request.method == "HEAD" or head[9:12] in {b"204", b"304"}:
                return _Message(head)
            return await _message(head, upstream, answer=True)
        finally:
            out.close()
            with contextlib.suppress(ConnectionError):
                await out.wait_closed()

    async def _half(self, asked: _Message) -> None:
        _, out = await asyncio.open_connection("127.0.0.1", self.upstream)
        out.write(asked.head + asked.body[: len(asked.body) // 2])
        await out.drain()
        _reset(out)


def _answer(fault: Fault, request: Request) -> bytes:
    body = b"" if request.method == "HEAD" else fault.body
    head = (
        f"HTTP/1.1 {fault.status} Fault\r\nContent-Type: application/xml\r\nContent-Length: {len(fault.body)}\r\n\r\n"
    )
    return head.encode() + body


def _cut(answer: _Message) -> bytes:
    """The answer without the second half of its body."""
    return answer.whole[: len(answer.head) + len(answer.body) // 2]


async def _message(head: bytes, reader: asyncio.StreamReader, *, answer: bool = False) -> _Message:
    if found := re.search(rb"(?i)\r\ncontent-length: *([0-9]+)", head):
        return _Message(head, await reader.readexactly(int(found[1])))
    if re.search(rb"(?i)\r\ntransfer-encoding: *chunked", head):
        body = b""
        while True:
            line = await reader.readuntil(b"\r\n")
            size = int(line.split(b";")[0], 16)
            body += line + await reader.readexactly(size + 2)
            if size == 0:
                return _Message(head, body)
    if answer:
        return _Message(head, await reader.read(), to_the_end=True)
    return _Message(head)


def _reset(writer: asyncio.StreamWriter) -> None:
    """Ends a connection with a reset, as a machine does that lost its power."""
    sock: socket.socket | None = writer.get_extra_info("socket")
    if sock is not None:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()
