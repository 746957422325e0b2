"""Files of items that people hand in on a page: read whole, shown, and stored only when they are confirmed."""

from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import and_, delete, or_, update

from lms.infra.db import unit_of_work
from lms.kernel import ids
from lms.kernel.errors import N_, Conflict
from lms.kernel.numbers import without_numbers
from lms.kernel.quoted_numbers import without_quoted_numbers
from lms.questionbank import queries
from lms.questionbank.domain.exchangedata import to_data
from lms.questionbank.models import ItemImportRow
from lms.questionbank.service.drafts import Stored, like_known, store_drafts
from lms.questionbank.service.files import FileReading

KEPT_FOR = timedelta(days=7)


class AlreadyStored(Conflict):
    """This file has been stored."""

    code, title = "items_stored", N_("这份题目已经导入过了")


class NothingToStore(Conflict):
    """No item of the file is whole, or some are not and nobody asked to leave them out."""

    code, title = "nothing_to_store", N_("文件里有错误的题目，没有导入；可以改好后重新上传，或选择只导入没有错误的题目")


def keep_upload(bank_code: str, read: FileReading, file_name: str, *, actor_id: UUID, now: datetime) -> UUID:
    """Keeps what a file for a bank holds, faults too, until it is confirmed. Returns the id under which it waits.

    What this person read before and never confirmed is dropped, and every file of more than a week ago.
    """
    with unit_of_work() as session:
        session.execute(
            delete(ItemImportRow).where(
                or_(
                    and_(ItemImportRow.state == "waiting", ItemImportRow.actor_id == actor_id),
                    ItemImportRow.read_at < now - KEPT_FOR,
                )
            )
        )
        warned = like_known(session, bank_code, read.items)
        items = [
            replace(one, warnings=(*one.warnings, warned[place])) if place in warned else one
            for place, one in enumerate(read.items)
        ]
        import_id = ids.new_id(now)
        session.add(
            ItemImportRow(
                id=import_id,
                bank_code=bank_code,
                actor_id=actor_id,
                file_name=without_numbers(file_name)[-120:],
                format=read.format.value if read.format else "",
                items=[  # places, warnings and faults quote the file
                    [
                        to_data(one.item),
                        without_quoted_numbers(one.where),
                        [without_quoted_numbers(text) for text in one.warnings],
                    ]
                    for one in items
                ],
                faults=[
                    [without_quoted_numbers(fault.where), without_quoted_numbers(fault.message)]
                    for fault in read.faults
                ],
                read_at=now,
            )
        )
    return import_id


def store_upload(
    import_id: UUID, *, actor_id: UUID, only_valid: bool = False, replacing: bool = False, now: datetime
) -> Stored:
    """Stores what waits as drafts of its bank, all or nothing unless `only_valid`.

    Raises NotFound, AlreadyStored, NothingToStore, ItemsRefused.
    """
    with unit_of_work() as session:
        waiting = queries.waiting_file(session, import_id, actor_id, lock=True)
        if waiting.state == "stored":
            raise AlreadyStored
        if not waiting.items or (waiting.faults and not only_valid):
            raise NothingToStore
        done = store_drafts(
            waiting.bank_code, waiting.items, now=now, actor_id=actor_id, replace=replacing, only_valid=only_valid
        )
        session.execute(
            update(ItemImportRow).where(ItemImportRow.id == import_id).values(state="stored", stored_at=now)
        )
    return done
