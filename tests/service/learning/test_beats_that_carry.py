"""A page carries the rows from beat to beat, so that nothing is read; what it carries never earns what the rows would not."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from lms.infra import crypto, dbdriver
from lms.learning import service
from lms.learning.service.carried import LIVES, LONGEST
from tests.factories import learning
from tests.factories.learning import Course, School
from tests.service.learning.watching import after, beat, open_lease


@pytest.fixture
def statements(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Whether what beats say to the driver reads or writes."""
    said: list[str] = []
    execute = dbdriver.execute

    def heard(connection: Any, statement: str, values: Any) -> Any:
        said.append("read" if statement.split()[0] == "SELECT" else "write")
        return execute(connection, statement, values)

    monkeypatch.setattr(dbdriver, "execute", heard)
    return said


@pytest.fixture
def carry(clean: object, course: Course, learner: UUID) -> tuple[UUID, str]:
    """A lease that was paid 5 seconds after 5, and what its page carries."""
    lease = open_lease(course, learner)
    carried = beat(lease, (0, 5_000), now=after(5)).carry
    assert carried is not None and len(carried) < 600
    return lease, carried


def test_a_beat_that_carries_reads_nothing(carry: tuple[UUID, str], statements: list[str]) -> None:
    lease, carried = carry
    for n in range(2, 6):
        outcome = beat(lease, (5_000 * n - 5_000, 5_000 * n), now=after(5 * n), seq=n, carry=carried)
        assert (outcome.accepted_ms, outcome.watched) == (5_000, ((0, 5_000 * n),))
        assert outcome.carry is not None
        carried = outcome.carry
    assert statements == ["write"] * 4


def test_what_is_carried_twice_is_paid_once(carry: tuple[UUID, str], statements: list[str]) -> None:
    lease, carried = carry
    paid = [beat(lease, (0, 10_000), now=after(10), seq=n, carry=carried).accepted_ms for n in (2, 3, 4)]
    assert paid == [5_000, 0, 0]
    assert statements == ["write", *["write", "read", "write"] * 2], "the overtaken one reads again, without a fault"


def _revoked(lease: UUID, learner: UUID) -> None:
    service.revoke_leases(person_id=learner, now=after(6))


def _elsewhere(lease: UUID, learner: UUID) -> None:
    beat(lease, (40_000, 41_000), now=after(6), seq=9)


@pytest.mark.parametrize("meanwhile", [_revoked, _elsewhere])
def test_a_carry_that_is_no_longer_so_changes_nothing(
    carry: tuple[UUID, str], learner: UUID, meanwhile: Callable[[UUID, UUID], None]
) -> None:
    lease, carried = carry
    meanwhile(lease, learner)
    outcome = beat(lease, (0, 60_000), now=after(10), seq=10, carry=carried)
    if meanwhile is _revoked:
        assert (outcome.lease_state, outcome.over, outcome.accepted_ms) == ("revoked", True, 1_000)
    else:
        assert outcome.watched == ((0, 9_000), (40_000, 41_000))


def test_only_this_lease_s_fresh_carry_is_opened(
    carry: tuple[UUID, str], course: Course, school: School, statements: list[str]
) -> None:
    lease, carried = carry
    other = open_lease(course, learning.add_person(school.unit_id, now=after(0)), now=after(5))
    altered = carried[:-2] + ("A" if carried[-2] != "A" else "B") + carried[-1]
    foreign = beat(other, (0, 1_000), now=after(6)).carry
    unread = crypto.seal(b"no rows", f"watch_lease.carry:{lease.hex}")
    late = after(5) + LIVES + timedelta(seconds=1)
    for n, (token, now) in enumerate(
        [
            (altered, after(6)),
            (foreign, after(7)),
            (unread, after(8)),
            ("", after(9)),
            ("é", after(10)),
            (carried, late),
        ]
    ):
        del statements[:]
        beat(lease, now=now, seq=n + 2, carry=token)
        assert statements == ["read", "write"], token


def test_a_record_in_many_pieces_is_read(carry: tuple[UUID, str], school: School, learner: UUID) -> None:
    long = learning.add_course(school, "长课", duration_ms=1_000_000)
    lease, carried = open_lease(long, learner, now=after(20)), ""
    for n in range(20):
        begin = [1_000 + 2_000 * m for m in range(n * 20, n * 20 + 20)]
        outcome = beat(lease, *[(at, at + 5) for at in begin], now=after(21 + n), seq=1 + n, carry=carried)
        carried = outcome.carry or ""
        assert len(carried) <= LONGEST
    assert (len(outcome.watched), outcome.carry) == (400, None)
