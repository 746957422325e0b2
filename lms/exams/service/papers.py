"""Draws papers: ahead of an exam, so that many who begin in the same minute only take one, or at the start itself."""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

import msgspec
import structlog
from sqlalchemy import BigInteger, TextClause, TextualSelect, bindparam, delete, func, insert, select, text
from sqlalchemy.orm import Session

from lms.exams import queries
from lms.exams.domain import drawing
from lms.exams.domain.drawing import Paper, PaperEntry
from lms.exams.domain.terms import Rules
from lms.exams.models import DrawnPaperRow
from lms.infra import db
from lms.infra.cache import cache
from lms.infra.db import reading, unit_of_work
from lms.infra.types import Json, Uuid
from lms.kernel import ids
from lms.questionbank import queries as questionbank

log = structlog.get_logger()

POOL_SECONDS = 5.0
EXAMS_AT_ONCE = 50
STALE_AT_ONCE = 50
AHEAD_AT_ONCE = 100
AHEAD = timedelta(minutes=10)
_offer = msgspec.msgpack.Decoder(drawing.Offer)


@dataclass(frozen=True)
class Drawn:
    """A paper, the seed that it was drawn by, and the version of the rules for which it was."""

    seed: int
    paper: Paper
    rules_version: int


def draw(session: Session, rules: Rules, seed: int) -> Drawn:
    """A paper from the published items. What there is to draw from is remembered for seconds, for classes that start together; what
    a paper drew is looked at again, and an item that was withdrawn meanwhile makes the draw begin anew on what is there now.

    Raises PoolTooSmall.
    """
    for offered in (_remembered(session, rules), None):
        fresh = offered if offered is not None else _offered(session, rules)
        rng = Random(seed)
        paper = drawing.draw_from(rules.blueprint, fresh, rng)
        drawn = [entry.version_id for entry in paper.entries]
        if offered is None or queries.published(session, drawn) == len(drawn):
            break
    items = queries.items(session, drawn)
    paper = drawing.shuffle_options(paper, items, rng, keep=not rules.blueprint.shuffle_options)
    return Drawn(seed, paper, rules.version)


def take(session: Session, exam_id: UUID, rules: Rules) -> Drawn | None:
    """Takes a paper that was drawn ahead, all of whose items are still published; None when there is none.

    One statement, and one more for each paper that a withdrawn item has spoilt.
    """
    values = {"exam_id": exam_id, "version": rules.version}
    for _ in range(STALE_AT_ONCE):
        row = session.connection().execute(_TAKE[db.dialect()], values).first()
        if row is None:
            return None
        if row.sound == len(row.entries):
            return Drawn(row.seed, _paper(row.entries), rules.version)
    return None


def freeze(session: Session, attempt_id: UUID, paper: Paper) -> None:
    """Stores the paper of an attempt, in one statement."""
    entries = msgspec.json.encode(_data(paper)).decode()
    session.connection().execute(_FREEZE[db.dialect()], {"attempt_id": attempt_id, "entries": entries})


def draw_ahead(exam_id: UUID, *, wanted: int, now: datetime, rng: Random) -> int:
    """Draws papers until `wanted` wait for this exam, at most 100 at a time, and drops those of older rules. Returns how many it drew.

    Raises NotFound, PoolTooSmall.
    """
    with reading() as session:
        rules = queries.exam(session, exam_id).rules
        waiting = session.execute(
            select(func.count())
            .select_from(DrawnPaperRow)
            .where(DrawnPaperRow.exam_id == exam_id, DrawnPaperRow.rules_version == rules.version)
        ).scalar_one()
        missing = min(max(wanted - waiting, 0), AHEAD_AT_ONCE)
        drawn = [draw(session, rules, rng.getrandbits(63)) for _ in range(missing)]
    with unit_of_work() as session:
        session.execute(
            delete(DrawnPaperRow).where(DrawnPaperRow.exam_id == exam_id, DrawnPaperRow.rules_version < rules.version)
        )
        if drawn:
            session.execute(
                insert(DrawnPaperRow),
                [
                    {
                        "id": ids.new_id(now),
                        "exam_id": exam_id,
                        "rules_version": rules.version,
                        "seed": one.seed,
                        "entries": _data(one.paper),
                        "drawn_at": now,
                    }
                    for one in drawn
                ],
            )
    return len(drawn)


