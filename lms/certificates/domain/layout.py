"""How the facts read: the texts that the certificate's template places, and the rows that the public page repeats."""

from dataclasses import dataclass
from datetime import date

from lms.certificates.domain.facts import CertificateFacts, mask_name
from lms.kernel.errors import N_
from lms.kernel.hourrules import hours_text

DEMO_MARK = "演示"
DEMO_SEAL = "演示专用章"
DEMO_NOTICE = "演示样本 不作凭证"


@dataclass(frozen=True)
class Row:
    """A label and its value, as printed."""

    label: str
    value: str


def chinese_date(day: date) -> str:
    """2026年11月21日."""
    return f"{day.year}年{day.month}月{day.day}日"


def rows(facts: CertificateFacts, *, public: bool = False) -> tuple[Row, ...]:
    """Every printed fact with its label, in the order of the paper; `public` masks the name and leaves the ID number out."""
    optional = (Row(N_("身份证号"), facts.id_number_masked),) if facts.id_number_masked and not public else ()
    return (
        Row(N_("证书名称"), facts.title),
        Row(N_("证书编号"), facts.number),
        Row(N_("姓名"), mask_name(facts.name) if public else facts.name),
        Row(N_("性别"), facts.sex),
        *optional,
        Row(N_("工作单位及职务"), facts.workplace),
        Row(N_("培训班名称"), facts.class_name),
        Row(N_("起止日期"), f"{chinese_date(facts.starts_on)}至{chinese_date(facts.ends_on)}"),
        Row(N_("学时"), hours_text(facts.hours)),
        Row(N_("考核结果"), facts.result),
        Row(N_("发证单位"), facts.issuer),
        Row(N_("审核单位"), facts.reviewer),
        Row(N_("发证日期"), chinese_date(facts.issued_on)),
    )


def sheet(facts: CertificateFacts, *, verify_url: str) -> dict[str, str]:
    """The texts that lms/assets/certificate.typ places, by name; an empty `mark` means a certificate that counts."""
    return {
        "title": facts.title,
        "number": facts.number,
        "version": f"{facts.version:03d}",
        "name": facts.name,
        "sex": facts.sex,
        "id_number": facts.id_number_masked,
        "workplace": facts.workplace,
        "class_name": facts.class_name,
        "period": f"{chinese_date(facts.starts_on)} 至 {chinese_date(facts.ends_on)}",
        "hours": hours_text(facts.hours),
        "result": facts.result,
        "issuer": facts.issuer,
        "reviewer": facts.reviewer,
        "issued_on": chinese_date(facts.issued_on),
        "verify_url": verify_url,
        "mark": DEMO_MARK if facts.demo else "",
        "seal": DEMO_SEAL if facts.demo else "",
        "notice": DEMO_NOTICE if facts.demo else "",
    }
