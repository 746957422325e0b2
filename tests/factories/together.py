"""Calls that begin at the same moment, each in a thread of its own."""

import threading
from collections.abc import Callable

from lms.kernel.errors import DomainError


def at_once(*calls: Callable[[], object]) -> list[object]:
    """What each call gave or raised, all begun at the same moment."""
    gate = threading.Barrier(len(calls))
    results: list[object] = [None] * len(calls)

    def run(number: int) -> None:
        gate.wait()
        try:
            results[number] = calls[number]()
        except DomainError as error:
            results[number] = error

    threads = [threading.Thread(target=run, args=(number,)) for number in range(len(calls))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return results
