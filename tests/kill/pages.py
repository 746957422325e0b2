"""Pages of many people in one event loop: each repeats a request until a whole answer has come, as the platform's own do."""

import asyncio
import json
import random
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

from tests.kill.browsers import Answer, Browser

TRY_SECONDS = 60.0
FIRST_PAUSE, LONGEST_PAUSE = 0.05, 1.0  # before a request is sent again; doubled each time


class Line:
    """One keep-alive connection, opened when it is needed."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def send_once(self, request: bytes) -> Answer | None:
        """The answer, or None when the connection broke before all of it had come."""
        try:
            async with asyncio.timeout(TRY_SECONDS):
                if self._streams is None:
                    self._streams = await asyncio.open_connection("127.0.0.1", self._port)
                reader, writer = self._streams
                writer.write(request)
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
                length = int(head.partition("content-length:")[2].partition("\r\n")[0] or 0)
                answer = Answer(int(head[9:12]), await reader.readexactly(length))
        except (OSError, EOFError, TimeoutError, ValueError):
            self.close()
            return None
        if "connection: close" in head:
            self.close()
        return answer

    def close(self) -> None:
        """Lets the connection go."""
        if self._streams is not None:
            self._streams[1].transport.abort()
            self._streams = None


@dataclass
class Page:
    """One person's page: a cookie, a token, one line; `repeats` counts requests that had to be sent again.

    `ahead` is how far the clock of the person's machine is from the right time; each request tells it in its Date header.
    """

    browser: Browser
    rng: random.Random
    ahead: timedelta = timedelta()
    patience: float = 120.0  # seconds for one request with its repetitions
    sent: int = 0
    repeats: int = 0
    faults: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._line = Line(self.browser.port)

    async def send(self, method: str, path: str, body: Any = None) -> Answer:
        """The first whole answer that is no 5xx; a plain 500 is remembered in `faults`. Fails when patience ends."""
        return await self._send(self._line, method, path, body)

    async def at_once(self, times: int, method: str, path: str, body: Any = None) -> list[Answer]:
        """The same request on several connections in the same moment."""
        if times == 1:
            return [await self.send(method, path, body)]
        lines = [self._line, *(Line(self.browser.port) for _ in range(times - 1))]
        try:
            async with asyncio.TaskGroup() as group:
                sent = [group.create_task(self._send(line, method, path, body)) for line in lines]
            return [one.result() for one in sent]
        finally:
            for line in lines[1:]:
                line.close()

    def close(self) -> None:
        """Lets the connection go."""
        self._line.close()

    async def _send(self, line: Line, method: str, path: str, body: Any) -> Answer:
        deadline, pause = time.monotonic() + self.patience, FIRST_PAUSE
        while True:
            self.sent += 1
            answer = await line.send_once(self._encoded(method, path, body))
            if answer is not None and answer.status < 500:
                return answer
            if answer is not None and answer.status == 500:
                self.faults.append(f"{method} {path}: {answer.content[:300]!r}")
            assert time.monotonic() < deadline, (
                f"{method} {path}: no answer within {self.patience:.0f} s, last {answer}"
            )
            self.repeats += 1
            await asyncio.sleep(pause * self.rng.uniform(0.5, 1))
            pause = min(2 * pause, LONGEST_PAUSE)

    def _encoded(self, method: str, path: str, body: Any) -> bytes:
        content = b"" if body is None else json.dumps(body).encode()
        lines = [
            f"{method} {path} HTTP/1.1",
            "Host: 127.0.0.1",
            f"Date: {format_datetime(datetime.now(UTC) + self.ahead, usegmt=True)}",
            f"Cookie: {self.browser.cookie}",
            f"X-CSRFToken: {self.browser.token}",
            f"Content-Length: {len(content)}",
            *(["Content-Type: application/json"] if content else []),
        ]
        return "\r\n".join([*lines, "", ""]).encode() + content
