"""Makes the figures of an exam anew from its graded papers: results by unit, and what they say about its items."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache, partial
from typing import Any
from uuid import UUID

from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from lms.access import service as access
from lms.audit import service as audit
from lms.exams import queries
from lms.exams.domain import analysis
from lms.exams.domain.analysis import BINS, SCALE, Chosen, Sums
from lms.exams.domain.blueprint import CHOICE_TYPES
from lms.exams.domain.keys import Choices
from lms.exams.domain.points import joined
from lms.exams.domain.terms import Counts
from lms.exams.models import (
    ExamFiguresRow,
    ExamItemFigureRow,
    ExamStandingRow,
    ExamUnitFigureRow,
)
from lms.exams.queries import Graded
from lms.infra import jobs
from lms.infra.db import before_commit, for_update, reading, take_turn, unit_of_work
from lms.kernel.errors import N_
from lms.kernel.permissions import Permission
from lms.notices import service as notices
from lms.notices.domain.messages import Message
from lms.questionbank import queries as banks, service as questionbank
from lms.questionbank.domain.itemstatistics import Signal

FIGURES_JOB = "exams.figures"
UNDER_WAY = timedelta(minutes=1)
"""Scores that were being stored while an exam was counted are looked for again."""
EXAMS_AT_ONCE = 200
GOES_ALONG = timedelta(days=1)
LONGEST_KEY = 2
MARKED_AT_ONCE = 1_000
TURN = 26  # of those who moved somebody, at the end of their units of work, and of first counts between them


@dataclass
class _Unit:
    persons: int = 0
    passed: int = 0
    shares: int = 0
    bins: list[int] = field(default_factory=lambda: [0] * BINS)


@dataclass
class _Item:
    sums: Sums = field(default_factory=Sums)
    options: dict[str, Chosen] = field(default_factory=dict)


def note_export(exam_id: UUID, items: int, kind: str, *, actor_id: UUID, now: datetime) -> None:
    """Records that somebody takes the items of an exam and what is right of them away as a file."""
    with unit_of_work() as session:
        audit.record(
            session,
            action="exam.item_figures_exported",
            object_type="exam",
            object_id=exam_id,
            actor_id=actor_id,
            details={"items": items, "format": kind},
            now=now,
        )


def queue_figures(*, now: datetime) -> int:
    """Queues a count of exams with scores or later results that their own figures do not count yet. Returns of how many.

    One whose count waits already is not queued again: counts that take longer than the time between two sweeps don't pile up.
    """
    with unit_of_work() as session:
        waiting = {one["exam_id"] for one in jobs.unfinished(session, FIGURES_JOB)}
        due = queries.to_count(session, until=now, under_way=UNDER_WAY, limit=EXAMS_AT_ONCE)
        found = [exam_id for exam_id in due if str(exam_id) not in waiting]
        for exam_id in found:
            payload = {"exam_id": str(exam_id), "until": now.isoformat()}
            jobs.enqueue(session, FIGURES_JOB, payload, now=now)
    _go_along(now=now)
    return len(found)


def _go_along(*, now: datetime) -> None:
    """Says of figures without newer results that they count everything up to now, once a day.

    So the search for results that are not counted begins a day back, and longer ago only while an exam waits so long.
    """
    with reading() as session:
        since = queries.counted_until(session)
    if since is None or since > now - GOES_ALONG:
        return
    with unit_of_work() as session:
        take_turn(session, TURN)  # as those who mark many
        waiting = queries.with_new_results(session, until=now, under_way=UNDER_WAY)
        session.execute(
            update(ExamFiguresRow)
            .where(
                ExamFiguresRow.counted_until < now - GOES_ALONG,
                ~ExamFiguresRow.stale,
                ExamFiguresRow.exam_id.not_in(waiting),
            )
            .values(counted_until=now)
            .execution_options(synchronize_session=False)
        )


def count_figures(exam_id: UUID, *, until: datetime, now: datetime) -> None:
    """Makes the figures of an exam anew and tells authors what they should look at that they were not told before.

    Running twice, or in two workers at once, leaves the same figures; those of a later count stay.
    """
    with reading() as session:
        by_person: dict[UUID, list[Graded]] = defaultdict(list)
        items: dict[UUID, _Item] = defaultdict(_Item)
        for one in queries.graded_attempts(session, exam_id):
            if one.person_id not in by_person:
                _add_items(items, one)
            by_person[one.person_id].append(one)
        counted = {person_id: _counting(session, exam_id, mine) for person_id, mine in by_person.items()}
        asked = queries.items(session, list(items))
    for version_id, item in items.items():
        if asked[version_id].type not in CHOICE_TYPES:
            item.options = {}
    units = _units(counted)
    distracting = {
        version_id
        for version_id, one in items.items()
        if isinstance(key := asked[version_id].key, Choices) and analysis.better_distractors(one.options, key.right)
    }
    with unit_of_work() as session:
        made = _held_figures(session, exam_id, until=until, now=now)
        if made.counted_until > until:
            return
        made.counted_until, made.made_at = until, now
        for model in (ExamStandingRow, ExamUnitFigureRow, ExamItemFigureRow):
            session.execute(delete(model).where(model.exam_id == exam_id))
        _store(session, exam_id, by_person, counted, units, items)
        today = queries.places_of_counted(session, exam_id)
        made.stale = any(path != counted[person_id].unit_path for person_id, path in today.items())
        _signal(session, list(items), distracting, now=now)


def note_moved(session: Session, *, person_id: UUID | None = None, paths: Sequence[str] = ()) -> None:
    """Has the figures counted anew of exams that a person sat, under whatever account, or people of units at old paths.

    Which ones is asked at once, before paths change; they are marked as the last act, for many who move sat the same exams.
    """
    exams = session.execute(queries.exams_counting(person_id=person_id, paths=paths)).scalars().all()
    if exams:
        before_commit(partial(_mark, session, exams))


def _mark(session: Session, exam_ids: Sequence[UUID]) -> None:
    take_turn(session, TURN)
    for start in range(0, len(exam_ids), MARKED_AT_ONCE):
        session.execute(
            update(ExamFiguresRow)
            # stale ones too: a count that is under way has to wait for them
            .where(ExamFiguresRow.exam_id.in_(exam_ids[start : start + MARKED_AT_ONCE]))
            .values(stale=True)
            .execution_options(synchronize_session=False)
        )


def _held_figures(session: Session, exam_id: UUID, *, until: datetime, now: datetime) -> ExamFiguresRow:
    """The row of an exam's figures: who moves from here on waits, and says so afterwards.

    Before the first count there is no row to wait for. It waits itself for those who are moving, and they for it.
    """
    statement = for_update(select(ExamFiguresRow).where(ExamFiguresRow.exam_id == exam_id))
    made = session.execute(statement).scalar()
    if made is None:
        take_turn(session, TURN)
        made = session.execute(statement).scalar()
    if made is None:
        made = ExamFiguresRow(exam_id=exam_id, counted_until=until, made_at=now, stale=False)
        session.add(made)
        session.flush()
    return made


def _add_items(items: dict[UUID, _Item], one: Graded) -> None:
    earned = {line["position"]: joined(line["earned"], line.get("fraction")) for line in one.sheet}
    total, most = sum(earned.values()), sum(line["points"] for line in one.sheet) * 100
    for line in one.sheet:
        place = line["position"]
        points = line["points"] * 100
        sums = analysis.one(earned[place], points, total - earned[place], most - points)
        item = items[one.items[place]]
        item.sums += sums
        for key in filter(_may_be_option, line["given"]):
            before = item.options.get(key, Chosen())
            item.options[key] = Chosen(before.count + 1, before.y + sums.y)


def _may_be_option(text: str) -> bool:
    """Keys of options are short; what people type is not kept here."""
    return 0 < len(text) <= LONGEST_KEY


def _counting(session: Session, exam_id: UUID, mine: list[Graded]) -> Graded:
    rules = queries.rules(session, exam_id, mine[-1].rules_version)
    if rules.terms.counts is Counts.LAST:
        return mine[-1]
    return max(mine, key=lambda one: (one.passed, one.score))


def _units(counted: dict[UUID, Graded]) -> dict[str, _Unit]:
    units: dict[str, _Unit] = defaultdict(_Unit)
    for one in counted.values():
        parts = one.unit_path.strip("/").split("/")
        paths = ["/", *("/" + "/".join(parts[: depth + 1]) + "/" for depth in range(len(parts)))]
        for path in paths:
            unit = units[path]
            unit.persons += 1
            unit.passed += one.passed
            unit.shares += one.score * SCALE // one.max_score
            unit.bins[analysis.bin_of(one.score, one.max_score)] += 1
    return units


def _store(
    session: Session,
    exam_id: UUID,
    by_person: dict[UUID, list[Graded]],
    counted: dict[UUID, Graded],
    units: dict[str, _Unit],
    items: dict[UUID, _Item],
) -> None:
    people = [
        {
            "exam_id": exam_id,
            "person_id": person_id,
            "score": one.score,
            "max_score": one.max_score // 100,
            "passed": one.passed,
            "attempts": len(by_person[person_id]),
        }
        for person_id, one in counted.items()
    ]
    places = [{"exam_id": exam_id, "path": path, **vars(unit)} for path, unit in units.items()]
    figures: list[dict[str, Any]] = [
        {
            "exam_id": exam_id,
            "item_version_id": version_id,
            **{name: getattr(one.sums, name) for name in ("n", "x", "xx", "y", "yy", "xy")},
            "options": {key: [chosen.count, chosen.y] for key, chosen in one.options.items()},
        }
        for version_id, one in items.items()
    ]
    for model, rows in ((ExamStandingRow, people), (ExamUnitFigureRow, places), (ExamItemFigureRow, figures)):
        if rows:
            session.execute(insert(model), rows)


def _signal(session: Session, version_ids: list[UUID], distracting: set[UUID], *, now: datetime) -> None:
    """Hands what should be looked at back to the items' banks, and tells each author once of each new thing."""
    authors = queries.authors_of_items(session, version_ids)
    messages: dict[UUID, list[Message]] = defaultdict(list)
    writes = cache(partial(_writes, session, now=now))
    found = {
        version_id: tuple(map(Signal, analysis.flags(sums)))
        + ((Signal.DISTRACTOR,) if version_id in distracting else ())
        for version_id, sums in queries.sums_of_items(session, version_ids).items()
    }
    for version_id, fresh in questionbank.keep_signals(session, found, now=now).items():
        if version_id in authors:
            author_id, bank_code, ref = authors[version_id]
            if not writes(author_id, bank_code):
                continue
            link = f"/staff/banks/{bank_code}/items/{version_id}"
            messages[author_id] += [_message(version_id, ref, link, one) for one in fresh]
    for author_id, listed in messages.items():
        for message in listed:
            notices.send({author_id: message}, now=now)


