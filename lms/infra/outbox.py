"""Keeps what would leave the platform as files in the home, for places without a mail or message service."""

import os
from pathlib import Path

from lms.kernel import ids


def keep(folder: Path, suffix: str, content: bytes) -> Path:
    """Writes one message that only its owner can read; names sort by time. Returns its path."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = folder / f"{ids.new_id()}{suffix}"
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
    return path
