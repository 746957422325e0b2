"""Dies at a statement, and hashes passwords in haste: what the machine does to the platform around it."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import Engine, event

from lms.accounts.service import passwords
from tests.factories.haste import no_waiting_for_the_disk


class PlainHasher:
    """Stands for argon2, which is slow by design: the machine is about states."""

    def hash(self, password: str) -> str:
        return f"plain:{password}"

    def verify(self, password_hash: str, password: str) -> bool:
        return password_hash == f"plain:{password}"


class Crashed(Exception):
    """The process died here."""


class CrashPoint:
    """Raises at the n-th statement that is sent while it is armed."""

    def __init__(self, at: int | None) -> None:
        self.left = at or 0
        self.hit = False

    def __call__(self, *_: Any) -> None:
        self.left -= 1
        if self.left == 0:
            self.hit = True
            raise Crashed

    def __enter__(self) -> "CrashPoint":
        if self.left:
            event.listen(Engine, "before_cursor_execute", self)
            self.armed = True
        return self

    def __exit__(self, *_: object) -> None:
        if getattr(self, "armed", False):
            event.remove(Engine, "before_cursor_execute", self)


@contextmanager
def in_haste() -> Iterator[None]:
    """Passwords are compared in clear and nobody waits for a disk: the machine is about states, not about power cuts."""
    with pytest.MonkeyPatch.context() as patch, no_waiting_for_the_disk():
        patch.setattr(passwords, "_hasher", PlainHasher())
        yield
