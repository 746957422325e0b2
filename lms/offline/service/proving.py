"""Takes the proof of a training in: a file that is what it says, kept in the store and never shown inside a page."""

import hashlib
from datetime import datetime
from uuid import UUID

from lms import settings as settings_module
from lms.accounts.domain.reach import Staff
from lms.infra.db import after_commit, unit_of_work
from lms.infra.storage import storage
from lms.kernel.errors import N_, Invalid
from lms.offline.domain import proofs
from lms.offline.domain.workflow import Act
from lms.offline.service.holding import held, lay_hand, led_to, write


class ProofRefused(Invalid):
    """The file can't be a proof."""

    code, title = "proof_refused", N_("没有接受这个文件")


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
    storage().put_bytes(proof_key(training_id, digest), content)
    with unit_of_work() as session:
        row = held(session, training_id, by)
        led_to(row, Act.EDIT)
        if row.proof_sha256 not in ("", digest):
            before = proof_key(training_id, row.proof_sha256)
            after_commit(lambda: storage().delete(before))
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
        )


def proof_key(training_id: UUID, digest: str) -> str:
    """Where the store keeps a proof."""
    return f"proofs/{training_id}/{digest}"
