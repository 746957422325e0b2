"""People correct contacts at once and identity fields by review; values are stored sealed and nobody decides for themselves."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import select, update

from lms.access.domain import roles
from lms.accounts.domain.corrections import Identity
from lms.accounts.domain.notice import ID_NUMBER
from lms.accounts.domain.reach import Staff
from lms.accounts.models import ConsentRow, CorrectionRow, MembershipRow, PersonRow
from lms.accounts.queries import corrections as queries, privacy as privacy_queries
from lms.accounts.service import closing, contacts, corrections, id_numbers, identity
from lms.accounts.service.holding import OnOneself
from lms.accounts.service.reaching import MorePowerful
from lms.accounts.tasks import tell_former_contact
from lms.audit.models import AuditEntryRow
from lms.infra import crypto, mail
from lms.infra.db import reading, unit_of_work
from lms.infra.jobs import Job, JobRow
from lms.infra.sealing import unseal
from lms.kernel.errors import Invalid, NotFound
from lms.settings import Settings
from lms.web import ports
from tests.factories.cadres import at_work, make_admin, stored
from tests.factories.people import NOW, PASSWORD, Land, make_land, make_person
from tests.factories.qualification import give_number, id_number_of

CONTACT = contacts.Contact("13911112222", "w@example.org", "副主席", "section", "part_time", date(2024, 5, 6))


@pytest.fixture
def land(clean: Flask) -> Land:
    return make_land()


@pytest.fixture
def person_id(land: Land) -> UUID:
    return make_person(land.unit).person_id


def ask(person_id: UUID, field: Identity = Identity.NAME, value: str = "张珊") -> UUID:
    return corrections.ask(person_id, field, value, "注册时输错", now=NOW)


def audited() -> str:
    with reading() as session:
        return repr(session.execute(select(AuditEntryRow.action, AuditEntryRow.details)).all())


def test_contacts_change_at_once_and_only_their_names_are_recorded(person_id: UUID) -> None:
    assert set(contacts.update_own(person_id, CONTACT, password=PASSWORD, now=NOW)) == {
        "mobile", "mail", "post", "category", "employment", "appointed_on",
    }  # fmt: skip
    row = stored(person_id)
    assert unseal(
        PersonRow.mobile_sealed, person_id, row.mobile_sealed
    ) == "13911112222" and row.mobile_hash == crypto.mac("mobile", "13911112222")
    assert unseal(PersonRow.mail_sealed, person_id, row.mail_sealed) == "w@example.org"
    assert (row.post, row.category, row.employment, row.appointed_on) == (
        "副主席", "section", "part_time", date(2024, 5, 6),
    )  # fmt: skip
    assert contacts.update_own(person_id, CONTACT, password=PASSWORD, now=NOW) == ()
    assert contacts.update_own(person_id, replace(CONTACT, mobile="", mail=""), password=PASSWORD, now=NOW) == ("mail",)
    assert stored(person_id).mail_sealed is None
    assert "13911112222" not in audited() and "example.org" not in audited()


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"mobile": "123"}, "mobile"),
        ({"mail": "no address"}, "mail"),
        ({"mail": "a@b"}, "mail"),
        ({"mail": "a\u2028b@example.org"}, "mail"),
        ({"mail": "=?utf-8?q?a=0Ab?=@example.org"}, "mail"),
        ({"mail": f"{id_number_of(1)}@example.org"}, "mail"),
        ({"post": ""}, "post"),
        ({"category": "king"}, "category"),
        ({"employment": "king"}, "employment"),
        ({"appointed_on": date(2030, 1, 1)}, "appointed_on"),
    ],
)
def test_bad_contacts_change_nothing(person_id: UUID, changes: dict[str, object], field: str) -> None:
    with pytest.raises(Invalid) as caught:
        contacts.update_own(person_id, replace(CONTACT, **changes), password=PASSWORD, now=NOW)
    assert list(caught.value.fields) == [field]
    assert stored(person_id).post == "干部"


@pytest.mark.parametrize("changes", [{"mail": "thief@example.org"}, {"mobile": "13933334444"}, {"mail": ""}])
def test_where_codes_go_changes_with_the_password_only_and_the_former_place_is_told(
    person_id: UUID, changes: dict[str, str]
) -> None:
    contacts.update_own(person_id, CONTACT, password=PASSWORD, now=NOW)
    assert waiting() == [{"sms": "13800000000"}]
    for password in ("", "wrong"):
        with pytest.raises(Invalid) as caught:
            contacts.update_own(person_id, replace(CONTACT, **changes), password=password, now=NOW)
        assert list(caught.value.fields) == ["password"]
    assert contacts.update_own(person_id, replace(CONTACT, post="主席"), password="", now=NOW) == ("post",)
    assert contacts.update_own(
        person_id,
        replace(CONTACT, post="主席", **changes),
        password=PASSWORD,
        now=NOW,
    )
    told = [{"mail": "w@example.org"}, *([{"sms": "13911112222"}] if "mobile" in changes else [])]
    assert sorted(map(repr, waiting())) == sorted(map(repr, [{"sms": "13800000000"}, *told]))


def test_a_mail_that_cannot_be_sent_keeps_no_text_message_back(
    person_id: UUID, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    contacts.update_own(person_id, CONTACT, password=PASSWORD, now=NOW)
    own = replace(CONTACT, mobile="13933334444", mail="thief@example.org")
    contacts.update_own(person_id, own, password=PASSWORD, now=NOW)

    def send(_self: mail.Post, _to: str, _subject: str, _text: str) -> None:
        raise mail.NotSent("SMTPServerDisconnected")

    monkeypatch.setattr(mail.Post, "send", send)
    for message in (settings.home / "outbox").glob("*.sms"):
        message.unlink()
    with reading() as session:
        rows = session.execute(select(JobRow).where(JobRow.kind == contacts.CHANGED_JOB)).scalars().all()
    refused = 0
    for row in rows:
        try:
            tell_former_contact(Job(row.id, row.kind, row.payload, 1, 5, "test"))
        except mail.NotSent:
            refused += 1
    told = [message.read_text().split()[0] for message in (settings.home / "outbox").glob("*.sms")]
    assert (sorted(told), refused) == (["13800000000", "13911112222"], 1)


def test_who_was_confirmed_changes_no_fact_alone_that_targets_rest_on(person_id: UUID) -> None:
    contacts.update_own(person_id, CONTACT, password=PASSWORD, now=NOW)
    identity.vouch(person_id, actor_id=None, reason="test", now=NOW)
    for changes, named in (
        ({"category": "other"}, ["category"]),
        ({"appointed_on": date(2026, 11, 1), "post": "主席"}, ["appointed_on"]),
        ({"category": "other", "appointed_on": None}, ["category", "appointed_on"]),
    ):
        with pytest.raises(Invalid) as caught:
            contacts.update_own(person_id, replace(CONTACT, **changes), password=PASSWORD, now=NOW)
        assert list(caught.value.fields) == named
    row = stored(person_id)
    assert (row.post, row.category, row.appointed_on) == ("副主席", "section", date(2024, 5, 6))
    assert contacts.update_own(person_id, replace(CONTACT, employment="full_time"), password="", now=NOW) == (
        "employment",
    )


def test_a_date_that_was_never_given_may_be_given_by_who_was_confirmed(person_id: UUID) -> None:
    with unit_of_work() as session:
        session.execute(
            update(PersonRow).where(PersonRow.id == person_id).values(appointed_on=None, category="section")
        )
    identity.vouch(person_id, actor_id=None, reason="test", now=NOW)
    assert "appointed_on" in contacts.update_own(person_id, CONTACT, password=PASSWORD, now=NOW)
    with pytest.raises(Invalid):
        contacts.update_own(person_id, replace(CONTACT, appointed_on=date(2025, 1, 1)), password=PASSWORD, now=NOW)


def waiting() -> list[dict[str, str]]:
    """Whom the queue is to tell that they are reached elsewhere from now on."""
    with reading() as session:
        rows = session.execute(
            select(JobRow.payload).where(JobRow.kind == contacts.CHANGED_JOB).order_by(JobRow.id)
        ).scalars()
        return [{way: crypto.decrypt(to, contacts.CHANGED_JOB) for way, to in row.items()} for row in rows]


def test_a_request_is_stored_sealed_once_a_field(person_id: UUID) -> None:
    correction_id = ask(person_id)
    with pytest.raises(corrections.AskedAlready):
        ask(person_id, value="张杉")
    ask(person_id, Identity.SEX, "male")
    with reading() as session:
        row = session.get(CorrectionRow, correction_id)
        assert (
            row is not None
            and "张珊" not in row.new_sealed
            and unseal(CorrectionRow.new_sealed, correction_id, row.new_sealed) == "张珊"
        )
        shown = queries.corrections_of(session, person_id)
    assert {(one.field, one.old, one.new, one.state) for one in shown} == {
        (Identity.SEX, "female", "male", "open"),
        (Identity.NAME, "张三", "张珊", "open"),
    }
    assert "张珊" not in audited()


@pytest.mark.parametrize(
    ("field", "value", "reason"),
    [
        (Identity.NAME, "张三", "同名"),
        (Identity.NAME, " ", "空"),
        (Identity.NAME, "张" * 61, "太长"),
        (Identity.SEX, "x", "没有"),
        (Identity.UNIT, "nowhere", "没有"),
        (Identity.UNIT, "00000000-0000-0000-0000-000000000000", "没有"),
        (Identity.NAME, "张珊", "身份证 11010519491231002X"),
    ],
)
def test_a_bad_request_is_refused(person_id: UUID, field: Identity, value: str, reason: str) -> None:
    with pytest.raises(Invalid):
        corrections.ask(person_id, field, value, reason, now=NOW)


def test_an_approval_changes_the_field_and_its_keys(land: Land, person_id: UUID) -> None:
    correction_id = ask(person_id, value="单小明")
    by = at_work(make_admin(land.province), land.province)
    corrections.decide(correction_id, approve=True, comment="", by=by, now=NOW)
    row = stored(person_id)
    assert (row.name, row.name_key, row.initials) == ("单小明", "shanxiaoming", "sxm")
    with pytest.raises(corrections.Settled):
        corrections.decide(correction_id, approve=False, comment="晚了", by=by, now=NOW)
    assert stored(person_id).name == "单小明"
    ask(person_id, value="单小鸣")


def test_a_refusal_says_why_and_changes_nothing(land: Land, person_id: UUID) -> None:
    correction_id = ask(person_id, Identity.SEX, "male")
    by = at_work(make_admin(land.province), land.province)
    with pytest.raises(Invalid):
        corrections.decide(correction_id, approve=False, comment=" ", by=by, now=NOW)
    corrections.decide(correction_id, approve=False, comment="与档案不符", by=by, now=NOW)
    with reading() as session:
        (shown,) = queries.corrections_of(session, person_id)
    assert (shown.state, shown.comment, stored(person_id).sex) == ("declined", "与档案不符", "female")


def test_a_unit_changes_by_a_membership_from_today(land: Land, person_id: UUID) -> None:
    correction_id = ask(person_id, Identity.UNIT, str(land.other_unit.id))
    here = at_work(make_admin(land.province), land.province)
    with pytest.raises(corrections.UnitOutOfReach):
        corrections.decide(correction_id, approve=True, comment="", by=here, now=NOW)
    assert stored(person_id).unit_id == land.unit.id
    above = at_work(make_admin(land.national), land.national)
    corrections.decide(correction_id, approve=True, comment="", by=above, now=NOW)
    assert stored(person_id).unit_path == land.other_unit.path
    with reading() as session:
        rows = session.execute(select(MembershipRow.unit_id).where(MembershipRow.person_id == person_id)).all()
    assert len(rows) == 2


def give_compared(land: Land, person_id: UUID) -> None:
    give_number(person_id, id_number_of(1))
    by = at_work(make_admin(land.province), land.province)
    assert id_numbers.compare(person_id, id_number_of(1), by=by, now=NOW)


def test_an_id_number_is_corrected_by_review_and_compared_afterwards(land: Land, person_id: UUID) -> None:
    with pytest.raises(corrections.NoIdNumber):
        ask(person_id, Identity.ID_NUMBER, id_number_of(2))
    give_number(person_id, id_number_of(1))
    with pytest.raises(corrections.NoIdNumber):
        ask(person_id, Identity.ID_NUMBER, id_number_of(2))
    give_compared(land, person_id)
    correction_id = ask(person_id, Identity.ID_NUMBER, id_number_of(2))
    with reading() as session:
        (shown,) = queries.open_corrections(session, (land.province.path,), limit=5)
    assert shown.new == "330*************" + id_number_of(2)[-2:]
    other_id = make_person(land.unit, "李四").person_id
    give_number(other_id, id_number_of(2))
    by = at_work(make_admin(land.province), land.province)
    corrections.decide(correction_id, approve=True, comment="", by=by, now=NOW)
    row = stored(person_id)
    assert (row.id_number_sealed, row.id_number_hash, row.identity_level) == (None, None, "unit"), (
        "not kept, and not told"
    )
    with reading() as session:
        assert privacy_queries.waits(session, person_id), "who reaches both sees the pair"
        assert privacy_queries.own_id_number(session, person_id) == privacy_queries.IdNumber("", confirmed=False)


def test_a_corrected_number_is_compared_again_and_stands_in_one_place(land: Land, person_id: UUID) -> None:
    give_compared(land, person_id)
    correction_id = ask(person_id, Identity.ID_NUMBER, id_number_of(2))
    by = at_work(make_admin(land.province), land.province)
    corrections.decide(correction_id, approve=True, comment="", by=by, now=NOW)
    row = stored(person_id)
    assert unseal(PersonRow.id_number_sealed, person_id, row.id_number_sealed) == id_number_of(2)
    assert row.identity_level == "unit", "nobody compared the new number"
    with reading() as session:
        kept = session.get_one(CorrectionRow, correction_id)
        assert (kept.old_sealed, kept.new_sealed) == ("", ""), "the number stands in one place only"
    assert id_numbers.compare(person_id, id_number_of(2), by=by, now=NOW)
    assert stored(person_id).identity_level == "id_number"


def test_another_number_leaves_what_the_unit_vouched_for(land: Land, person_id: UUID) -> None:
    give_number(person_id, id_number_of(1))
    by = at_work(make_admin(land.province), land.province)
    assert id_numbers.compare(person_id, id_number_of(1), by=by, now=NOW)
    correction_id = ask(person_id, Identity.ID_NUMBER, id_number_of(2))
    corrections.decide(correction_id, approve=True, comment="", by=by, now=NOW)
    assert stored(person_id).identity_level == "unit"


def test_a_number_is_not_kept_once_the_consent_is_withdrawn(land: Land, person_id: UUID) -> None:
    give_compared(land, person_id)
    correction_id = ask(person_id, Identity.ID_NUMBER, id_number_of(2))
    other = ask(person_id, Identity.NAME)
    by = at_work(make_admin(land.province), land.province)
    id_numbers.withdraw(person_id, now=NOW)
    with pytest.raises(corrections.Settled):
        corrections.decide(correction_id, approve=True, comment="", by=by, now=NOW)
    with reading() as session:
        kept = session.get_one(CorrectionRow, correction_id)
        assert (kept.state, kept.old_sealed, kept.new_sealed) == ("withdrawn", "", "")
        assert session.get_one(CorrectionRow, other).state == "open"
    assert stored(person_id).id_number_sealed is None


def test_an_approval_asks_whether_the_consent_stands(land: Land, person_id: UUID) -> None:
    give_compared(land, person_id)
    correction_id = ask(person_id, Identity.ID_NUMBER, id_number_of(2))
    with unit_of_work() as session:
        session.execute(update(ConsentRow).where(ConsentRow.kind == ID_NUMBER).values(withdrawn_at=NOW))
    by = at_work(make_admin(land.province), land.province)
    with pytest.raises(id_numbers.NoConsent):
        corrections.decide(correction_id, approve=True, comment="", by=by, now=NOW)
    corrections.decide(correction_id, approve=False, comment="同意已撤回", by=by, now=NOW)


def test_an_account_that_closes_leaves_no_number_behind(land: Land, person_id: UUID) -> None:
    give_compared(land, person_id)
    correction_id = ask(person_id, Identity.ID_NUMBER, id_number_of(2))
    closing.close(person_id, now=NOW)
    with reading() as session:
        kept = session.get_one(CorrectionRow, correction_id)
        assert (kept.state, kept.old_sealed, kept.new_sealed) == ("withdrawn", "", "")


def test_a_corrected_name_is_confirmed_anew(land: Land, person_id: UUID) -> None:
    by = at_work(make_admin(land.province), land.province)
    assert identity.confirm(person_id, by=by, reason="核对证件", now=NOW)
    corrections.decide(ask(person_id, value="张珊"), approve=True, comment="", by=by, now=NOW)
    row = stored(person_id)
    assert (row.name, row.identity_level, row.identity_by, row.named_at) == ("张珊", "declared", None, NOW)


def test_who_may_decide_and_withdraw(land: Land, person_id: UUID) -> None:
    correction_id = ask(person_id)
    elsewhere = at_work(make_admin(land.other_province), land.other_province)
    admin = make_admin(land.province)
    own = ask(admin.person_id)
    refused: list[tuple[Callable[[], None], type[Exception]]] = [
        (lambda: corrections.decide(correction_id, approve=True, comment="", by=elsewhere, now=NOW), NotFound),
        (
            lambda: corrections.decide(own, approve=True, comment="", by=at_work(admin, land.province), now=NOW),
            OnOneself,
        ),
        (lambda: corrections.withdraw(correction_id, person_id=admin.person_id, now=NOW), NotFound),
    ]
    for act, error in refused:
        with pytest.raises(error):
            act()
    corrections.withdraw(correction_id, person_id=person_id, now=NOW)
    with reading() as session:
        waiting = queries.open_corrections(session, (land.national.path,), limit=5)
        assert queries.open_corrections(session, (land.other_province.path,), limit=5) == ()
    assert [one.id for one in waiting] == [own]


def test_who_could_not_give_their_roles_gives_nobody_another_name(land: Land) -> None:
    chief = make_person(land.province, "省管理员", grants={roles.UNIT_ADMIN: land.national})
    admin = make_admin(land.province)
    by = Staff(admin.person_id, (land.province.path,), lambda one, other: ports.outranks(one, other, NOW))
    correction_id = ask(chief.person_id, value="另一个人")
    for approve in (True, False):
        with pytest.raises(MorePowerful):
            corrections.decide(correction_id, approve=approve, comment="核实", by=by, now=NOW)
    assert stored(chief.person_id).name == "省管理员"
    plain = ask(make_person(land.unit).person_id)
    corrections.decide(plain, approve=True, comment="", by=by, now=NOW)
