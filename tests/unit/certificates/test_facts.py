"""The facts of a certificate: one stable text, one hash, and what strangers see of them."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given, strategies as st

from lms.certificates.domain.facts import CertificateFacts, mask_name
from lms.certificates.domain.layout import chinese_date, rows, sheet
from lms.kernel.hourrules import hours_text

SHA256 = "6761ca5498c5cfba10da7231bc5925aaf345ae0c7364ce9bb797a81c785a7b82"

FACTS = CertificateFacts(
    number="33-2026-SG-000001-0",
    version=1,
    title="工会干部上岗资格培训证书",
    name="张三",
    sex="男",
    workplace="某某公司工会 主席",
    class_name="全国非公企业工会主席上岗资格网络培训班",
    starts_on=date(2026, 10, 8),
    ends_on=date(2026, 12, 31),
    hours=3200,
    result="合格（86分）",
    issuer="工会干部网络培训平台",
    reviewer="浙江省总工会",
    issued_on=date(2026, 11, 21),
    demo=True,
    id_number_masked="3301**********1234",
)


def test_the_same_facts_have_the_same_text_and_hash() -> None:
    assert FACTS.canonical_json() == replace(FACTS).canonical_json()
    assert FACTS.canonical_json().startswith(
        '{"class_name":"全国非公企业工会主席上岗资格网络培训班","demo":true,"ends_on":"2026-12-31",'
    )
    assert FACTS.sha256() == SHA256


@given(st.text(max_size=40), st.integers(0, 100_000))
def test_stored_facts_are_read_again(name: str, hours: int) -> None:
    facts = replace(FACTS, name=name, hours=hours)
    assert CertificateFacts.from_json(facts.canonical_json()) == facts


def test_any_changed_fact_changes_the_hash() -> None:
    changed = [
        replace(FACTS, name="张四"),
        replace(FACTS, hours=3201),
        replace(FACTS, version=2),
        replace(FACTS, demo=False),
        replace(FACTS, issued_on=date(2026, 11, 22)),
    ]
    assert len({FACTS.sha256(), *(facts.sha256() for facts in changed)}) == 6


@pytest.mark.parametrize("text", ["{}", '{"name":"张三"}', "[]", "not json"])
def test_other_texts_are_no_facts(text: str) -> None:
    with pytest.raises((ValueError, TypeError)):
        CertificateFacts.from_json(text)


@pytest.mark.parametrize(
    ("name", "masked"),
    [
        ("张三", "张*"),
        ("王小明", "王**"),
        ("欧阳娜娜", "欧***"),
        ("阿不都热合曼·买买提", "阿***"),
        ("丁", "丁*"),
        ("", "*"),
    ],
)
def test_a_name_is_masked_behind_its_first_character(name: str, masked: str) -> None:
    assert mask_name(name) == masked


@pytest.mark.parametrize(("hundredths", "text"), [(0, "0"), (400, "4"), (3200, "32"), (3250, "32.5"), (3205, "32.05")])
def test_hours_read_without_idle_zeros(hundredths: int, text: str) -> None:
    assert hours_text(hundredths) == text


def test_dates_read_as_on_a_certificate() -> None:
    assert chinese_date(date(2026, 1, 2)) == "2026年1月2日"


def test_every_fact_is_printed_and_the_public_sees_all_but_the_name_and_the_id_number() -> None:
    paper = {row.label: row.value for row in rows(FACTS)}
    public = {row.label: row.value for row in rows(FACTS, public=True)}
    assert set(paper) - set(public) == {"身份证号"}
    assert {label for label in public if public[label] != paper[label]} == {"姓名"}
    assert list(paper) == [
        "证书名称", "证书编号", "姓名", "性别", "身份证号", "工作单位及职务", "培训班名称", "起止日期", "学时", "考核结果",
        "发证单位", "审核单位", "发证日期",
    ]  # fmt: skip


def test_only_a_demonstration_is_marked_as_one() -> None:
    real = sheet(replace(FACTS, demo=False), verify_url="https://x/verify/1")
    demo = sheet(FACTS, verify_url="https://x/verify/1")
    assert (real["mark"], real["seal"], real["notice"]) == ("", "", "")
    assert (demo["mark"], demo["seal"]) == ("演示", "演示专用章")