def prepare_papers(*, most: int, now: datetime, rng: Random) -> int:
    """Draws ahead for each exam that takes starts now or within ten minutes: a paper for each candidate who has not begun, `most` at most.

    Returns how many it drew.
    """
    with reading() as session:
        soon = queries.exams_to_begin(session, now=now, by=now + AHEAD, limit=EXAMS_AT_ONCE)
    drawn = 0
    for exam_id, candidates in soon:
        try:
            drawn += draw_ahead(exam_id, wanted=min(candidates, most), now=now, rng=rng)
        except drawing.PoolTooSmall as error:
            log.warning("no papers drawn ahead", exam_id=str(exam_id), **error.extra)
    return drawn


def _remembered(session: Session, rules: Rules) -> drawing.Offer:
    sections = repr(rules.blueprint.sections).encode()
    key = f"exams.offer:{hashlib.blake2b(sections, digest_size=16).hexdigest()}"
    kept = cache().get(key)
    if kept is not None:
        return _offer.decode(kept)
    offered = _offered(session, rules)
    cache().set(key, msgspec.msgpack.encode(offered), POOL_SECONDS)
    return offered


def _offered(session: Session, rules: Rules) -> drawing.Offer:
    return drawing.offer(rules.blueprint, questionbank.drawable_items(session, rules.blueprint.banks))


def _data(paper: Paper) -> list[list[Any]]:
    return [[entry.version_id.hex, entry.type, entry.points, list(entry.option_order)] for entry in paper.entries]


def _paper(data: list[list[Any]]) -> Paper:
    return Paper(
        tuple(
            PaperEntry(position, UUID(version), kind, points, tuple(order))
            for position, (version, kind, points, order) in enumerate(data, start=1)
        )
    )


def _taking(statement: str) -> TextualSelect:
    return text(statement).bindparams(bindparam("exam_id", type_=Uuid)).columns(seed=BigInteger, entries=Json)


def _freezing(statement: str) -> TextClause:
    return text(statement).bindparams(bindparam("attempt_id", type_=Uuid))


# Both databases can take apart a list that is JSON, each in words of its own. A paper that somebody else is taking at the same
# moment is passed over on PostgreSQL; SQLite has one writer, and CROSS JOIN makes it look up the twenty items of a paper instead of
# holding all items against them.
_TAKE = {
    "sqlite": _taking(
        "DELETE FROM drawn_paper WHERE id = (SELECT id FROM drawn_paper WHERE exam_id = :exam_id"
        " AND rules_version = :version ORDER BY id LIMIT 1) RETURNING seed, entries,"
        " (SELECT count(*) FROM json_each(drawn_paper.entries) e CROSS JOIN item_version v"
        " WHERE v.id = json_extract(e.value, '$[0]') AND v.state = 'published') AS sound"
    ),
    "postgresql": _taking(
        "DELETE FROM drawn_paper WHERE id = (SELECT id FROM drawn_paper WHERE exam_id = :exam_id"
        " AND rules_version = :version ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED) RETURNING seed, entries,"
        " (SELECT count(*) FROM jsonb_array_elements(drawn_paper.entries) e JOIN item_version v"
        " ON v.id = CAST(e ->> 0 AS uuid) AND v.state = 'published') AS sound"
    ),
}
_FREEZE = {
    "sqlite": _freezing(
        "INSERT INTO attempt_question (attempt_id, position, item_version_id, type, points, option_order)"
        " SELECT :attempt_id, key + 1, json_extract(value, '$[0]'), json_extract(value, '$[1]'),"
        " json_extract(value, '$[2]'), json_extract(value, '$[3]') FROM json_each(:entries)"
    ),
    "postgresql": _freezing(
        "INSERT INTO attempt_question (attempt_id, position, item_version_id, type, points, option_order)"
        " SELECT :attempt_id, place, CAST(entry ->> 0 AS uuid), entry ->> 1, CAST(entry ->> 2 AS integer), entry -> 3"
        " FROM jsonb_array_elements(CAST(:entries AS jsonb)) WITH ORDINALITY AS listed (entry, place)"
    ),
}
