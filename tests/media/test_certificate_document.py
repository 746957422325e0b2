"""The certificate as a file: typeset by the real typst, sealed and checked by the real pyHanko."""

import hashlib
import io
import random
import stat
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from asn1crypto.x509 import Certificate
from pypdf import PdfReader

from lms import paths
from lms.certificates.domain.facts import CertificateFacts
from lms.certificates.domain.layout import sheet
from lms.certificates.domain.numbers import named_in
from lms.infra import pdfsign, qr
from lms.infra.authority import AuthorityFiles, make_demo_authority
from lms.infra.typesetting import FontsMissing, Typesetter, TypesettingFault, UndrawableText

NOW = datetime(2026, 11, 21, 8, 0, tzinfo=UTC)
URL = "https://learn.example.cn/verify/0f3b8c9d2e4a4b6c8d0e1f2a3b4c5d6e"
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
)
LONGEST = replace(
    FACTS,
    name="阿不都热合曼·买买提艾力·阿卜杜拉·吐尔逊·艾买提江·伊敏",
    workplace="新疆维吾尔自治区巴音郭楞蒙古自治州库尔勒经济技术开发区某某新能源材料科技股份有限公司工会联合委员会兼职副主席兼女职工委员会主任",
    class_name="全国非公有制企业工会主席上岗资格网络培训班（二〇二六年度第三期·少数民族地区专场）",
    title="全国非公有制企业工会主席上岗资格网络培训班结业证书",
    issuer="中国劳动关系学院继续教育学院全国工会干部网络培训中心",
    reviewer="新疆维吾尔自治区总工会组织部新疆生产建设兵团总工会",
)


@pytest.fixture(scope="module")
def typesetter() -> Typesetter:
    return Typesetter(paths.assets() / "certificate.typ", paths.fonts(), more_fonts=())


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> AuthorityFiles:
    return make_demo_authority(tmp_path_factory.mktemp("home") / "signing", now=NOW)


@pytest.fixture(scope="module")
def roots(authority: AuthorityFiles) -> tuple[Certificate, ...]:
    return pdfsign.read_certificates(authority.roots)


@pytest.fixture(scope="module")
def signer(authority: AuthorityFiles) -> pdfsign.Signer:
    return pdfsign.Signer(authority.key, authority.chain)


def typeset(typesetter: Typesetter, facts: CertificateFacts) -> bytes:
    return typesetter.pdf({**sheet(facts, verify_url=URL), "qr": qr.svg(URL)}, dated=NOW)


@pytest.fixture(scope="module")
def plain(typesetter: Typesetter) -> bytes:
    return typeset(typesetter, FACTS)


@pytest.fixture(scope="module")
def sealed(plain: bytes, signer: pdfsign.Signer) -> bytes:
    return signer.sign(plain, reason="签发培训证书", location="中国", at=NOW)


def text_of(pdf: bytes) -> str:
    """The page's text without the blanks that typesetting puts between Chinese and Latin."""
    return "".join(PdfReader(io.BytesIO(pdf)).pages[0].extract_text().split())


def test_the_page_is_one_a4_landscape_sheet(plain: bytes) -> None:
    reader = PdfReader(io.BytesIO(plain))
    box = reader.pages[0].mediabox
    assert len(reader.pages) == 1
    assert (round(float(box.width) / 72 * 25.4), round(float(box.height) / 72 * 25.4)) == (297, 210)


def test_every_printed_fact_is_on_the_page_as_text(plain: bytes) -> None:
    text = text_of(plain)
    for value in sheet(FACTS, verify_url=URL).values():
        assert value == URL or "".join(value.split()) in text


def test_the_longest_names_still_fit_on_one_page_with_all_their_characters(typesetter: Typesetter) -> None:
    pdf = typeset(typesetter, LONGEST)
    assert len(PdfReader(io.BytesIO(pdf)).pages) == 1
    text = text_of(pdf)
    for value in (LONGEST.name, LONGEST.workplace, LONGEST.class_name, LONGEST.title, LONGEST.issuer, LONGEST.reviewer):
        assert value in text


def test_a_certificate_that_counts_carries_no_demonstration_mark(typesetter: Typesetter) -> None:
    assert "演示" in text_of(typeset(typesetter, FACTS))
    assert "演示" not in text_of(typeset(typesetter, replace(FACTS, demo=False)))


def test_the_masked_id_number_is_printed_when_there_is_one(typesetter: Typesetter) -> None:
    assert "3301**********1234" in text_of(typeset(typesetter, replace(FACTS, id_number_masked="3301**********1234")))


@pytest.mark.parametrize("stage", ["plain", "sealed"])
def test_the_file_says_that_it_is_pdf_a_2b_before_and_after_sealing(stage: str, request: pytest.FixtureRequest) -> None:
    pdf: bytes = request.getfixturevalue(stage)
    root = PdfReader(io.BytesIO(pdf)).trailer["/Root"]
    xmp = root["/Metadata"].get_data().decode()
    assert "<pdfaid:part>2</pdfaid:part>" in xmp
    assert "<pdfaid:conformance>B</pdfaid:conformance>" in xmp
    assert root["/OutputIntents"][0]["/S"] == "/GTS_PDFA1"


