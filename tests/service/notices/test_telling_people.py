"""People are told something once each; mail follows the commit to those who gave an address and can still sign in."""

from datetime import timedelta
from email import message_from_bytes, policy
from pathlib import Path
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import select, update

from lms.accounts.models import AccountRow, PersonRow
from lms.accounts.service import purging
from lms.infra import jobs, mail
from lms.infra.db import reading, unit_of_work
from lms.infra.jobs import JobRow
from lms.infra.sealing import seal
from lms.kernel.errors import NotFound
from lms.kernel.principal import Principal
from lms.notices import queries, service, tasks
from lms.notices.domain.messages import Message
from lms.settings import Settings
from tests.factories.cadres import at_work, make_admin
from tests.factories.joining import join_by_two
from tests.factories.people import NOW, Land, make_land, make_person

HELLO = Message("test.hello", "问候", "您好，%(name)s。", {"name": "张三"}, link="/me/hours")


@pytest.fixture
def land(clean: Flask) -> Land:
    return make_land()


@pytest.fixture
def person(land: Land) -> Principal:
    return make_person(land.unit)


def told(person_id: UUID) -> tuple[queries.Notice, ...]:
    with reading() as session:
        return queries.page(session, person_id).notices


def with_mail(person: Principal, address: str = "zhang@example.org") -> None:
    with unit_of_work() as session:
        session.get_one(PersonRow, person.person_id).mail_sealed = seal(
            PersonRow.mail_sealed, person.person_id, address
        )


def waiting() -> list[jobs.Job]:
    with reading() as session:
        rows = session.execute(select(JobRow).where(JobRow.kind == service.MAIL_JOB)).scalars()
        return [jobs.Job(row.id, row.kind, row.payload, 1, 5, "test") for row in rows]


def letters(settings: Settings) -> list[tuple[str, str]]:
    folder = settings.home / "outbox"
    files = sorted(folder.glob("*.eml")) if folder.is_dir() else []
    found = [message_from_bytes(file.read_bytes(), policy=policy.default) for file in files]
    return [(one["To"], f"{one['Subject']}\n{one.get_content()}") for one in found]


@pytest.fixture(autouse=True)
def empty_outbox(settings: Settings) -> None:
    for file in Path(settings.home / "outbox").glob("*.eml"):
        file.unlink()


def test_each_person_gets_their_message(land: Land, person: Principal) -> None:
    other = make_person(land.unit, "李四")
    got = service.send({person.person_id: HELLO, other.person_id: HELLO}, now=NOW)
    assert got == {person.person_id, other.person_id}
    assert [one.facts for one in told(person.person_id)] == [{"name": "张三"}]


def test_what_has_a_key_is_told_once(person: Principal) -> None:
    once = Message("test.once", "一次", "只说一次。", key="2026")
    assert service.send({person.person_id: once}, now=NOW) == {person.person_id}
    assert service.send({person.person_id: once}, now=NOW) == frozenset()
    assert len(told(person.person_id)) == 1
    assert len(waiting()) == 1


def test_what_has_no_key_is_told_each_time(person: Principal) -> None:
    for _ in range(2):
        service.send({person.person_id: HELLO}, now=NOW)
    assert len(told(person.person_id)) == 2


def test_nothing_is_told_by_work_that_is_rolled_back(person: Principal) -> None:
    with pytest.raises(ZeroDivisionError), unit_of_work():
        service.send({person.person_id: HELLO}, now=NOW)
        1 / 0  # noqa: B018
    assert not told(person.person_id)
    assert not waiting()


def test_mail_goes_to_who_gave_an_address(land: Land, person: Principal, settings: Settings) -> None:
    with_mail(person)
    other = make_person(land.unit, "没有邮箱")
    service.send({person.person_id: HELLO, other.person_id: HELLO}, now=NOW)
    for job in waiting():
        tasks.send_mails(job)
    [(to, text)] = letters(settings)
    assert to == "zhang@example.org"
    assert "您好，张三。" in text
    assert "http://localhost/me/notices" in text


def test_a_second_run_of_the_job_sends_nothing_again(person: Principal, settings: Settings) -> None:
    with_mail(person)
    service.send({person.person_id: HELLO}, now=NOW)
    for job in waiting() * 2:
        tasks.send_mails(job)
    assert len(letters(settings)) == 1


def test_who_was_disabled_gets_no_mail(person: Principal, settings: Settings) -> None:
    with_mail(person)
    service.send({person.person_id: HELLO}, now=NOW)
    with unit_of_work() as session:
        session.execute(update(AccountRow).where(AccountRow.id == person.account_id).values(state="disabled"))
    for job in waiting():
        tasks.send_mails(job)
    assert not letters(settings)


