"""The store holds no proof in clear: each is encrypted under a key of its own, which only its row can give."""

import hashlib
from collections.abc import Callable, Iterator
from datetime import timedelta
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import select, update

from lms.audit import service as audit
from lms.infra import crypto, schema, sealing
from lms.infra.db import reading, unit_of_work
from lms.infra.storage import storage
from lms.kernel import clock, ids
from lms.kernel.errors import NotFound
from lms.offline import service
from lms.offline.models import OutsideTrainingRow
from lms.offline.service import proving
from lms.settings import Settings
from tests.factories.outside import PDF, Office, approve, draft, submitted
from tests.factories.people import NOW
from tests.service.cli.conftest import Command, lms

__all__ = ["lms"]

NUMBER = b"11010519491231002X"
TELLING = PDF.replace(b"<<>>", b"<</Title (" + NUMBER + b")>>", 1)
OTHER = PDF.replace(b"1 0 obj", b"2 0 obj")


@pytest.fixture(autouse=True)
def keys_come_back(app: Flask, settings: Settings) -> Iterator[None]:
    yield
    crypto.configure(settings.field_key, settings.field_key_id)


def row_of(training_id: UUID) -> OutsideTrainingRow:
    with reading() as session:
        row = session.get_one(OutsideTrainingRow, training_id)
        session.expunge(row)
    return row


def place_of(training_id: UUID) -> str:
    return f"proofs/{training_id}/{row_of(training_id).proof_file}"


def stored(training_id: UUID) -> bytes:
    with storage().open(place_of(training_id)) as file:
        return file.read()


def proof_of(training_id: UUID) -> bytes:
    with reading() as session:
        return service.proof_of(session, training_id)


def put(office: Office, training_id: UUID, content: bytes) -> None:
    service.put_proof(training_id, content, "签到表.pdf", by=office.entering, now=NOW)


def as_of_before(training_id: UUID, content: bytes) -> None:
    """Stores a proof as version 0038 did: in clear, named by its digest."""
    digest = hashlib.sha256(content).hexdigest()
    storage().delete(place_of(training_id))
    storage().put_bytes(f"proofs/{training_id}/{digest}", content)
    with unit_of_work() as session:
        session.execute(
            update(OutsideTrainingRow)
            .where(OutsideTrainingRow.id == training_id)
            .values(proof_file=digest, proof_key_sealed="")
        )


def test_the_store_tells_nothing_of_a_proof_and_its_row_opens_it(office: Office) -> None:
    training_id = draft(office, proof=False)
    put(office, training_id, TELLING)
    held = stored(training_id)
    assert proof_of(training_id) == TELLING
    assert NUMBER not in held and b"%PDF" not in held and len(held) == len(TELLING) + 12 + 16
    row = row_of(training_id)
    assert row.proof_sha256 == hashlib.sha256(TELLING).hexdigest() != row.proof_file
    assert row.proof_key_sealed.startswith(crypto.current_beginning())


def test_a_replaced_proof_is_gone_and_the_same_file_again_gets_another_key(office: Office) -> None:
    training_id = draft(office)
    seen = []
    for content in (PDF, OTHER):
        seen.append((place_of(training_id), stored(training_id)))
        put(office, training_id, content)
        assert proof_of(training_id) == content
    assert seen[0][1] != seen[1][1], "the same content, yet nobody sees that it is"
    assert not any(storage().exists(place) for place, _ in seen)
    assert storage().names(f"proofs/{training_id}") == [row_of(training_id).proof_file]


def test_a_training_without_a_proof_has_none(office: Office) -> None:
    with pytest.raises(NotFound):
        proof_of(draft(office, proof=False))


@pytest.mark.parametrize(
    "damage",
    [lambda held: held[:-1], lambda held: held[:20] + bytes([held[20] ^ 1]) + held[21:], lambda _held: b"", lambda _held: PDF],
    ids=["cut", "one bit", "empty", "in clear"],
)  # fmt: skip
def test_a_file_that_was_altered_is_not_given_out(office: Office, damage: Callable[[bytes], bytes]) -> None:
    training_id = draft(office)
    storage().put_bytes(place_of(training_id), damage(stored(training_id)))
    with pytest.raises(service.ProofDamaged):
        proof_of(training_id)


def test_a_missing_file_is_told(office: Office) -> None:
    training_id = draft(office)
    storage().delete(place_of(training_id))
    with pytest.raises(service.ProofDamaged):
        proof_of(training_id)


def test_file_and_key_of_another_training_do_not_open_here(office: Office) -> None:
    one, other = draft(office), draft(office, "王建国")
    storage().put_bytes(place_of(one), stored(other))
    with pytest.raises(service.ProofDamaged):
        proof_of(one)
    with unit_of_work() as session:
        token = session.get_one(OutsideTrainingRow, other).proof_key_sealed
        session.get_one(OutsideTrainingRow, one).proof_key_sealed = token
    with pytest.raises(service.ProofDamaged):
        proof_of(one)


