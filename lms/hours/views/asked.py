"""What the addresses of these pages ask for."""

from datetime import datetime
from uuid import UUID

from flask import request

from lms.hours.domain.rules import count_year
from lms.kernel import clock
from lms.kernel.errors import NotFound


def asked_id(name: str) -> UUID | None:
    """An id in the address, None without one. Raises NotFound for what is none."""
    text = request.args.get(name)
    if not text:
        return None
    try:
        return UUID(text)
    except ValueError as error:
        raise NotFound from error


def this_year(now: datetime | None = None) -> int:
    """The calendar year of China."""
    return count_year(now or clock.now())