def test_sealing_only_appends(plain: bytes, sealed: bytes) -> None:
    assert sealed.startswith(plain)


def test_all_fonts_are_embedded_as_subsets(plain: bytes) -> None:
    fonts = PdfReader(io.BytesIO(plain)).pages[0]["/Resources"]["/Font"]
    assert fonts
    for font in fonts.values():
        descriptor = font["/DescendantFonts"][0]["/FontDescriptor"]
        assert {"/FontFile2", "/FontFile3"} & set(descriptor)
        assert descriptor["/FontName"][7] == "+"


def test_the_file_names_its_number_and_its_verification_address(sealed: bytes) -> None:
    assert named_in(sealed) == {FACTS.number}
    assert URL.encode() in sealed
    assert PdfReader(io.BytesIO(sealed)).metadata["/Keywords"] == f"{FACTS.number}, {URL}"


def test_the_same_facts_make_the_same_bytes(typesetter: Typesetter, plain: bytes) -> None:
    assert typeset(typesetter, LONGEST) != plain
    assert typeset(typesetter, FACTS) == plain
    fresh = Typesetter(paths.assets() / "certificate.typ", paths.fonts(), more_fonts=())
    assert typeset(fresh, FACTS) == plain


@pytest.mark.parametrize("name", ["㛃玥", "𬭎铖", "买买提·艾力", "龘靐", "喆䶮"])
def test_rare_characters_that_the_font_has_are_drawn(typesetter: Typesetter, name: str) -> None:
    assert name in text_of(typeset(typesetter, replace(FACTS, name=name)))


@pytest.mark.parametrize(
    ("name", "characters"),
    [("𠮷野太郎", "𠮷"), ("张𠮷𣗊", "𠮷𣗊"), ("李\x07", "\x07"), ("李\u202e三", "\u202e"), ("李\ue000", "\ue000")],
)
def test_a_character_that_no_font_has_stops_the_certificate(typesetter: Typesetter, name: str, characters: str) -> None:
    with pytest.raises(UndrawableText) as refusal:
        typeset(typesetter, replace(FACTS, name=name))
    assert refusal.value.characters == characters
    assert refusal.value.text == name
    assert f"U+{ord(characters[0]):04X}" in str(refusal.value)


def test_after_a_refusal_the_next_certificate_is_made(typesetter: Typesetter, plain: bytes) -> None:
    with pytest.raises(UndrawableText):
        typeset(typesetter, replace(FACTS, name="𠮷"))
    assert typeset(typesetter, FACTS) == plain


def test_text_cannot_command_the_template(typesetter: Typesetter) -> None:
    name = '#panic("x") $1$ *b* \\u{41} <a>'
    assert "".join(name.split()) in text_of(typeset(typesetter, replace(FACTS, name=name)))


def test_a_folder_without_fonts_is_told_at_the_start(tmp_path: Path) -> None:
    with pytest.raises(FontsMissing):
        Typesetter(paths.assets() / "certificate.typ", tmp_path)


def test_a_faulty_template_is_told_with_its_place(tmp_path: Path) -> None:
    (tmp_path / "faulty.typ").write_text("#nonsense()")
    with pytest.raises(TypesettingFault, match=r"faulty\.typ:1"):
        Typesetter(tmp_path / "faulty.typ", paths.fonts()).pdf({}, dated=NOW)


def test_an_untouched_file_holds(sealed: bytes, roots: tuple[Certificate, ...]) -> None:
    report = pdfsign.verify(sealed, roots, at=NOW)
    assert report.holds
    assert report.problem == ""
    assert (report.signer_name, report.signed_at) == ("演示签章", NOW)


def test_no_change_is_allowed_after_certification(sealed: bytes) -> None:
    root = PdfReader(io.BytesIO(sealed)).trailer["/Root"]
    signature = root["/Perms"]["/DocMDP"]
    assert signature["/Reference"][0]["/TransformParams"]["/P"] == 1
    assert signature["/SubFilter"] == "/ETSI.CAdES.detached"


def test_a_flipped_bit_anywhere_makes_another_hash_and_outside_the_container_breaks_the_seal(
    sealed: bytes, roots: tuple[Certificate, ...]
) -> None:
    ledger = hashlib.sha256(sealed).digest()
    start = sealed.index(b"/Contents <") + len(b"/Contents <")
    end = sealed.index(b">", start)
    chance = random.Random(20261121)
    for at in chance.sample(range(len(sealed)), 120):
        flipped = bytearray(sealed)
        flipped[at] ^= 1 << chance.randrange(8)
        assert hashlib.sha256(flipped).digest() != ledger
        assert start <= at < end or not pdfsign.verify(bytes(flipped), roots, at=NOW).holds


