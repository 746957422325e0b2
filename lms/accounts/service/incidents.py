"""Looks whom and what an account touched, for telling them after a breach (PIPL 57); the look itself is recorded."""

from datetime import datetime
from uuid import UUID

from lms.accounts.queries import oversight
from lms.accounts.queries.oversight import Incident
from lms.audit import service as audit
from lms.infra.db import reading, unit_of_work
from lms.kernel.errors import N_, Invalid, NotFound

NOBODY = N_("没有这个用户名")


def look(
    username: str,
    *,
    since: datetime,
    until: datetime,
    limit: int,
    actor_id: UUID | None,
    scopes: tuple[str, ...] | None,
    now: datetime,
) -> Incident:
    """Persons and kinds of data that the account reached from `since` to before `until`.

    `scopes` limits whose account may be asked for; None asks for any (commands). Raises Invalid for an unknown user name,
    alike for one elsewhere, and for a span that runs backwards.
    """
    if since >= until:
        raise Invalid(fields={"until": N_("结束时间须晚于开始时间")})
    try:
        with reading() as session:
            found = oversight.incident(session, username, since=since, until=until, limit=limit, scopes=scopes)
    except NotFound as error:
        raise Invalid(fields={"username": NOBODY}) from error
    with unit_of_work() as session:
        audit.record(
            session,
            action="incident.looked",
            object_type="person",
            object_id=found.actor_id,
            actor_id=actor_id,
            details={"since": since.isoformat(), "until": until.isoformat(), "persons": found.count},
            now=now,
        )
    return found
