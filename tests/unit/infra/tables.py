"""Makes xlsx files part by part, so that tests can make bad ones too."""

import io
import zipfile
from collections.abc import Mapping
from typing import NamedTuple

import pytest
from hypothesis import strategies as st

from lms.infra.spreadsheet import Limits, SpreadsheetRefused, read_table

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
GOOD_ROWS = (
    '<row r="1"><c r="A1" t="inlineStr"><is><t>姓名</t></is></c></row><row r="2"><c r="A2" t="s"><v>0</v></c></row>'
)


def xlsx(
    rows: str = GOOD_ROWS,
    *,
    head: str = "",
    texts: str = "<si><t>张三</t></si>",
    formats: Mapping[int, str] | None = None,
    styles: tuple[int, ...] = (),
    workbook: str = "",
    parts: Mapping[str, bytes] | None = None,
    compression: int = zipfile.ZIP_DEFLATED,
) -> bytes:
    """An xlsx file with these rows (the XML inside of sheetData); `parts` adds parts or replaces usual ones."""
    codes = "".join(f'<numFmt numFmtId="{number}" formatCode="{code}"/>' for number, code in (formats or {}).items())
    cells = "".join(f'<xf numFmtId="{number}"/>' for number in styles)
    usual = {
        "[Content_Types].xml": f'<Types><Override PartName="/xl/workbook.xml" ContentType="{WORKBOOK}"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{PACKAGE}"><Relationship Id="r1" Type="{RELATIONS}/officeDocument" '
        'Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": workbook
        or f'<workbook xmlns="{MAIN}" xmlns:r="{RELATIONS}"><sheets><sheet name="人员" sheetId="1" r:id="r1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{PACKAGE}">'
        f'<Relationship Id="r1" Type="{RELATIONS}/worksheet" Target="worksheets/sheet1.xml"/>'
        f'<Relationship Id="r2" Type="{RELATIONS}/worksheet" Target="/xl/worksheets/sheet2.xml"/>'
        f'<Relationship Id="r3" Type="{RELATIONS}/styles" Target="styles.xml"/>'
        f'<Relationship Id="r4" Type="{RELATIONS}/sharedStrings" Target="sharedStrings.xml"/></Relationships>',
        "xl/styles.xml": f'<styleSheet xmlns="{MAIN}"><numFmts>{codes}</numFmts><cellXfs>{cells}</cellXfs></styleSheet>',
        "xl/sharedStrings.xml": f'<sst xmlns="{MAIN}">{texts}</sst>',
        "xl/worksheets/sheet1.xml": f'{head}<worksheet xmlns="{MAIN}"><sheetData>{rows}</sheetData></worksheet>',
    }
    contents = {name: text.encode() for name, text in usual.items()} | dict(parts or {})
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", compression) as made:
        for name, content in contents.items():
            made.writestr(name, content)
    return target.getvalue()


def cells(data: bytes) -> list[list[str]]:
    """The cells that are read, without the numbers of the rows."""
    return [texts for _, texts in read_table(data, "表.xlsx").rows]


def refusal(data: bytes, *, limits: Limits | None = None) -> SpreadsheetRefused:
    """How the file is refused; its sentence is checked for what people need of it."""
    with pytest.raises(SpreadsheetRefused) as caught:
        read_table(data, "名册.xlsx", limits=limits or Limits())
    found = caught.value
    sentence = str(found.detail) % found.extra
    assert len(sentence) <= 200
    assert "None" not in sentence
    assert any(
        word in sentence for word in ("文件“名册.xlsx”", f"第 {found.row} 行", f"{found.extra['cell']}", "表格最多")
    )
    return found


class Mutation(NamedTuple):
    """One change of some bytes: at `place` (a share of their length) some are taken away and others put in."""

    place: float
    taken: int
    put: bytes


MUTATIONS = st.lists(
    st.builds(
        Mutation,
        st.floats(0, 1),
        st.sampled_from([0, 1, 1, 2, 4, 40]),
        st.binary(max_size=4) | st.sampled_from([b"\xff\xff\xff\xff", b"<", b">", b"&#0;", b"<row>", b'r="XFD1048576"', b"<!DOCTYPE a>"]),
    ),
    min_size=1,
    max_size=5,
)  # fmt: skip
PARTS = ("", "[Content_Types].xml", "xl/workbook.xml", "xl/_rels/workbook.xml.rels", "xl/styles.xml", "xl/sharedStrings.xml",
         "xl/worksheets/sheet1.xml")  # fmt: skip


def mutated(part: str, changes: list[Mutation]) -> bytes:
    """A good file with the changes made in one part before it is packed, or in the packed bytes when `part` is empty."""
    good = xlsx(formats={164: "yyyy/m/d"}, styles=(0, 164), compression=zipfile.ZIP_STORED)
    with zipfile.ZipFile(io.BytesIO(good)) as book:
        content = bytearray(book.read(part) if part else good)
    for place, taken, put in changes:
        at = round(place * len(content))
        content[at : at + taken] = put
    if not part:
        return bytes(content)
    return xlsx(formats={164: "yyyy/m/d"}, styles=(0, 164), parts={part: bytes(content)})
