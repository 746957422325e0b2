"""Takes the proof of a training in: a file that is what it says, encrypted in the store and never shown inside a page."""

import hashlib
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from lms import settings as settings_module
from lms.accounts.domain.reach import Staff
from lms.infra import crypto
from lms.infra.db import after_commit, reading, unit_of_work
from lms.infra.sealing import BATCH, Count, in_batches, seal, unseal
from lms.infra.storage import storage
from lms.kernel import clock, ids
from lms.kernel.errors import N_, Conflict, Invalid, NotFound
from lms.offline.domain import proofs
from lms.offline.domain.workflow import Act
from lms.offline.models import OutsideTrainingRow
from lms.offline.service.holding import held, lay_hand, led_to, write

TO_DO = N_("培训的登记没有受影响。请让登记单位重新上传，或请系统管理员从备份恢复。")
STRAY_AFTER = timedelta(days=1)
_NAME_LENGTH = 32  # of an id; names of before are digests, which nobody gives any more

_KEPT = (OutsideTrainingRow.proof_file, OutsideTrainingRow.proof_key_sealed, OutsideTrainingRow.proof_sha256)


class ProofRefused(Invalid):
    """The file can't be a proof."""

    code, title = "proof_refused", N_("没有接受这个文件")


class ProofDamaged(Conflict):
    """The store has not, or no longer, what was handed in."""

    code = "proof_damaged"
    title = N_("证明材料的文件丢失、损坏或被改动过，不能下载")


def put_proof(training_id: UUID, content: bytes, name: str, *, by: Staff, now: datetime) -> None:
    """Makes a file the proof of a training that is still open; the one before it is deleted.

    The file is there before the row names it. Raises NotFound, NotNow, ProofRefused.
    """
    most = settings_module.current().proof_mb
    if len(content) > most * 1024 * 1024:
        raise ProofRefused(fields={"file": proofs.TOO_LARGE}, extra={"most": most})
    kind = proofs.kind_of(content)
    if kind is None:
        raise ProofRefused(fields={"file": proofs.NOT_KNOWN})
    with unit_of_work() as session:
        led_to(held(session, training_id, by), Act.EDIT)
    digest = hashlib.sha256(content).hexdigest()
    stored = _store(training_id, content, now)
    try:
        with unit_of_work() as session:
            row = held(session, training_id, by)
            led_to(row, Act.EDIT)
            _delete_after(row.proof_file, training_id)
            lay_hand(session, training_id, by.person_id)
            write(
                session,
                training_id,
                "training_proof",
                by=by.person_id,
                now=now,
                details={"sha256": digest, "bytes": len(content)},
                proof_name=proofs.shown_name(name),
                proof_kind=kind,
                proof_sha256=digest,
                proof_bytes=len(content),
                **stored,
            )
    except Exception:  # whatever it was: no row will name the file
        storage().delete(_place(training_id, stored["proof_file"]))
        raise


def proof_of(session: Session, training_id: UUID) -> bytes:
    """The content of a training's proof, for somebody whose reach was looked at.

    Raises NotFound without one, ProofDamaged for a file that is not what was handed in.
    """
    row = session.execute(select(*_KEPT).where(OutsideTrainingRow.id == training_id)).first()
    if row is None or not row.proof_file:
        raise NotFound
    return _content(training_id, *row)


def _content(training_id: UUID, name: str, sealed: str, digest: str) -> bytes:
    place = _place(training_id, name)
    try:
        with storage().open(place) as file:
            content = file.read()
        if sealed:
            content = crypto.decrypt_file(
                content, unseal(OutsideTrainingRow.proof_key_sealed, training_id, sealed), place
            )
    except (NotFound, crypto.CryptoFault) as error:
        raise ProofDamaged(TO_DO) from error
    if hashlib.sha256(content).hexdigest() != digest:
        raise ProofDamaged(TO_DO)
    return content


def encrypt_earlier(*, batch: int = BATCH) -> Count:
    """Encrypts the proofs that an earlier version stored as they were uploaded; what was killed is taken up by the next run.

    A file that is missing or altered stays so, and is counted as unreadable. Nothing that no row names is left behind.
    """
    table, count = OutsideTrainingRow, Count("storage/proofs")

    def encrypt(session: Session, row: Any) -> None:
        try:
            content = _content(*row)
        except ProofDamaged:
            count.unreadable += 1
            return
        stored = _store(row.id, content, clock.now())
        session.execute(
            update(table).where(table.id == row.id).values(stored).execution_options(synchronize_session=False)
        )
        count.changed += 1

    in_batches(encrypt, _KEPT, (table.proof_file != "") & (table.proof_key_sealed == ""), batch)
    _clear_strays(clock.now())
    return count


def _clear_strays(now: datetime) -> None:
    """Deletes files that no row names: what was encrypted, and what a kill left, once nobody can be entering it any more."""
    folders = [UUID(one) for one in storage().names("proofs")]
    for first in range(0, len(folders), BATCH):
        some = folders[first : first + BATCH]
        with reading() as session:
            rows = session.execute(
                select(OutsideTrainingRow.id, OutsideTrainingRow.proof_file).where(OutsideTrainingRow.id.in_(some))
            )
            named = {row[0]: row[1] for row in rows}
        for training_id in some:
            for name in storage().names(f"proofs/{training_id}"):
                fresh = len(name) == _NAME_LENGTH and now - ids.moment_of(UUID(name)) < STRAY_AFTER
                if name != named.get(training_id) and not fresh:
                    storage().delete(_place(training_id, name))


def _store(training_id: UUID, content: bytes, now: datetime) -> dict[str, str]:
    """Puts a file into the store under a name and a key of its own. Returns what its row has to say of it."""
    name = ids.new_id(now).hex
    key, sealed = crypto.encrypt_file(content, _place(training_id, name))
    storage().put_bytes(_place(training_id, name), sealed)
    return {"proof_file": name, "proof_key_sealed": seal(OutsideTrainingRow.proof_key_sealed, training_id, key)}


def _delete_after(name: str, training_id: UUID) -> None:
    """Deletes a file that a row named, once the row names it no more."""
    if name:
        after_commit(lambda: storage().delete(_place(training_id, name)))


def _place(training_id: UUID, name: str) -> str:
    """Where the store keeps a proof."""
    return f"proofs/{training_id}/{name}"
