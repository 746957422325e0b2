"""Reads why somebody got the hours of an entry: what was watched, the rule, its review, and what was corrected since."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from lms.accounts.queries import aliases
from lms.catalogue import queries as catalogue
from lms.catalogue.models import LectureVersionRow
from lms.classes.models import EnrolmentRow, TrainingClassRow
from lms.hours.models import CreditEntryRow
from lms.hours.queries.ledger import Entry, lines, own_entry
from lms.hours.queries.rules import RuleVersion, rule
from lms.learning import queries as learning
from lms.learning.domain.intervals import Span
from lms.learning.models import LeaseRow
from lms.moderation.domain.workflow import State
from lms.moderation.models import RevisionRow
from lms.organisations.models import UnitRow

MOST_SITTINGS = 50
_APPROVED = (State.PUBLISHED, State.SUPERSEDED, State.SUSPENDED, State.RETIRED)
"""States of a version that both levels had approved."""


@dataclass(frozen=True)
class Watched:
    """What the person has of one lecture; times in media milliseconds."""

    title: str
    duration_ms: int
    covered_ms: int
    spans: tuple[Span, ...]


@dataclass(frozen=True)
class Sitting:
    """One time at the player: real time from and to, and how many milliseconds of the lecture it brought."""

    opened_at: datetime
    ended_at: datetime | None
    credited_ms: int


@dataclass(frozen=True)
class Grounds:
    """An entry and all it rests on. `chain`: every line of the same source and year, the oldest first."""

    entry: Entry
    rule: RuleVersion | None
    revision: str | None
    unit_name: str
    class_name: str | None
    completed_at: datetime | None
    lectures: tuple[Watched, ...]
    sittings: tuple[Sitting, ...]
    chain: tuple[Entry, ...]

    @property
    def counts(self) -> bool:
        """Whether anything of the source still stands in that year."""
        return sum(1 if one.reversal_of is None else -1 for one in self.chain) > 0


def grounds(session: Session, person_id: UUID, entry_id: UUID) -> Grounds:
    """Why a person got the hours of one of their entries. Raises NotFound, alike for another's and for none."""
    entry = own_entry(session, person_id, entry_id)
    held = session.execute(
        select(CreditEntryRow.rule_id, UnitRow.name, TrainingClassRow.name)
        .join(UnitRow, UnitRow.id == CreditEntryRow.unit_id)
        .outerjoin(EnrolmentRow, EnrolmentRow.id == CreditEntryRow.enrolment_id)
        .outerjoin(TrainingClassRow, TrainingClassRow.id == EnrolmentRow.class_id)
        .where(CreditEntryRow.id == entry_id)
    ).one()
    by = rule(session, held[0]) if held[0] is not None else None
    chain = lines(
        session,
        CreditEntryRow.person_id.in_(aliases(person_id)),
        CreditEntryRow.source == entry.source,
        CreditEntryRow.source_id == entry.source_id,
        CreditEntryRow.count_year == entry.count_year,
    )
    course = entry.source == "course"
    return Grounds(
        entry,
        by,
        _revision(session, by),
        held[1],
        held[2],
        learning.completions(session, person_id, [entry.source_id]).get(entry.source_id) if course else None,
        _watched(session, person_id, entry.source_id) if course else (),
        _sittings(session, person_id, entry.source_id) if course else (),
        tuple(sorted(chain, key=lambda one: one.id)),
    )


def _revision(session: Session, by: RuleVersion | None) -> str | None:
    if by is None or by.revision_id is None:
        return None
    return session.execute(select(RevisionRow.title).where(RevisionRow.id == by.revision_id)).scalar()


def _watched(session: Session, person_id: UUID, course_id: UUID) -> tuple[Watched, ...]:
    lectures = catalogue.lecture_ids(session, course_id)
    assets = [asset_id for _, asset_id, _ in lectures]
    named = session.execute(
        select(LectureVersionRow.asset_id, LectureVersionRow.title)
        .join(RevisionRow, RevisionRow.id == LectureVersionRow.revision_id)
        .where(LectureVersionRow.asset_id.in_(assets), RevisionRow.state.in_(_APPROVED))
        .order_by(LectureVersionRow.revision_id)
    )
    titles = {row[0]: row[1] for row in named}  # the newest that both levels approved: a new version keeps the video
    seen = learning.progress_of(session, person_id, assets)
    return tuple(
        Watched(titles.get(asset_id, ""), duration_ms, one.covered_ms, one.watched)
        for _, asset_id, duration_ms in lectures
        for one in (seen.get(asset_id, learning.NOTHING),)
    )


def _sittings(session: Session, person_id: UUID, course_id: UUID) -> tuple[Sitting, ...]:
    rows = session.execute(
        select(LeaseRow.opened_at, LeaseRow.ended_at, LeaseRow.credited_ms)
        .where(LeaseRow.person_id.in_(aliases(person_id)), LeaseRow.course_id == course_id, LeaseRow.credited_ms > 0)
        .order_by(LeaseRow.opened_at.desc())
        .limit(MOST_SITTINGS)
    )
    return tuple(Sitting(*row) for row in rows)
