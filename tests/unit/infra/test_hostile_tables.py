"""No file makes the reader fall over, take long or leave something behind: it reads the table or says why not."""

import io
import os
import time
import zipfile
import zlib
from pathlib import Path
from xml.parsers import expat

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from lms.infra import spreadsheet
from lms.infra.spreadsheet import Limits, SpreadsheetRefused, read_table
from lms.infra.spreadsheet_book import Refused, Request
from lms.infra.spreadsheet_xlsx import read
from tests.unit.infra.tables import MAIN, MUTATIONS, PARTS, Mutation, cells, mutated, refusal, xlsx

MB = 1 << 20
REQUEST = Request(
    parent=0, max_rows=100, max_columns=60, max_text=2_000, max_characters=MB, max_problems=100, max_entries=100,
    max_unpacked=MB, max_ratio=400, memory_bytes=0, cpu_seconds=0,
)  # fmt: skip
PATIENCE = 7.0  # the five seconds that a file may take, and those of a busy machine
LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
BOMB = f'<!DOCTYPE x [<!ENTITY l0 "ha">{LAUGHS}]>'
OUTSIDE = '<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/hostname">]>'
A1 = '<row r="1"><c r="A1" t="inlineStr"><is><t>{}</t></is></c></row>'


def zipped(**parts: bytes) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in parts.items():
            made.writestr(name, content)
    return target.getvalue()


def with_flag(data: bytes, flag: int) -> bytes:
    """The file with a general flag set in each entry of its directory."""
    changed = bytearray(data)
    at = changed.find(b"PK\x01\x02")
    while at >= 0:
        changed[at + 8] |= flag
        at = changed.find(b"PK\x01\x02", at + 1)
    return bytes(changed)


def lying(data: bytes, part: str, size: int) -> bytes:
    """The file with another unpacked size of a part in its directory."""
    changed, at = bytearray(data), data.rfind(part.encode()) - 46
    changed[at + 24 : at + 28] = size.to_bytes(4, "little")
    return bytes(changed)


def twice() -> bytes:
    target = io.BytesIO(xlsx())
    with zipfile.ZipFile(target, "a") as made, pytest.warns(UserWarning, match="Duplicate name"):
        made.writestr("xl/workbook.xml", b"<workbook/>")
    return target.getvalue()


