"""A small HTTP client on keep-alive sockets: cheap enough that the server, and not the client, is what is measured."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import msgspec

TIMEOUT_SECONDS = 30


@dataclass(frozen=True)
class Request:
    """One request; a `body` is sent as JSON, and `heard` is told the answer's content."""

    method: str
    path: str
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    heard: Callable[[bytes], None] | None = None

    def encoded(self) -> bytes:
        content = b"" if self.body is None else msgspec.json.encode(self.body)
        lines = [f"{self.method} {self.path} HTTP/1.1", "Host: 127.0.0.1", f"Content-Length: {len(content)}"]
        if self.body is not None:
            lines.append("Content-Type: application/json")
        lines += [f"{name}: {value}" for name, value in self.headers.items()]
        return "\r\n".join([*lines, "", ""]).encode() + content


class Connection:
    """One keep-alive connection."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), TIMEOUT_SECONDS)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._rest = b""
        self.content = b""

    def send(self, request: Request) -> int:
        """The status of the answer; its body is in `content`. Raises OSError when the connection is lost."""
        self._socket.sendall(request.encoded())
        head = self._until(b"\r\n\r\n")
        lowered = head.lower()
        if b"content-length:" in lowered:
            length = int(lowered.split(b"content-length:", 1)[1].split(b"\r\n", 1)[0])
        elif b"transfer-encoding: chunked" in lowered:
            raise OSError("this client reads no chunked answers")
        else:
            length = 0
        while len(self._rest) < length:
            self._receive()
        self.content, self._rest = self._rest[:length], self._rest[length:]
        return int(head[9:12])

    def _until(self, mark: bytes) -> bytes:
        while mark not in self._rest:
            self._receive()
        head, self._rest = self._rest.split(mark, 1)
        return head + b"\r\n"

    def _receive(self) -> None:
        block = self._socket.recv(1 << 16)
        if not block:
            raise ConnectionError("the server closed the connection")
        self._rest += block


@dataclass(frozen=True)
class Run:
    """What a run brought: requests answered as expected, its length in seconds, and each answer's time in ms."""

    answered: int
    seconds: float
    times_ms: tuple[float, ...]

    @property
    def per_second(self) -> float:
        return self.answered / self.seconds

    @property
    def p95_ms(self) -> float:
        return sorted(self.times_ms)[int(len(self.times_ms) * 0.95)] if self.times_ms else 0.0


Requests = Callable[[int], Iterator[Request]]


def load(port: int, requests: Requests, *, connections: int, seconds: float) -> Run:
    """Sends what `requests(connection number)` gives on each connection until the time is over or it gives no more.

    Ends with the answer when one has no status of 2xx.
    """
    times: list[float] = []
    faults: list[str] = []
    gate = threading.Barrier(connections + 1)

    def drive(number: int) -> None:
        connection = Connection(port)
        mine: list[float] = []
        todo = requests(number)
        gate.wait()
        until = time.perf_counter() + seconds
        for request in todo:
            begun = time.perf_counter()
            if begun > until or faults:
                break
            status = connection.send(request)
            mine.append((time.perf_counter() - begun) * 1000)
            if request.heard:
                request.heard(connection.content)
            if not 200 <= status < 300:
                faults.append(f"{request.method} {request.path}: {status} {connection.content[:500]!r}")
        times.extend(mine)

    threads = [threading.Thread(target=drive, args=(number,)) for number in range(connections)]
    for thread in threads:
        thread.start()
    gate.wait()
    begun = time.perf_counter()
    for thread in threads:
        thread.join()
    if faults:
        raise SystemExit(f"unexpected answer: {faults[0]}")
    return Run(len(times), time.perf_counter() - begun, tuple(times))
