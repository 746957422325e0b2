"""Keys of personal fields are changed while people are found, and a run that was killed is taken up by the next."""

import base64
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from flask import Flask
from sqlalchemy import event, select, update

from lms.accounts.models import AccountRow, CorrectionRow, IdNumberClashRow, PersonRow
from lms.accounts.queries.contacts import contact
from lms.accounts.service import id_numbers, keys
from lms.infra import crypto, db, sealing
from lms.infra.db import reading, unit_of_work
from lms.infra.sealing import seal, unseal
from lms.kernel import ids
from lms.settings import Settings
from tests.factories.people import NOW, Land, make_land, make_person
from tests.factories.qualification import give_number, id_number_of
from tests.service.cli.conftest import Command, lms

__all__ = ["lms"]

OLD, NEW = "o" * 40, "n" * 40
INDEX, INDEX_NEXT = "i" * 40, "j" * 40
NUMBERS = ("11010519491231002X", "440524188001010014", "330102199003071234")


class Killed(BaseException):
    """What stands for kill -9 in the middle of a batch."""


@pytest.fixture(autouse=True)
def keys_come_back(settings: Settings) -> Iterator[None]:
    yield
    crypto.configure(settings.field_key, settings.field_key_id)


def before() -> None:
    crypto.configure(OLD, "k1", index_key=INDEX)


def rotated(*, with_old: bool = True) -> None:
    crypto.configure(NEW, "k2", old={"k1": OLD} if with_old else {}, index_key=INDEX)


@pytest.fixture
def people(clean: Flask) -> list[UUID]:
    """Three people with everything that is sealed."""
    before()
    land: Land = make_land()
    made = [make_person(land.unit, name).person_id for name in ("张三", "李四", "王五")]
    with unit_of_work() as session:
        for number, (person_id, id_number) in enumerate(zip(made, NUMBERS, strict=True)):
            session.execute(
                update(PersonRow)
                .where(PersonRow.id == person_id)
                .values(
                    mobile_sealed=seal(PersonRow.mobile_sealed, person_id, f"1380000000{number}"),
                    mobile_hash=crypto.mac("mobile", f"1380000000{number}"),
                    mail_sealed=seal(PersonRow.mail_sealed, person_id, f"p{number}@example.org"),
                    id_number_sealed=seal(PersonRow.id_number_sealed, person_id, id_number),
                    id_number_hash=crypto.mac("id_number", id_number),
                )
            )
            account = session.execute(select(AccountRow).where(AccountRow.person_id == person_id)).scalar_one()
            account.totp_sealed = seal(AccountRow.totp_sealed, account.id, "ABCD")
            correction_id = ids.new_id(NOW)
            session.add(
                CorrectionRow(
                    id=correction_id,
                    person_id=person_id,
                    field="name",
                    old_sealed=seal(CorrectionRow.old_sealed, correction_id, "旧"),
                    new_sealed=seal(CorrectionRow.new_sealed, correction_id, "新"),
                    reason="",
                    state="open",
                    asked_at=NOW,
                )
            )
    return made


@pytest.fixture
def land_of(clean: Flask) -> Land:
    before()
    return make_land()


def tokens() -> list[str]:
    found: list[str] = []
    with reading() as session:
        for column in sealing.sealed_columns():
            found += [one for one in session.execute(select(column)).scalars() if one is not None]
    return found


def in_clear() -> list[str]:
    found: list[str] = []
    with reading() as session:
        for column in sealing.sealed_columns():
            rows = session.execute(select(column.class_.id, column).where(column.is_not(None))).all()
            found += [unseal(column, row_id, token) for row_id, token in rows]
    return sorted(found)


