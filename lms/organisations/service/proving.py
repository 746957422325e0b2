"""Proves to the audit that the tree is sound: every path follows from the units above."""

from collections.abc import Iterator

from sqlalchemy.orm import Session

from lms.audit import service as audit
from lms.audit.domain.findings import Finding, Kind
from lms.organisations import queries
from lms.organisations.domain import paths


@audit.register_check("places")
def _paths_follow_from_the_units_above(session: Session) -> Iterator[Finding | None]:
    for unit_id, path, above in queries.places(session):
        sound = path == paths.path_of(unit_id, above)
        yield (
            None if sound else Finding(Kind.ALTERED, "unit", unit_id.hex, "its path does not follow from its parent's")
        )
