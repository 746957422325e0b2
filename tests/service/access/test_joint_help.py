"""Two administrators help a third who has nobody above: neither alone, not for long, and never unseen."""

from datetime import datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import insert, select, update
from sqlalchemy.exc import DBAPIError

from lms.access import queries, service
from lms.access.domain import roles
from lms.access.domain.pairing import Help
from lms.access.models import JointHelpRow, RoleGrantRow
from lms.accounts import queries as accounts, service as signing
from lms.accounts.service import codes
from lms.accounts.service.reaching import OnlyForOthers
from lms.accounts.service.second_factor import NoSecondFactor
from lms.audit.models import AuditEntryRow
from lms.audit.service import verify
from lms.infra.db import reading, unit_of_work
from lms.kernel import ids
from lms.kernel.errors import DomainError, NotFound
from lms.kernel.principal import Principal
from lms.notices import queries as notices
from lms.settings import Settings
from tests.factories.people import NOW, Land, make_land, make_person
from tests.factories.together import at_once
from tests.service.accounts.test_registering import POLICY

LONG_AGO = NOW - timedelta(days=9)
LATER = NOW + timedelta(hours=1)


@pytest.fixture
def land(clean: object) -> Land:
    return make_land(LONG_AGO)


def chief(land: Land, name: str, role: str = roles.UNIT_ADMIN, now: datetime = LONG_AGO) -> Principal:
    return make_person(land.national, name, grants={role: land.national}, now=now)


@pytest.fixture
def three(land: Land) -> tuple[Principal, Principal, Principal]:
    """Who is helped, who asks, who confirms."""
    return chief(land, "被帮助人"), chief(land, "申请人"), chief(land, "确认人")


def ask(person: Principal, by: Principal, help_: Help = Help.SIGN_IN_CODE, now: datetime = NOW) -> UUID:
    return service.ask(person.person_id, help_, reason="手机丢失", by=by, now=now)


def confirm(request_id: UUID, by: Principal, now: datetime = LATER) -> codes.Slip | None:
    return service.confirm(request_id, by=by, hours=24, now=now)


def refusal(call: object, *args: object, **named: object) -> str:
    with pytest.raises(DomainError) as refused:
        call(*args, **named)  # type: ignore[operator]  # a function of the service
    return refused.value.code


def state(request_id: UUID) -> str:
    with reading() as session:
        return queries.joint_help(session, request_id).state


def acts() -> set[str]:
    with reading() as session:
        return {
            one
            for one in session.scalars(select(AuditEntryRow.action))
            if one.startswith(("joint_help", "sign_in_code", "second_factor", "account.break"))
        }


def test_one_asks_another_confirms_and_the_code_lets_in(three: tuple[Principal, ...], settings: Settings) -> None:
    helped, asker, other = three
    request_id = ask(helped, asker)
    slip = confirm(request_id, other)
    assert slip and slip.username == helped.username
    assert (state(request_id), acts()) == (
        "confirmed",
        {"joint_help.asked", "joint_help.confirmed", "sign_in_code.issued"},
    )
    with pytest.raises(signing.CodeNeeded):  # the code is right, and the second factor is asked as ever
        enter(helped, slip.code)
    assert verify(settings.seal_log_path, now=LATER).ok


def enter(person: Principal, code: str) -> signing.OpenedSession:
    return codes.sign_in_with_code(
        person.username,
        code,
        None,
        could_issue=lambda one, two: service.could_issue(one, two, LATER),
        policy=POLICY,
        browser=signing.Browser("1.2.3.4", "test"),
        now=LATER,
    )


def test_two_security_administrators_reset_the_second_factor_of_a_third(land: Land) -> None:
    helped, asker, other = (chief(land, name, roles.SECURITY_ADMIN) for name in ("甲", "乙", "丙"))
    assert confirm(ask(helped, asker, Help.SECOND_FACTOR), other) is None
    with reading() as session:
        assert accounts.credentials_of_person(session, helped.person_id).totp_secret is None
    assert acts() == {"joint_help.asked", "joint_help.confirmed", "second_factor.reset"}