@pytest.mark.parametrize("strip", ["number", "signer"])
def test_an_altered_file_still_tells_that_it_was_ours(
    sealed: bytes, roots: tuple[Certificate, ...], strip: str
) -> None:
    ours = pdfsign.mentions(sealed, roots), bool(named_in(sealed))
    assert ours == (True, True)
    if strip == "number":
        altered = sealed.replace(FACTS.number.encode(), b"33-2026-SG-000001-9")
        assert (pdfsign.mentions(altered, roots), bool(named_in(altered))) == (True, False)
    else:
        altered = sealed[: sealed.index(b"/Contents <")]
        assert (pdfsign.mentions(altered, roots), bool(named_in(altered))) == (False, True)


def test_something_added_after_sealing_is_told(sealed: bytes, roots: tuple[Certificate, ...]) -> None:
    report = pdfsign.verify(sealed + b"\n% added\n", roots, at=NOW)
    assert not report.holds
    assert report.problem


def test_a_stranger_s_seal_is_not_trusted(
    plain: bytes, sealed: bytes, roots: tuple[Certificate, ...], tmp_path: Path
) -> None:
    other = make_demo_authority(tmp_path / "signing", now=NOW)
    forged = pdfsign.Signer(other.key, other.chain).sign(plain, reason="签发培训证书", location="中国", at=NOW)
    report = pdfsign.verify(forged, roots, at=NOW)
    assert (report.signed, report.intact, report.trusted, report.holds) == (True, True, False, False)
    assert not pdfsign.mentions(forged, roots)
    assert pdfsign.verify(sealed, (*roots, *pdfsign.read_certificates(other.roots)), at=NOW).holds


def test_a_seal_does_not_hold_before_or_after_its_key_s_time(sealed: bytes, roots: tuple[Certificate, ...]) -> None:
    assert not pdfsign.verify(sealed, roots, at=NOW - timedelta(days=1)).trusted
    assert not pdfsign.verify(sealed, roots, at=NOW + timedelta(days=365 * 11)).trusted


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"%PDF-",
        b"%PDF-1.7\n%%EOF",
        b"not a pdf",
        b"%PDF-1.7\n" + b"[" * 20_000,
        b"%PDF-1.7\nxref\n0 -1\ntrailer\n<</Root 9 0 R/Prev 0>>\nstartxref\n9\n%%EOF",
        b"%PDF-1.7\n" + b"\x00" * 6_000_000,
    ],
)
def test_whatever_is_sent_in_becomes_a_report(content: bytes, roots: tuple[Certificate, ...]) -> None:
    report = pdfsign.verify(content, roots, at=NOW)
    assert not report.holds
    assert report.problem


def test_cut_off_and_scrambled_files_become_reports(sealed: bytes, roots: tuple[Certificate, ...]) -> None:
    chance = random.Random(7)
    for _ in range(40):
        piece = bytearray(sealed[: chance.randrange(5, len(sealed))])
        for at in chance.choices(range(len(piece)), k=chance.randrange(200)):
            piece[at] = chance.randrange(256)
        assert not pdfsign.verify(bytes(piece), roots, at=NOW).holds


def test_a_file_without_a_seal_says_so(plain: bytes, roots: tuple[Certificate, ...]) -> None:
    assert pdfsign.verify(plain, roots, at=NOW).problem == "no signature"


def test_the_demo_authority_is_made_once_and_its_key_is_private(tmp_path: Path) -> None:
    files = make_demo_authority(tmp_path / "signing", now=NOW)
    before = [path.read_bytes() for path in (files.key, files.chain, files.roots)]
    again = make_demo_authority(tmp_path / "signing", now=NOW + timedelta(days=400))
    assert [path.read_bytes() for path in (again.key, again.chain, again.roots)] == before
    assert stat.S_IMODE(files.key.stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["signing"]


def test_a_folder_with_other_things_in_it_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "signing").mkdir()
    (tmp_path / "signing" / "signer.key").write_text("kept")
    with pytest.raises(FileExistsError):
        make_demo_authority(tmp_path / "signing", now=NOW)
    assert [path.name for path in tmp_path.iterdir()] == ["signing"]
    assert (tmp_path / "signing" / "signer.key").read_text() == "kept"


def test_a_kill_before_the_rename_leaves_nothing_that_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr(Path, "rename", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt()))
        make_demo_authority(tmp_path / "signing", now=NOW)
    assert not (tmp_path / "signing").exists()
    assert make_demo_authority(tmp_path / "signing", now=NOW).complete


def test_a_key_that_does_not_fit_its_certificate_is_refused(authority: AuthorityFiles, tmp_path: Path) -> None:
    other = make_demo_authority(tmp_path / "signing", now=NOW)
    with pytest.raises(pdfsign.SealFault, match="not that of"):
        pdfsign.Signer(other.key, authority.chain)
    with pytest.raises(pdfsign.SealFault, match="can't be read"):
        pdfsign.Signer(tmp_path / "missing.key", authority.chain)