BIG_SHEET = b"<worksheet>" + b" " * (200 * MB) + b"</worksheet>"
CASES = {
    "an entity bomb in the sheet": (lambda: xlsx(A1.format("&l9;"), head=BOMB), "entities"),
    "an outside entity": (lambda: xlsx(A1.format("&f;"), head=OUTSIDE), "entities"),
    "an entity bomb in the workbook": (lambda: xlsx(workbook=f"{BOMB}<workbook>&l9;</workbook>"), "entities"),
    "200 MB of blanks": (lambda: xlsx(parts={"xl/worksheets/sheet1.xml": BIG_SHEET}), "too_large"),
    "a part packed too tightly": (lambda: xlsx(A1.format("a" * 2 * MB)), "too_large"),
    "a part that is larger than it says": (
        lambda: lying(xlsx(parts={"xl/worksheets/sheet1.xml": BIG_SHEET}), "xl/worksheets/sheet1.xml", 5_000),
        "damaged",
    ),
    "too many parts": (lambda: xlsx(parts={f"x{n}": b"" for n in range(1_001)}), "too_large"),
    "a zip in a zip": (lambda: zipped(inner=xlsx()), "not_a_table"),
    "a zip of something else": (lambda: zipped(**{"a.txt": b"a"}), "not_a_table"),
    "a document": (lambda: xlsx(parts={"word/document.xml": b""}), "not_a_table"),
    "an ods file": (lambda: zipped(mimetype=b"application/vnd.oasis.opendocument.spreadsheet"), "ods"),
    "a binary workbook": (lambda: xlsx(parts={"xl/workbook.bin": b""}), "xlsb"),
    "macros": (lambda: xlsx(parts={"xl/vbaProject.bin": b""}), "macros"),
    "a workbook that may hold macros": (
        lambda: xlsx(parts={"[Content_Types].xml": b'<Types><Override ContentType="a.sheet.macroEnabled.main+xml"/></Types>'}),
        "macros",
    ),
    "a way out of the folder": (lambda: xlsx(parts={"../../etc/passwd": b""}), "damaged"),
    "a name from the root": (lambda: xlsx(parts={"/etc/passwd": b""}), "damaged"),
    "one name twice": (twice, "damaged"),
    "one name twice in other case": (lambda: xlsx(parts={"XL/workbook.xml": b""}), "damaged"),
    "a password on the zip": (lambda: with_flag(xlsx(), 1), "encrypted"),
    "cut off": (lambda: xlsx()[:-30], "damaged"),
    "only a beginning": (lambda: b"PK\x03\x04", "damaged"),
    "an empty zip": (lambda: b"PK\x05\x06" + bytes(18), "not_a_table"),
    "no sheet": (lambda: xlsx(workbook=f'<workbook xmlns="{MAIN}"/>'), "no_sheet"),
    "an empty sheet": (lambda: xlsx(""), "empty"),
    "no such text": (lambda: xlsx('<row r="1"><c r="A1" t="s"><v>7</v></c></row>'), "damaged"),
    "a row beyond the last": (lambda: xlsx('<row r="1048577"><c><v>1</v></c></row>'), "damaged"),
    "rows backwards": (lambda: xlsx('<row r="2"><c><v>1</v></c></row><row r="1"><c><v>1</v></c></row>'), "damaged"),
    "one cell twice": (lambda: xlsx('<row r="1"><c r="A1"><v>1</v></c><c r="A1"><v>1</v></c></row>'), "damaged"),
    "a cell of another row": (lambda: xlsx('<row r="1"><c r="A2"><v>1</v></c></row>'), "damaged"),
    "a column beyond the last": (lambda: xlsx('<row r="1"><c r="XFE1"><v>1</v></c></row>'), "damaged"),
    "the last cell of all": (lambda: xlsx('<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'), "too_many_columns"),
    "61 columns": (lambda: xlsx(f'<row r="1">{"<c><v>1</v></c>" * 61}</row>'), "too_many_columns"),
    "10,001 rows": (lambda: xlsx("<row><c><v>1</v></c></row>" * 10_001), "too_many_rows"),
    "elements nested a million deep": (lambda: xlsx("<row>" * 1_000_000, parts={}), "too_large"),
    "broken XML": (lambda: xlsx("<row><c>"), "damaged"),
    "an unknown encoding": (lambda: xlsx(head='<?xml version="1.0" encoding="EBCDIC-CP-US"?>'), "damaged"),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_a_file_that_cannot_be_taken_is_refused_by_name(case: str) -> None:
    make, reason = CASES[case]
    data = make()
    assert len(data) < MB
    began = time.monotonic()
    assert refusal(data).reason == reason
    assert time.monotonic() - began < PATIENCE


def test_styles_without_number_do_not_take_memory() -> None:
    rows = "".join(f'<row r="{n}" s="1" customFormat="1"><c r="XFD{n}" s="1"/></row>' for n in range(1, 20_000))
    assert cells(xlsx(rows + '<row r="1048576"><c r="A1048576"><v>1</v></c></row>')) == [["1"]]


def test_the_largest_table_takes_less_than_its_processor_time() -> None:
    # A second of a core that is shared with others does a third of the work: the quiet machine's 5 are 15 here.
    data = xlsx(("<row>" + '<c t="s"><v>0</v></c>' * 60 + "</row>") * 10_000)
    assert len(read_table(data, "a", limits=Limits(max_ratio=1_100, cpu_seconds=15, wall_seconds=90)).rows) == 10_000


def test_too_much_text_is_refused() -> None:
    noise = "".join(f"{n:07x}" for n in range(4_000))
    rows = "".join(f"<row><c t='inlineStr'><is><t>{noise[n:]}{noise[:n]}</t></is></c></row>" for n in range(400))
    assert refusal(xlsx(rows), limits=Limits(max_text=40_000)).reason == "too_large"


@pytest.mark.parametrize(
    ("limits", "reason"),
    [
        (Limits(wall_seconds=0.01), "too_heavy"),
        (Limits(cpu_seconds=0), "too_heavy"),
        (Limits(memory_bytes=16 * MB), "too_heavy"),
    ],
    ids=["time", "processor", "memory"],
)
def test_a_reader_that_meets_its_bounds_is_a_refusal(limits: Limits, reason: str) -> None:
    assert refusal(xlsx("<row><c><v>1</v></c></row>" * 9_999), limits=limits).reason == reason


@pytest.mark.parametrize(
    ("program", "reason"),
    [
        ("raise SystemExit(3)", "too_heavy"),
        ("import os; os.abort()", "too_heavy"),
        ("import time; time.sleep(60)", "too_heavy"),
        ("import os; os.close(1); import time; time.sleep(60)", "too_heavy"),
        ("import sys\nwhile True: sys.stdout.write('x' * 1000000)", "too_heavy"),
        ("1 / 0", "damaged"),
        ("", "damaged"),
        ("print('nonsense')", "damaged"),
        ("print('{}')", "empty"),
        ("print('[' * 100000)", "damaged"),
        ("print('{\"rows\": [[1, [2]]]}')", "damaged"),
        ('print(\'{"refused": ["never heard of", null, null]}\')', "damaged"),
        ('print(\'{"refused": "formula"}\')', "damaged"),
    ],
)
def test_whatever_the_reader_does_is_a_refusal(program: str, reason: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spreadsheet, "_CHILD", program)
    began = time.monotonic()
    patience = 1.5 if reason == "too_heavy" else 20  # an interpreter on a busy machine takes seconds to begin
    assert refusal(xlsx(), limits=Limits(wall_seconds=patience)).reason == reason
    assert time.monotonic() - began < PATIENCE


def test_nothing_is_left_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    open_before = set(Path("/proc/self/fd").iterdir())
    for data in (xlsx(), xlsx("<row><c>"), xlsx(head=BOMB)):
        try:
            read_table(data, "a")
        except SpreadsheetRefused:
            pass
    assert list(tmp_path.iterdir()) == []
    assert set(Path("/proc/self/fd").iterdir()) == open_before
    with pytest.raises(ChildProcessError):
        os.waitpid(-1, os.WNOHANG)


def test_the_reader_opens_no_file_and_no_socket_and_takes_no_more_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    program = (
        "import sys, json, socket; sys.path.append(sys.argv[1]); from lms.infra.spreadsheet_child import fence\n"
        "asked = json.loads(sys.argv[2]); fence(asked['parent'], asked['memory_bytes'], asked['cpu_seconds']); done = []\n"
        "for act in (lambda: open('/etc/hostname'), socket.socket, lambda: bytearray(1 << 30)):\n"
        "    try: act(); done.append('done')\n"
        "    except (OSError, MemoryError) as error: done.append(type(error).__name__)\n"
        "print(json.dumps({'rows': [[1, done]]}))"
    )
    monkeypatch.setattr(spreadsheet, "_CHILD", program)
    assert cells(xlsx()) == [["OSError", "OSError", "MemoryError"]]


@given(part=st.sampled_from(PARTS), changes=MUTATIONS)
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_a_damaged_file_is_read_or_refused(part: str, changes: list[Mutation]) -> None:
    """The code that the process runs, here without it: what it raises would end it with code 1, and that is a refusal."""
    began = time.process_time()
    try:
        read(mutated(part, changes), REQUEST)
    except (
        Refused,
        zipfile.BadZipFile,
        zlib.error,
        expat.ExpatError,
        EOFError,
        NotImplementedError,
        OSError,
        ValueError,
    ):
        pass
    assert time.process_time() - began < 1


@given(part=st.sampled_from(PARTS), changes=MUTATIONS)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_a_damaged_file_is_read_or_refused_in_its_process(part: str, changes: list[Mutation]) -> None:
    try:
        read_table(mutated(part, changes), "a.xlsx")
    except SpreadsheetRefused as refused:
        assert len(str(refused.detail) % refused.extra) <= 200
