"""Saves what authors type: a new item, a draft again, or a new version of what was published."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from lms.audit import service as audit
from lms.infra.db import unit_of_work
from lms.kernel.errors import N_, Conflict, Invalid
from lms.questionbank import queries
from lms.questionbank.domain import knowledge
from lms.questionbank.domain.exchange import ExchangeItem
from lms.questionbank.models import ItemEventRow, ItemVersionRow, KnowledgePointRow
from lms.questionbank.queries import VersionOfItem
from lms.questionbank.service.drafts import code_of
from lms.questionbank.service.likeness import compare
from lms.questionbank.service.pictures import keep_pictures
from lms.questionbank.service.versions import (
    MAY_BE_WRITTEN,
    add_event,
    add_version,
    discard,
    forget_likeness,
    lock_bank,
    values_of,
)


class ChangedElsewhere(Conflict):
    """Somebody saved the item after this page was opened; `newer` is what stands there now."""

    code, title = "item_changed", N_("这道题在您打开本页以后已被修改，您刚才填写的内容还在本页，没有保存")

    def __init__(self, newer: VersionOfItem) -> None:
        super().__init__()
        self.newer = newer


class UnderReview(Conflict):
    """While reviewers look at an item, nobody changes it."""

    code, title = "item_under_review", N_("这道题正在审核，审核结束后才能修改")


CODE_TAKEN = N_("题库中已有这个编号的题目，请换一个编号")
SAME_WORDS = N_("题库中已有一字不差的草稿，没有重复保存")


def create(bank_code: str, item: ExchangeItem, *, author_id: UUID, now: datetime) -> UUID:
    """Stores a new item as a draft. Returns the id of its version. Raises NotFound, Invalid for a code that is taken."""
    with unit_of_work() as session:
        lock_bank(session, bank_code)
        ref = code_of(item)
        taken = select(ItemVersionRow.id).where(
            ItemVersionRow.bank_code == bank_code, ItemVersionRow.ref == ref, queries.no_lectures_draft()
        )
        if session.execute(taken.limit(1)).first():
            raise Invalid(fields={"ref": CODE_TAKEN} if item.ref else {"stem": SAME_WORDS})
        version_id = add_version(session, bank_code, ref, item, None, author_id=author_id, now=now)
        session.flush()
        compare(session, version_id)
        _recorded(session, "item.written", version_id, bank_code, author_id, now)
    return version_id


def save(version_id: UUID, bank_code: str, item: ExchangeItem, *, token: str, author_id: UUID, now: datetime) -> UUID:
    """Saves a draft again, or opens a new version of what was published or stopped. Returns the id of the version written.

    Raises NotFound, UnderReview, ChangedElsewhere when `token` is not that of the newest version.
    """
    with unit_of_work() as session:
        lock_bank(session, bank_code)
        seen = queries.version(session, version_id, bank_code)
        newest = queries.versions(session, seen.item_id)[0]
        if newest.token != token:
            raise ChangedElsewhere(newest)
        if newest.state in MAY_BE_WRITTEN and newest.own:
            _write_again(session, newest, item, author_id, now)
            written = newest.id
        elif newest.state in {"published", "withdrawn"}:
            after = (newest.item_id, _last_number(session, newest.item_id))
            if _on_its_way(session, bank_code, newest.ref):
                raise Invalid(fields={"ref": CODE_TAKEN})
            written = add_version(session, bank_code, newest.ref, item, after, author_id=author_id, now=now)
        else:
            raise UnderReview
        session.flush()
        compare(session, written)
        _recorded(session, "item.written", written, bank_code, author_id, now)
    return written


def throw_away(version_id: UUID, bank_code: str, *, actor_id: UUID, now: datetime) -> None:
    """Takes a draft away; versions that were published before stay. Raises NotFound, UnderReview for anything but a draft."""
    with unit_of_work() as session:
        lock_bank(session, bank_code)
        found = queries.version(session, version_id, bank_code)
        if not found.own or found.state not in MAY_BE_WRITTEN:
            raise UnderReview
        discard(session, [version_id])
        _recorded(session, "item.thrown_away", version_id, bank_code, actor_id, now)


def add_knowledge_point(bank_code: str, text: str, *, actor_id: UUID, now: datetime) -> None:
    """Lets authors choose a knowledge point. One that is there stays. Raises Invalid, NotFound."""
    path = knowledge.path_of(text)
    wrong = knowledge.problem_of(path)
    if wrong:
        raise Invalid(fields={"path": wrong})
    with unit_of_work() as session:
        lock_bank(session, bank_code)
        there = session.execute(
            select(KnowledgePointRow.path).where(
                KnowledgePointRow.bank_code == bank_code, KnowledgePointRow.path == path
            )
        ).first()
        if there is None:
            session.add(KnowledgePointRow(bank_code=bank_code, path=path))
            session.flush()
            audit.record(
                session,
                action="knowledge_point.added",
                object_type="bank",
                object_id=bank_code,
                actor_id=actor_id,
                details={"path": path},
                now=now,
            )


def _write_again(session: Session, newest: VersionOfItem, item: ExchangeItem, author_id: UUID, now: datetime) -> None:
    if newest.state == "returned":  # first a draft again: what is no draft never changes
        session.execute(update(ItemVersionRow).where(ItemVersionRow.id == newest.id).values(state="draft"))
    session.execute(
        update(ItemVersionRow).where(ItemVersionRow.id == newest.id).values(author_id=author_id, **values_of(item))
    )
    keep_pictures(session, newest.item_id, newest.id, item)
    forget_likeness(session, [newest.id])
    wrote = session.execute(
        select(ItemEventRow.id)
        .where(
            ItemEventRow.version_id == newest.id,
            ItemEventRow.action == "written",
            ItemEventRow.actor_id == author_id,
            ItemEventRow.round == newest.round,
        )
        .limit(1)
    ).first()
    if wrote is None:  # once for each person and round: a line for each save would tell nobody more
        add_event(session, newest.item_id, newest.id, "written", actor_id=author_id, round=newest.round, now=now)
    session.flush()


def _on_its_way(session: Session, bank_code: str, ref: str) -> bool:
    """Whether another own item with this code is written or reviewed now: a file brought one."""
    found = select(ItemVersionRow.id).where(
        ItemVersionRow.bank_code == bank_code,
        ItemVersionRow.ref == ref,
        ItemVersionRow.revision_id.is_(None),
        ItemVersionRow.state.in_(queries.ON_THEIR_WAY),
    )
    return session.execute(found.limit(1)).first() is not None


def _last_number(session: Session, item_id: UUID) -> int:
    numbers = session.execute(select(ItemVersionRow.version_no).where(ItemVersionRow.item_id == item_id)).scalars()
    return max(numbers, default=0)


def _recorded(session: Session, action: str, version_id: UUID, bank_code: str, actor_id: UUID, now: datetime) -> None:
    session.flush()
    audit.record(
        session,
        action=action,
        object_type="item_version",
        object_id=version_id,
        actor_id=actor_id,
        details={"bank": bank_code},
        now=now,
    )
