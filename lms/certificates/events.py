"""What certificates announce, inside the unit of work that changed them."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from blinker import signal

from lms.certificates.domain.status import Status

certificate_changed = signal("certificate_changed")
"""Sent as certificate_changed.send(None, event=CertificateChanged(...))."""


@dataclass(frozen=True)
class CertificateChanged:
    """A certificate went from one status to another; `old` is None when it was issued just now."""

    certificate_id: UUID
    number: str
    person_id: UUID
    class_id: UUID
    old: Status | None
    new: Status
    at: datetime
