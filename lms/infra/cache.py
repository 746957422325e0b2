"""Remembers computed values for a short time. Local form: this process's memory, bounded."""

from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable, Mapping
from threading import Lock
from typing import Generic, Protocol, TypeVar

from lms.kernel import clock

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")


class Kept(Generic[Key, Value]):
    """Keeps the most recently used of what never changes once it is stored (versions, frozen papers), as it is, in this process."""

    def __init__(self, entries: int) -> None:
        self._entries = entries
        self._values: OrderedDict[Key, Value] = OrderedDict()
        self._lock = Lock()

    def of(self, keys: Iterable[Key], load: Callable[[list[Key]], Mapping[Key, Value]]) -> dict[Key, Value]:
        """What is there under the keys; `load` brings what is not kept yet, in one call. A key that it does not know is left out."""
        wanted = list(keys)
        with self._lock:
            found = {key: self._values[key] for key in wanted if key in self._values}
            for key in found:
                self._values.move_to_end(key)
        lacking = [key for key in wanted if key not in found]
        if lacking:
            loaded = load(lacking)
            found.update(loaded)
            for key, value in loaded.items():
                self.keep(key, value)
        return found

    def keep(self, key: Key, value: Value) -> None:
        """Keeps a value that was stored just now."""
        with self._lock:
            self._values[key] = value
            self._values.move_to_end(key)
            while len(self._values) > self._entries:
                self._values.popitem(last=False)


class Cache(Protocol):
    """What the platform asks of a cache; losing an entry must never matter."""

    def get(self, key: str) -> bytes | None:
        """The value, or None when it is unknown or too old."""

    def set(self, key: str, value: bytes, seconds: float) -> None:
        """Keeps a value for `seconds`."""

    def clear(self) -> None:
        """Forgets everything."""


class MemoryCache:
    """Keeps the most recently used entries of one process."""

    def __init__(self, entries: int = 1024) -> None:
        self._entries = entries
        self._values: OrderedDict[str, tuple[float, bytes]] = OrderedDict()
        self._lock = Lock()

    def get(self, key: str) -> bytes | None:
        with self._lock:
            found = self._values.get(key)
            if found is None or found[0] < clock.monotonic():
                return None
            self._values.move_to_end(key)
            return found[1]

    def set(self, key: str, value: bytes, seconds: float) -> None:
        with self._lock:
            self._values[key] = (clock.monotonic() + seconds, value)
            self._values.move_to_end(key)
            while len(self._values) > self._entries:
                self._values.popitem(last=False)

    def clear(self) -> None:
        with self._lock:
            self._values.clear()


_cache: Cache = MemoryCache()


def cache() -> Cache:
    """The cache of this process."""
    return _cache