def test_what_no_key_covers_must_still_be_what_was_handed_in(office: Office) -> None:
    training_id = draft(office)
    as_of_before(training_id, PDF)
    storage().put_bytes(place_of(training_id), OTHER)
    with pytest.raises(service.ProofDamaged):
        proof_of(training_id)


def test_a_proof_that_could_not_be_entered_leaves_no_file(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    training_id = draft(office)

    def fail(*_: object) -> None:
        raise RuntimeError

    with monkeypatch.context() as patched, pytest.raises(RuntimeError):
        patched.setattr(proving, "lay_hand", fail)
        put(office, training_id, OTHER)
    assert storage().names(f"proofs/{training_id}") == [row_of(training_id).proof_file]
    assert proof_of(training_id) == PDF


def test_another_field_key_touches_no_file_and_no_mark(office: Office, settings: Settings) -> None:
    decided, waiting = submitted(office), draft(office, "王建国")
    approve(office, decided)
    before = {one: stored(one) for one in (decided, waiting)}
    records = settings.field_key
    crypto.configure("n" * 40, "k9", old={settings.field_key_id: settings.field_key}, record_key=records)
    counts = {count.column: count for count in sealing.rotate()}
    assert counts["outside_training.proof_key_sealed"].changed == 2
    crypto.configure("n" * 40, "k9", record_key=records)
    for one, held in before.items():
        assert stored(one) == held and proof_of(one) == PDF
    assert audit.verify(settings.seal_log_path, now=NOW).ok


def test_rotating_encrypts_what_an_earlier_version_stored_in_clear(
    office: Office, settings: Settings, lms: Command
) -> None:
    decided, waiting, lost = submitted(office), draft(office, "王建国"), draft(office, "李四")
    approve(office, decided)
    for one in (decided, waiting, lost):
        as_of_before(one, PDF)
    assert proof_of(waiting) == PDF == stored(waiting)
    storage().delete(place_of(lost))
    told = lms("keys", "rotate")
    assert told.exit_code == 1 and "storage/proofs: 2 changed, 1 unreadable" in told.output
    for one in (decided, waiting):
        assert proof_of(one) == PDF and b"%PDF" not in stored(one)
        assert storage().names(f"proofs/{one}") == [row_of(one).proof_file]
    assert audit.verify(settings.seal_log_path, now=NOW).ok
    assert service.encrypt_earlier().changed == 0


def test_encrypting_earlier_ones_is_taken_up_where_it_was_killed(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    trainings = [draft(office), draft(office, "王建国"), draft(office, "李四")]
    for one in trainings:
        as_of_before(one, PDF)
    puts: list[str] = []
    put_bytes = storage().put_bytes

    def kill(key: str, content: bytes) -> None:
        put_bytes(key, content)
        puts.append(key)
        if len(puts) == 2:
            raise KeyboardInterrupt

    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr(storage(), "put_bytes", kill)
        service.encrypt_earlier(batch=1)
    assert [proof_of(one) for one in trainings] == [PDF] * 3
    assert service.encrypt_earlier(batch=1).changed == 2
    assert [proof_of(one) for one in trainings] == [PDF] * 3


@pytest.mark.parametrize("fault", [KeyboardInterrupt, PermissionError])
def test_clear_files_that_a_broken_run_left_are_deleted_by_the_next(
    office: Office, monkeypatch: pytest.MonkeyPatch, fault: type[BaseException]
) -> None:
    trainings = [draft(office), draft(office, "王建国"), draft(office, "李四")]
    for one in trainings:
        put(office, one, TELLING)
        as_of_before(one, TELLING)
    clear = hashlib.sha256(TELLING).hexdigest()

    def fail(_key: str) -> None:
        raise fault

    for _ in range(2):  # also a run that has nothing left to encrypt says that it could not end its work
        with monkeypatch.context() as patched, pytest.raises(fault):
            patched.setattr(storage(), "delete", fail)
            service.encrypt_earlier()
        assert all(clear in storage().names(f"proofs/{one}") for one in trainings)
    service.encrypt_earlier()
    for one in trainings:
        assert storage().names(f"proofs/{one}") == [row_of(one).proof_file] and proof_of(one) == TELLING


def test_only_what_nobody_can_be_entering_any_more_counts_as_left_behind(office: Office) -> None:
    training_id = draft(office)
    now = clock.now()
    fresh, old = ids.new_id(now).hex, ids.new_id(now - timedelta(days=2)).hex
    for name in (fresh, old):
        storage().put_bytes(f"proofs/{training_id}/{name}", b"sealed")
    service.encrypt_earlier()
    assert set(storage().names(f"proofs/{training_id}")) == {fresh, row_of(training_id).proof_file}


def test_the_step_of_the_schema_finds_earlier_proofs_and_gives_up_no_key(office: Office) -> None:
    training_id = draft(office)
    with pytest.raises(RuntimeError, match="1 proofs are encrypted"):
        schema.downgrade("0038")
    as_of_before(training_id, PDF)
    schema.downgrade("0038")
    schema.upgrade()
    assert proof_of(training_id) == PDF
    with reading() as session:
        assert session.execute(select(OutsideTrainingRow.proof_key_sealed)).scalars().all() == [""]