def killing_after(statements: int) -> Any:
    """Kills at a later UPDATE of the run; the function it returns lifts that again."""
    seen = [0]

    def kill(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if statement.startswith("UPDATE"):
            seen[0] += 1
            if seen[0] > statements:
                raise Killed

    engine = db.db.engine
    event.listen(engine, "before_cursor_execute", kill)
    return lambda: event.remove(engine, "before_cursor_execute", kill)


def run_killed(app: Flask, run: Any, after: int) -> None:
    with app.app_context():
        lift = killing_after(after)
        try:
            with pytest.raises(Killed):
                run()
        finally:
            lift()


def found(number: str) -> list[UUID]:
    hashes = crypto.index_hashes("id_number", number)
    with reading() as session:
        return list(session.execute(select(PersonRow.id).where(PersonRow.id_number_hash.in_(hashes))).scalars())


def test_every_sealed_column_is_rotated() -> None:
    named = {f"{column.class_.__tablename__}.{column.key}" for column in sealing.sealed_columns()}
    assert named == {
        f"{table.name}.{column.name}"
        for table in db.db.metadata.sorted_tables
        for column in table.columns
        if column.name.endswith("_sealed")
    }


def test_rotating_seals_everything_with_the_new_key_and_a_second_run_finds_nothing(people: list[UUID]) -> None:
    clear = in_clear()
    rotated()
    done = sealing.rotate(batch=2)
    assert {count.column: count.changed for count in done} == {
        "person.mobile_sealed": 3,
        "person.mail_sealed": 3,
        "person.id_number_sealed": 3,
        "account.totp_sealed": 3,
        "correction.old_sealed": 3,
        "correction.new_sealed": 3,
        "outside_training.proof_key_sealed": 0,
    }
    rotated(with_old=False)
    assert in_clear() == clear
    assert sum(count.changed for count in sealing.rotate()) == 0


def test_rotating_binds_tokens_of_before_to_their_place(people: list[UUID]) -> None:
    clear = in_clear()
    crypto.configure(OLD, "k1", index_key=INDEX, reads_unbound=True)
    key = AESGCM(HKDF(algorithm=SHA256(), length=32, salt=None, info=b"field-encryption").derive(OLD.encode()))
    with unit_of_work() as session:
        for row in session.execute(select(PersonRow)).scalars():
            text = unseal(PersonRow.mobile_sealed, row.id, row.mobile_sealed)
            body = b"n" * 12 + key.encrypt(b"n" * 12, text.encode(), b"k1")
            row.mobile_sealed = f"k1.{base64.urlsafe_b64encode(body).decode()}"
    assert in_clear() == clear
    assert sum(count.changed for count in sealing.rotate(batch=2)) == 3
    before()
    assert in_clear() == clear


def test_a_token_that_is_put_elsewhere_does_not_open(people: list[UUID]) -> None:
    one, other, _third = people
    with unit_of_work() as session:
        stolen = session.get_one(PersonRow, one).id_number_sealed
        session.get_one(PersonRow, other).mail_sealed = stolen
    with reading() as session, pytest.raises(crypto.CryptoFault):
        contact(session, other)
    with unit_of_work() as session:
        session.get_one(PersonRow, other).mail_sealed = session.get_one(PersonRow, one).mail_sealed
    with reading() as session, pytest.raises(crypto.CryptoFault):
        contact(session, other)


def test_a_killed_rotation_is_taken_up_where_it_stopped(people: list[UUID], app: Flask) -> None:
    clear = in_clear()
    rotated()
    run_killed(app, lambda: sealing.rotate(batch=1), after=7)
    assert {token.partition(".")[0] for token in tokens()} == {"k1", "k2"}
    assert in_clear() == clear
    assert sum(count.changed for count in sealing.rotate(batch=1)) == 18 - 7
    rotated(with_old=False)
    assert in_clear() == clear


def test_a_token_that_no_key_opens_stays_and_is_counted(people: list[UUID], lms: Command) -> None:
    crypto.configure(NEW, "k2")
    before_it = sorted(tokens())
    assert sum(count.unreadable for count in sealing.rotate(batch=2)) == 18
    assert sorted(tokens()) == before_it
    told = lms("keys", "rotate")
    assert told.exit_code == 1 and "18 values can't be read" in told.output and "k1" not in told.output


def test_people_are_found_at_every_step_of_rotating_the_index_key(people: list[UUID], app: Flask) -> None:
    def all_found() -> bool:
        return all(found(number) == [person_id] for number, person_id in zip(NUMBERS, people, strict=True))

    crypto.configure(OLD, "k1", index_key=INDEX, index_key_next=INDEX_NEXT)
    assert all_found()
    for after in (1, 2, 1, 1):  # killed while filling, while filling, while swapping, while swapping
        run_killed(app, lambda: keys.reindex(batch=1), after)
        assert all_found()
    done = keys.reindex(batch=1)
    assert done.unreadable == 0 and all_found()
    crypto.configure(OLD, "k1", index_key=INDEX_NEXT)
    assert all_found(), "the next key stands in the current one's place"
    run_killed(app, lambda: keys.reindex(batch=1), 1)
    assert all_found()
    assert keys.reindex(batch=1).cleared == 2
    with reading() as session:
        assert set(session.execute(select(PersonRow.id_number_hash_next)).scalars()) == {None}
        mobiles = session.execute(select(PersonRow.id, PersonRow.mobile_hash, PersonRow.mobile_sealed)).all()
    assert all(
        hashed == crypto.mac("mobile", unseal(PersonRow.mobile_sealed, row_id, sealed))
        for row_id, hashed, sealed in mobiles
    )
    assert keys.reindex() == keys.Reindexed(0, 0, 0, 0, 0, rotating=False)


def test_a_rotation_that_is_called_off_leaves_everybody_findable(people: list[UUID]) -> None:
    crypto.configure(OLD, "k1", index_key=INDEX, index_key_next=INDEX_NEXT)
    keys.reindex(batch=2)
    before()
    keys.reindex(batch=2)
    assert [found(number) for number in NUMBERS] == [[person_id] for person_id in people]


def test_a_number_given_before_the_restart_is_known_after_it(land_of: Land) -> None:
    """The next key is the current one, and the rows that were written last were not gone over yet."""
    one, other = (make_person(land_of.unit, name).person_id for name in ("赵六", "孙七"))
    number = id_number_of(7)
    crypto.configure(OLD, "k1", index_key=INDEX, index_key_next=INDEX_NEXT)
    keys.reindex()
    give_number(one, number)
    crypto.configure(OLD, "k1", index_key=INDEX_NEXT)
    with pytest.raises(id_numbers.CannotBeKept):
        give_number(other, number)
    with reading() as session:
        assert session.execute(select(IdNumberClashRow.person_id, IdNumberClashRow.other_id)).all() == [(other, one)]
    assert keys.reindex().clashes == ()
    assert found(number) == [one]


@pytest.mark.parametrize("next_key", ["", INDEX_NEXT], ids=["SETTLING", "ROTATING"])
def test_a_number_that_stands_on_two_people_is_named_and_stops_nobody_elses(
    people: list[UUID], lms: Command, settings: Settings, next_key: str
) -> None:
    """As processes leave it that ran with other keys; the pair stands in the middle of three."""
    first, middle, last = sorted(people)
    elsewhere, key = "e" * 40, INDEX_NEXT
    crypto.configure(OLD, "k1", index_key=elsewhere, index_key_next=key)
    other = make_person(make_land().unit, "赵六").person_id
    with unit_of_work() as session:
        sealed = {row: session.get_one(PersonRow, row).id_number_sealed for row in (first, middle, last)}
        number = unseal(PersonRow.id_number_sealed, middle, sealed[middle])
        for row in (first, middle, last):
            text = unseal(PersonRow.id_number_sealed, row, sealed[row])
            session.get_one(PersonRow, row).id_number_hash_next = (
                None if next_key else crypto.mac_next("id_number", text)
            )
        there = session.get_one(PersonRow, other)
        there.id_number_sealed = seal(PersonRow.id_number_sealed, other, number)
        there.id_number_hash = crypto.mac_next("id_number", number)
        there.id_number_hash_next = crypto.mac_next("id_number", number) if next_key else None
    crypto.configure(OLD, "k1", index_key=INDEX if next_key else key, index_key_next=next_key)
    for _ in range(2):
        done = keys.reindex(batch=2)
        assert set(done.clashes) == {(middle, other)}
    assert [found(unseal(PersonRow.id_number_sealed, row, sealed[row])) for row in (first, last)] == [[first], [last]]
    told = lms("keys", "reindex")
    assert told.exit_code == 1 and str(middle) in told.output and str(other) in told.output
    assert "now put" not in told.output and number not in told.output
    with unit_of_work() as session:
        id_numbers.erase(session, other, now=NOW)
    assert keys.reindex(batch=2).clashes == ()
    assert found(number) == [middle]
    assert lms("keys", "reindex").exit_code == 0


def test_missing_mobile_hashes_are_filled(people: list[UUID], lms: Command) -> None:
    with unit_of_work() as session:
        session.execute(update(PersonRow).where(PersonRow.id == people[0]).values(mobile_hash=""))
    told = lms("keys", "reindex")
    assert told.exit_code == 0 and "mobile numbers: 1 changed" in told.output
