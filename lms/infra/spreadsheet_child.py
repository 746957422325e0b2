"""Reads one xlsx file of a stranger and prints its first sheet as JSON; started by `spreadsheet.py`, standard library only.

It runs without the site's packages and may be killed at any moment. The file comes on standard input.
"""

import ctypes
import json
import os
import resource
import signal
import sys

from lms.infra.spreadsheet_book import Refused, Request
from lms.infra.spreadsheet_xlsx import read

_PR_SET_PDEATHSIG = 1
_OUT_OF_MEMORY = 2


def fence(parent: int, memory_bytes: int, cpu_seconds: int) -> None:
    """Limits this process for good: memory, time, no files, no network, no children, and its end with its parent's."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, int(signal.SIGKILL))
    if os.getppid() != parent:
        os._exit(1)
    b"-".decode("cp437")  # the encoding of names in zip files: from here on no module can be loaded
    for limit, most in (
        (resource.RLIMIT_AS, memory_bytes),
        (resource.RLIMIT_CPU, cpu_seconds),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NPROC, 0),
        (resource.RLIMIT_NOFILE, 3),  # the three standard streams are open: no file and no socket can be opened besides
    ):
        resource.setrlimit(limit, (most, most))


def main(asked: str) -> None:
    """Prints one JSON object: sheet, rows and problems, or the reason of the refusal; `asked` is the JSON of a `Request`."""
    request: Request = json.loads(asked)
    data = sys.stdin.buffer.read()
    fence(request["parent"], request["memory_bytes"], request["cpu_seconds"])
    try:
        said = json.dumps(_answer(data, request), ensure_ascii=False, separators=(",", ":")).encode()
    except MemoryError:
        os._exit(_OUT_OF_MEMORY)
    sys.stdout.buffer.write(said)
    sys.stdout.buffer.flush()
    os._exit(0)


def _answer(data: bytes, request: Request) -> dict[str, object]:
    try:
        return read(data, request)
    except Refused as refusal:
        return {"refused": (*refusal.args, None, None)[:3]}
