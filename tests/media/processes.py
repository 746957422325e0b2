"""Finds processes by a word of their command line."""

import os
import time
from pathlib import Path


def survivors(marker: str) -> list[int]:
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if marker.encode() in (process / "cmdline").read_bytes() and int(process.name) != os.getpid():
                found.append(int(process.name))
        except OSError:
            continue
    return found


def gone_within(marker: str, seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while survivors(marker):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True
