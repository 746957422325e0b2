"""Writes audit entries inside the unit of work of the act they tell of."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
import structlog
from sqlalchemy import insert
from sqlalchemy.orm import Session

from lms.audit.models import AuditEntryRow
from lms.infra import crypto
from lms.kernel import ids

_INSERT = insert(AuditEntryRow.__table__)  # type: ignore[arg-type]  # a declared table is one
"""Without `.values()`: the statement is the same each time, so that it is compiled once."""
_COVERED = ("id", "at", "actor_id", "action", "object_type", "object_id", "result", "address", "request_id")


def record(
    session: Session,
    *,
    action: str,
    object_type: str,
    object_id: UUID | str | None,
    actor_id: UUID | None = None,
    result: str = "ok",
    details: dict[str, Any] | None = None,
    now: datetime,
) -> None:
    """Adds one entry; address, request id and roles come from the log context. `details` holds no secret and no personal field."""
    context = structlog.contextvars.get_contextvars()
    present = context.get("person_id")
    moment = now.replace(microsecond=now.microsecond // 1000 * 1000)  # what both databases keep
    values: dict[str, Any] = {
        "id": ids.new_id(moment),
        "at": moment,
        "actor_id": actor_id or present,
        "role": str(context.get("roles", ""))[:200] if actor_id in {None, present} else "",
        "action": action,
        "object_type": object_type,
        "object_id": str(object_id or ""),
        "result": result,
        "address": str(context.get("address", ""))[:45],
        "request_id": str(context.get("request_id", ""))[:40],
        "details": details or {},
    }
    values["mac"] = entry_mac(values)
    session.execute(_INSERT, values)


def entry_mac(values: Mapping[str, Any]) -> str:
    """The keyed hash over an entry's columns, in a form that is the same on both databases.

    The role is in it only when there is one, so that entries from before it was kept stay as they are.
    """
    names = (*_COVERED, "role") if values.get("role") else _COVERED
    ordered = [
        [name, values[name].timestamp() if isinstance(values[name], datetime) else str(values[name])] for name in names
    ]
    return crypto.mac("audit", msgspec.json.encode([ordered, values["details"]], order="sorted").decode())
