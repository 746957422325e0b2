"""`lms hours` lists a ledger and corrects it in somebody's name."""

from uuid import UUID

import pytest

from lms.hours import queries
from lms.infra.db import reading
from lms.kernel import ids
from tests.factories.accounts import MakeAccount
from tests.factories.certificates import Land
from tests.factories.learning import NOW, Course, add_course, add_staff
from tests.service.cli.conftest import Command
from tests.service.hours.ledger import credited


@pytest.fixture
def owner(make_account: MakeAccount) -> UUID:
    return make_account("wangwu", name="王五").person_id


@pytest.fixture
def entry(land: Land, owner: UUID, make_account: MakeAccount) -> UUID:
    make_account("manager", name="管理员")
    make_account("seconder", name="复核员")
    course: Course = add_course(add_staff(land.unit))
    return credited(course, owner)


def earned(person_id: UUID) -> int:
    with reading() as session:
        return queries.year_of(session, person_id, NOW.year).self_study.earned


def test_an_entry_is_taken_back_and_credited_again(lms: Command, owner: UUID, entry: UUID) -> None:
    taken = lms("hours", "reverse", entry, "--by", "Manager", "--second", "seconder", "--reason", "误计")
    assert (taken.exit_code, earned(owner)) == (0, 0)
    reversal_id = UUID(taken.output.strip())
    again = lms("hours", "recredit", entry, "--by", "manager", "--second", "seconder", "--reason", "冲正有误")
    assert (again.exit_code, earned(owner)) == (0, 400)
    listed = lms("hours", "list", "wangwu").output.splitlines()
    assert len(listed) == 3
    told = {line.split(maxsplit=1)[0]: line.split(maxsplit=1)[1] for line in listed}
    assert told[str(entry)] == told[again.output.strip()] == "+4 self_study 2026-11-21 劳动关系与工会"
    assert told[str(reversal_id)].startswith("-4 self_study ")
    assert told[str(reversal_id)].endswith(f"劳动关系与工会 · reversal of {entry}: 误计")


def test_what_cannot_be_corrected_is_told_in_one_line(lms: Command, owner: UUID, entry: UUID) -> None:
    by = ("--by", "manager", "--second", "seconder", "--reason", "误计")
    for words, said in (
        (("reverse", ids.new_id(NOW), *by), "there is no such entry"),
        (
            ("reverse", entry, "--by", "nobody99", "--second", "seconder", "--reason", "误计"),
            "no account has the user name 'nobody99'",
        ),
        (("recredit", entry, *by), "still_counts"),
        (("reverse", entry, "--by", "manager", "--second", "Manager", "--reason", "误计"), "second_person"),
        (("reverse", entry, "--by", "manager", "--second", "wangwu", "--reason", "误计"), "own_hours"),
        (("reverse", entry, "--by", "manager", "--second", "seconder", "--reason", " "), "请写明理由"),
        (("list", "nobody99"), "no account has the user name 'nobody99'"),
    ):
        result = lms("hours", *words)
        assert result.exit_code == 1 and said in result.output and result.output.count("\n") == 1, result.output
    assert earned(owner) == 400


def test_a_person_and_a_reason_have_to_be_named(lms: Command, entry: UUID) -> None:
    assert lms("hours", "reverse", entry, "--reason", "误计").exit_code == 2
    assert lms("hours", "reverse", entry, "--by", "manager", "--second", "seconder").exit_code == 2
    assert lms("hours", "reverse", entry, "--by", "manager", "--reason", "误计").exit_code == 2
    assert (
        lms("hours", "reverse", "not-an-id", "--by", "manager", "--second", "seconder", "--reason", "误计").exit_code
        == 2
    )
