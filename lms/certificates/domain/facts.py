"""What a certificate says: all printed facts, frozen at the moment of issue, with one stable form to store and to hash."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from datetime import date
from typing import Any

MASKED_REST = 3


@dataclass(frozen=True)
class CertificateFacts:
    """Everything that stands on the paper; a correction is a new value with the next `version`.

    `hours` are hundredths of a 学时. `id_number_masked` is the ID number as printed, never in full; empty when it is not printed.
    `demo` marks a certificate of the demonstration, which shows so on its face.
    """

    number: str
    version: int
    title: str
    name: str
    sex: str
    workplace: str
    class_name: str
    starts_on: date
    ends_on: date
    hours: int
    result: str
    issuer: str
    reviewer: str
    issued_on: date
    demo: bool
    id_number_masked: str = ""

    def canonical_json(self) -> str:
        """The one JSON text of these facts: keys sorted, no blanks, dates as ISO 8601, characters as they are."""
        return json.dumps(
            asdict(self), default=date.isoformat, ensure_ascii=False, sort_keys=True, separators=(",", ":")
        )

    def sha256(self) -> str:
        """SHA-256 of the canonical JSON in UTF-8, 64 hexadecimal digits."""
        return hashlib.sha256(self.canonical_json().encode()).hexdigest()

    @classmethod
    def from_json(cls, text: str) -> "CertificateFacts":
        """The facts that `canonical_json` wrote. Raises ValueError when the text holds other things."""
        values: Mapping[str, Any] = json.loads(text)
        if set(values) != {field.name for field in fields(cls)}:
            raise ValueError("these are not the facts of a certificate")
        dates = {name: date.fromisoformat(values[name]) for name in ("starts_on", "ends_on", "issued_on")}
        return cls(**{**values, **dates})


def mask_name(name: str) -> str:
    """The name as strangers see it: its first character, then one star for each of the next, three at most (张三 → 张*)."""
    first, rest = name[:1], len(name) - 1
    return first + "*" * max(1, min(rest, MASKED_REST))
