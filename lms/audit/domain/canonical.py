"""Writes the values of a row in one form, the same before they are stored and after either database gives them back."""

import hashlib
import json
from collections.abc import Iterable
from datetime import date, datetime
from enum import Enum
from uuid import UUID


def text_of(source: str, row_id: str, version: int, values: Iterable[tuple[str, object]]) -> str:
    """What the mark of one version of a row is computed over: its place, then each column's name and value in order."""
    body = [source, row_id, version, [(name, _plain(value)) for name, value in values]]
    return _ENCODER.encode(body)


def row_id(key: Iterable[object]) -> str:
    """A primary key as text that sorts byte by byte as the key's columns do."""
    return ":".join(_key(part) for part in key)


def _key(part: object) -> str:
    if isinstance(part, UUID):
        return part.hex
    return f"{part:010}" if isinstance(part, int) else str(part)


def _plain(value: object) -> object:
    """Moments in milliseconds since 1970, bytes by their SHA-256; all else as JSON says it."""
    if isinstance(value, datetime):
        return round(value.timestamp() * 1000)
    if isinstance(value, bytes):
        return hashlib.sha256(value).hexdigest()
    return value.value if isinstance(value, Enum) else value


def _in_words(value: object) -> str:
    if isinstance(value, UUID) or (isinstance(value, date) and not isinstance(value, datetime)):
        return str(value)
    raise TypeError(f"{type(value).__name__} has no canonical form")


_ENCODER = json.JSONEncoder(
    sort_keys=True, ensure_ascii=False, allow_nan=False, separators=(",", ":"), default=_in_words
)
