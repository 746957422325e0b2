"""Calls that begin at the same moment, or while another one is under way, each in a thread of its own."""

import threading
from collections.abc import Callable

from lms.infra.db import unit_of_work
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


def caught(call: Callable[[], object], into: dict[str, object], name: str) -> threading.Thread:
    """A thread that keeps what the call gave or raised."""

    def run() -> None:
        try:
            into[name] = call()
        except Exception as error:
            into[name] = error

    return threading.Thread(target=run, name=name)


def beside(first: Callable[[], object], second: Callable[[], object]) -> object:
    """What `second` gave or raised, begun while the unit of work of `first` is open: it waits for it (on PostgreSQL)."""
    return _begun_within(first, second, waits=True)


def overtaking(first: Callable[[], object], second: Callable[[], object]) -> object:
    """What `second` gave or raised, begun and ended while the unit of work of `first` is open: it does not wait for it."""
    return _begun_within(first, second, waits=False)


def _begun_within(first: Callable[[], object], second: Callable[[], object], *, waits: bool) -> object:
    results: dict[str, object] = {}
    other = caught(second, results, "second")
    with unit_of_work():
        first()
        other.start()
        other.join(0.7 if waits else 10)
        assert other.is_alive() is waits
    other.join(30)
    return results["second"]


def pausing(real: Callable[..., object], reached: threading.Event) -> Callable[..., object]:
    """The call as it is, which says that it was reached and then takes its time."""

    def slow(*arguments: object, **others: object) -> object:
        found = real(*arguments, **others)
        reached.set()
        threading.Event().wait(0.7)
        return found

    return slow


def pausing_first(real: Callable[..., object], reached: threading.Event) -> Callable[..., object]:
    """The same for nothing but the first call by the first of two that cross."""

    def slow(*arguments: object, **others: object) -> object:
        found = real(*arguments, **others)
        if threading.current_thread().name == "first" and not reached.is_set():
            reached.set()
            threading.Event().wait(0.7)
        return found

    return slow


def crossing(first: Callable[[], object], second: Callable[[], object], reached: threading.Event) -> list[object]:
    """What two calls gave or raised, of which the second begins when the first has got to where it says so."""
    results: dict[str, object] = {}
    one, other = caught(first, results, "first"), caught(second, results, "second")
    one.start()
    reached.wait(10)
    other.start()
    for thread in (one, other):
        thread.join(30)
    return [results["first"], results["second"]]