def test_neither_who_asked_nor_who_is_helped_confirms(three: tuple[Principal, ...]) -> None:
    helped, asker, _other = three
    request_id = ask(helped, asker)
    for who in (asker, helped):
        assert refusal(confirm, request_id, who) == "another_person_needed"
    assert refusal(service.refuse, request_id, by=helped, now=LATER) == "another_person_needed"
    with pytest.raises(OnlyForOthers):
        ask(helped, helped)
    assert state(request_id) == "open"


def test_after_a_day_nobody_confirms_and_it_can_be_asked_for_again(three: tuple[Principal, ...]) -> None:
    helped, asker, other = three
    request_id = ask(helped, asker)
    assert refusal(ask, helped, other) == "joint_help_open"
    tomorrow = NOW + timedelta(hours=24)
    assert refusal(confirm, request_id, other, tomorrow) == "joint_help_settled"
    again = ask(helped, other, now=tomorrow)
    assert (state(request_id), state(again)) == ("lapsed", "open")


@pytest.mark.parametrize(("by", "wanted"), [(1, "withdrawn"), (2, "declined")])
def test_it_is_taken_back_or_declined_and_over(three: tuple[Principal, ...], by: int, wanted: str) -> None:
    request_id = ask(three[0], three[1])
    service.refuse(request_id, by=three[by], now=LATER)
    assert state(request_id) == wanted
    assert refusal(confirm, request_id, three[2]) == "joint_help_settled"


def test_who_got_the_role_today_is_not_one_of_the_two(land: Land, three: tuple[Principal, ...]) -> None:
    helped, asker, _other = three
    fresh = chief(land, "今天才任命", now=NOW - timedelta(hours=23))
    assert refusal(ask, helped, fresh) == "not_ones_to_give"
    assert refusal(confirm, ask(helped, asker), fresh, NOW) == "not_ones_to_give"


def test_an_asker_who_lost_the_role_meanwhile_asked_for_nothing(three: tuple[Principal, ...]) -> None:
    helped, asker, other = three
    request_id = ask(helped, asker)
    with unit_of_work() as session:
        session.execute(update(RoleGrantRow).where(RoleGrantRow.person_id == asker.person_id).values(ended_at=NOW))
    assert refusal(confirm, request_id, other) == "not_ones_to_give"
    assert state(request_id) == "open"


def test_who_is_not_the_one_to_give_the_roles_neither_asks_nor_confirms(land: Land) -> None:
    helped, asker = chief(land, "甲", roles.SECURITY_ADMIN), chief(land, "乙", roles.SECURITY_ADMIN)
    unit_admin = chief(land, "丙")
    assert refusal(ask, helped, unit_admin) == "not_ones_to_give"
    assert refusal(confirm, ask(helped, asker), unit_admin) == "not_ones_to_give"
    province = make_person(land.province, "省管理员", grants={roles.UNIT_ADMIN: land.province}, now=LONG_AGO)
    for act in (ask, confirm):
        with pytest.raises(NotFound):
            act(helped if act is ask else ask(unit_admin, asker), province)  # type: ignore[operator]  # a table


def test_for_whom_one_person_is_enough_nobody_asks_for_two(land: Land, three: tuple[Principal, ...]) -> None:
    plain = make_person(land.unit, "学员")
    for help_ in Help:
        with pytest.raises(NotFound):
            ask(plain, three[0], help_)


def test_a_help_that_cannot_be_given_leaves_the_request_open(land: Land) -> None:
    helped, asker, other = (chief(land, name, roles.SECURITY_ADMIN) for name in ("甲", "乙", "丙"))
    first = ask(helped, asker, Help.SECOND_FACTOR)
    confirm(first, other)
    second = ask(helped, asker, Help.SECOND_FACTOR, now=LATER)
    with pytest.raises(NoSecondFactor):
        confirm(second, other, LATER + timedelta(minutes=1))
    assert state(second) == "open"


def test_of_two_who_confirm_at_once_one_gets_a_slip(land: Land, three: tuple[Principal, ...]) -> None:
    helped, asker, other = three
    fourth, request_id = chief(land, "第四人"), ask(helped, asker)
    answers = at_once(lambda: confirm(request_id, other), lambda: confirm(request_id, fourth))
    assert sum(isinstance(one, codes.Slip) for one in answers) == 1, answers


