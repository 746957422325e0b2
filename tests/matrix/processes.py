"""Asks everything in two processes, for two processors; each takes the next address when it is done with one."""

import gc
import multiprocessing
import tempfile
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from importlib import import_module
from typing import Any

from tests.matrix.findings import Survey, merged

PROCESSES = 2
ASKING = "tests.matrix.asking"
"""Imported by the processes only: the application takes seconds to load."""


def run_all() -> Survey:
    """Asks everything. Raises BrokenProcessPool when a process can't build its world."""
    apart = multiprocessing.get_context("spawn")
    with (
        tempfile.TemporaryDirectory() as homes,
        ProcessPoolExecutor(PROCESSES, mp_context=apart, initializer=_begin, initargs=(homes,)) as pool,
    ):
        counts = [pool.submit(_do, "count") for _ in range(PROCESSES)]  # a process starts when there is something to do
        return merged(pool.map(partial(_do, "ask"), range(counts[0].result())))


def _begin(homes: str) -> None:
    gc.disable()
    _do("begin", homes)
    gc.freeze()  # as the server does: what was loaded stays, and a collection that walked it would take its time
    gc.enable()


def _do(what: str, *about: object) -> Any:
    return getattr(import_module(ASKING), what)(*about)