def test_an_address_that_is_refused_keeps_no_other_from_its_mail(
    land: Land, person: Principal, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = make_person(land.unit, "李四")
    with_mail(person, "refused@example.org")
    with_mail(other, "taken@example.org")
    sent: list[str] = []

    def send(_self: mail.Post, to: str, _subject: str, _text: str) -> None:
        if to.startswith("refused"):
            raise mail.NotSent("SMTPRecipientsRefused")
        sent.append(to)

    monkeypatch.setattr(mail.Post, "send", send)
    service.send({person.person_id: HELLO, other.person_id: HELLO}, now=NOW)
    for job in waiting() * 2:
        with pytest.raises(mail.NotSent):
            tasks.send_mails(job)
    assert sent == ["taken@example.org"]


@pytest.mark.parametrize("address", ["=?utf-8?q?a=0Ab?=@example.org", "a\u2028b@example.org"], ids=ascii)
def test_an_address_that_nothing_can_be_written_to_keeps_no_other_from_its_mail(
    land: Land, person: Principal, settings: Settings, address: str
) -> None:
    """As one that was stored before such addresses were refused."""
    others = [make_person(land.unit, "李四") for _ in range(3)]
    with_mail(others[1], address)
    for number, one in enumerate((person, others[0], others[2])):
        with_mail(one, f"taken{number}@example.org")
    service.send({one.person_id: HELLO for one in (person, *others)}, now=NOW)
    for job in waiting() * 2:
        with pytest.raises(mail.NotSent) as refused:
            tasks.send_mails(job)
        assert "example" not in str(refused.value) and refused.value.__suppress_context__
    assert sorted(to for to, _ in letters(settings)) == [f"taken{number}@example.org" for number in range(3)]


def test_pages_go_on_where_the_last_one_ended(person: Principal) -> None:
    for number in range(5):
        message = Message("test.many", "第几条", "第 %(n)s 条", {"n": str(number)})
        service.send({person.person_id: message}, now=NOW + timedelta(seconds=number))
    with reading() as session:
        first = queries.page(session, person.person_id, limit=3)
        second = queries.page(session, person.person_id, after=first.notices[-1].id, limit=3)
    assert [one.facts["n"] for one in first.notices] == ["4", "3", "2"]
    assert [one.facts["n"] for one in second.notices] == ["1", "0"]
    assert (first.more, second.more) == (True, False)


def test_opening_marks_as_read_and_says_where_it_leads(person: Principal) -> None:
    service.send({person.person_id: HELLO}, now=NOW)
    [one] = told(person.person_id)
    assert service.open_notice(one.id, person.person_id, now=NOW) == "/me/hours"
    assert told(person.person_id)[0].read_at == NOW


def test_nobody_opens_what_another_was_told(land: Land, person: Principal) -> None:
    service.send({person.person_id: HELLO}, now=NOW)
    [one] = told(person.person_id)
    with pytest.raises(NotFound):
        service.open_notice(one.id, make_person(land.unit).person_id, now=NOW)
    assert told(person.person_id)[0].read_at is None


def test_marking_all_leaves_what_came_after_the_page(person: Principal) -> None:
    service.send({person.person_id: HELLO}, now=NOW)
    [shown] = told(person.person_id)
    service.send({person.person_id: HELLO}, now=NOW + timedelta(seconds=5))
    assert service.read_all(person.person_id, until=shown.id, now=NOW) == 1
    assert [one.read_at is None for one in told(person.person_id)] == [True, False]


def test_two_accounts_of_one_human_have_one_list(land: Land, person: Principal) -> None:
    gone = make_person(land.unit)
    once = Message("test.once", "一次", "只说一次。", key="2026")
    service.send({person.person_id: once, gone.person_id: once}, now=NOW)
    service.send({gone.person_id: HELLO}, now=NOW)
    by = at_work(make_admin(land.province), land.province)
    join_by_two(person.person_id, gone.person_id, by=by, reason="同一人", now=NOW)
    assert sorted(one.kind for one in told(person.person_id)) == ["test.hello", "test.once"]


def test_what_concerns_a_joined_account_is_told_to_the_one_that_stays(land: Land, person: Principal) -> None:
    gone = make_person(land.unit)
    by = at_work(make_admin(land.province), land.province)
    join_by_two(person.person_id, gone.person_id, by=by, reason="同一人", now=NOW)
    one, other = (Message("test.result", "更正", "成绩更正。", key=key) for key in ("1", "2"))
    assert service.send({person.person_id: one, gone.person_id: other}, now=NOW) == {person.person_id}
    assert service.send({gone.person_id: one}, now=NOW) == frozenset(), "told already, by the other account"
    assert (len(told(person.person_id)), told(gone.person_id)) == (2, ())


def test_messages_are_removed_after_a_year(person: Principal) -> None:
    service.send({person.person_id: HELLO}, now=NOW - timedelta(days=366))
    service.send({person.person_id: HELLO}, now=NOW - timedelta(days=364))
    assert purging.purge(now=NOW, batch=1)["notice"] == 1
    assert len(told(person.person_id)) == 1
