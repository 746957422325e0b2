"""Asks everything in two processes, for two processors; each takes the next address when it is done with one."""

import gc
import multiprocessing
import tempfile
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from tests.matrix import asking
from tests.matrix.findings import Survey, merged

PROCESSES = 2


def run_all() -> Survey:
    """Asks everything. Raises BrokenProcessPool when a process can't take the world over."""
    with tempfile.TemporaryDirectory() as folder:
        addresses = asking.prepare(Path(folder))
        gc.freeze()  # as the server does: what was loaded stays, and a collection that walked it would take its time
        forked = multiprocessing.get_context("fork")
        with ProcessPoolExecutor(PROCESSES, mp_context=forked, initializer=asking.begin, initargs=(folder,)) as pool:
            return merged(pool.map(asking.ask, range(addresses)))