def _writes(session: Session, author_id: UUID, bank_code: str, *, now: datetime) -> bool:
    """Whether an author still writes for the bank of their item, and sits no exam on it: how it did is for nobody else."""
    path = banks.unit_path(session, bank_code)
    if path is None or not access.could(author_id, Permission.ITEM_AUTHOR, path, now):
        return False
    return not queries.still_sits(session, [bank_code], author_id, now=now)


SENTENCES = {
    Signal.HARD: N_("您的试题 %(ref)s 得分率不到三成，请检查题目和答案。"),
    Signal.EASY: N_("您的试题 %(ref)s 得分率超过九成，几乎人人答对，请考虑提高难度。"),
    Signal.WEAK: N_("您的试题 %(ref)s 区分度不足，总分高的考生并不比总分低的答得更好，请检查题目和答案。"),
    Signal.DISTRACTOR: N_(
        "您的试题 %(ref)s 有一个错误选项，选它的考生总体成绩比选正确答案的还好，请检查答案是否有误。"
    ),
}


def _message(version_id: UUID, ref: str, link: str, flag: Signal) -> Message:
    return Message(
        "exams.item_figures", N_("试题分析提示"), SENTENCES[flag], {"ref": ref}, link, f"{version_id.hex}:{flag.value}"
    )