def test_a_code_dies_when_the_person_becomes_more_than_who_confirmed_could_give(
    land: Land, three: tuple[Principal, ...]
) -> None:
    helped, asker, other = three
    chief(land, "安全", roles.SECURITY_ADMIN)
    slip = confirm(ask(helped, asker), other)
    with unit_of_work() as session:
        session.execute(update(RoleGrantRow).where(RoleGrantRow.person_id == helped.person_id).values(ended_at=LATER))
    service.appoint(helped.person_id, roles.SECURITY_ADMIN, land.national.id, reason="改任", now=LATER)
    assert slip
    with pytest.raises(signing.WrongSignInCode):
        enter(helped, slip.code)


@pytest.mark.parametrize(
    "changes",
    [
        {"asked_by": 0},
        {"state": "confirmed", "decided_by": 0, "decided_at": NOW},
        {"state": "confirmed", "decided_by": 1, "decided_at": NOW},
        {"state": "withdrawn", "decided_by": 2, "decided_at": NOW},
        {"state": "confirmed", "decided_by": None, "decided_at": NOW},
        {"state": "open", "decided_by": 2, "decided_at": NOW},
        {"help": "password"},
    ],
    ids=["ASKED_FOR_ONESELF", "BY_WHO_IS_HELPED", "BY_WHO_ASKED", "WITHDRAWN_BY_ANOTHER", "BY_NOBODY", "OPEN", "OTHER"],
)
def test_the_table_itself_wants_two_different_persons(three: tuple[Principal, ...], changes: dict[str, object]) -> None:
    who = [one.person_id for one in three]
    changed = {
        name: who[value] if name.endswith("_by") and isinstance(value, int) else value
        for name, value in changes.items()
    }
    row = {
        "id": ids.new_id(NOW), "person_id": who[0], "help": "sign_in_code", "reason": "x", "asked_by": who[1],
        "asked_at": NOW, "state": "open",
    }  # fmt: skip
    with pytest.raises(DBAPIError), unit_of_work() as session:
        session.connection().execute(insert(JointHelpRow.__table__).values(row | changed))


def test_what_was_decided_stays(three: tuple[Principal, ...]) -> None:
    helped, asker, other = three
    request_id = ask(helped, asker)
    service.refuse(request_id, by=other, now=LATER)
    for statement in (
        update(JointHelpRow).values(state="open", decided_by=None, decided_at=None),
        update(JointHelpRow).values(reason="另一个理由"),
        JointHelpRow.__table__.delete(),
    ):
        with pytest.raises(DBAPIError), unit_of_work() as session:
            session.execute(statement)


def test_the_operator_helps_only_where_no_two_are_left(three: tuple[Principal, ...]) -> None:
    helped, asker, other = three

    def help_() -> codes.Slip | None:
        return service.break_glass(helped.username, Help.SIGN_IN_CODE, reason="只剩一人", hours=24, now=LATER)

    assert refusal(help_) == "two_are_there"
    signing.disable(other.username, reason="离任", now=LATER)
    slip = help_()
    assert slip and acts() == {"sign_in_code.issued", "account.break_glass"}
    with pytest.raises(signing.CodeNeeded):
        enter(helped, slip.code)
    with pytest.raises(NotFound):
        service.break_glass("nobody", Help.SIGN_IN_CODE, reason="x", hours=24, now=LATER)
    assert asker


def test_everybody_concerned_is_told_and_no_message_holds_the_code(land: Land, three: tuple[Principal, ...]) -> None:
    helped, asker, other = three
    stranger = make_person(land.province, "省管理员", grants={roles.UNIT_ADMIN: land.province}, now=LONG_AGO)
    slip = confirm(ask(helped, asker), other)
    with reading() as session:
        told = {one.person_id: notices.page(session, one.person_id).notices for one in (*three, stranger)}
    assert [len(told[one.person_id]) for one in (*three, stranger)] == [2, 2, 2, 0]
    assert slip and slip.code not in repr(told)
    assert {one.link != "" for one in told[helped.person_id]} == {False}
