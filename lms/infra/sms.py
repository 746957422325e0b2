"""Sends text messages. No provider is fixed: the port is this module, its console form keeps messages in the outbox."""

from dataclasses import dataclass
from pathlib import Path

from lms.infra import outbox


@dataclass(frozen=True)
class Messages:
    """How text messages leave: into a folder, or, without one, not at all."""

    folder: Path | None

    @property
    def open(self) -> bool:
        """Whether text messages leave at all."""
        return self.folder is not None

    def send(self, to: str, text: str) -> None:
        """Sends one message."""
        if self.folder is not None:
            outbox.keep(self.folder, ".sms", f"{to}\n{text}\n".encode())
