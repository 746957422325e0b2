"""A fault quotes the file, with a no-break space as \\xa0 too: a number in it is struck out."""

import pytest
from sqlalchemy import select

from lms.infra.db import reading
from lms.kernel.numbers import tells_an_id_number
from lms.kernel.quoted_numbers import without_quoted_id_numbers
from lms.questionbank.models import ItemImportRow
from tests.factories.qualification import id_number_of
from tests.web.questionbank.conftest import Desk
from tests.web.questionbank.test_items_from_files import read

NUMERICAL = (
    '<quiz><question type="numerical"><name><text>q</text></name><questiontext format="html"><text>张某的号码是？</text>'
    '</questiontext><answer fraction="100"><text>{}</text><tolerance>0</tolerance></answer></question></quiz>'
)
TRUE_FALSE = (
    '<quiz><question type="truefalse"><name><text>q</text></name><questiontext format="html"><text>对吗？</text>'
    '</questiontext><answer fraction="100"><text>{}</text></answer></question></quiz>'
)
QTI = (
    '<assessmentItem identifier="A" title="t"><responseDeclaration identifier="R" cardinality="single" baseType="float">'
    "<correctResponse><value>{}</value></correctResponse></responseDeclaration><itemBody><p>?</p>"
    '<textEntryInteraction responseIdentifier="R"/></itemBody></assessmentItem>'
)


@pytest.mark.parametrize("file", [NUMERICAL, TRUE_FALSE, QTI], ids=["numerical", "truefalse", "qti"])
@pytest.mark.parametrize("gap", [" ", "\u00a0", "\u202f"], ids=["space", "no-break space", "narrow no-break space"])
def test_a_quoted_number_is_struck_out_whatever_blank_stands_in_it(desk: Desk, file: str, gap: str) -> None:
    number = id_number_of(1)
    written = f"{number[:6]}{gap}{number[6:14]}{gap}{number[14:]}"
    assert tells_an_id_number(written)
    preview = read(desk.author, file.format(written))
    with reading() as session:
        (faults,) = session.execute(select(ItemImportRow.faults)).scalars()
    assert faults, "the file is refused with a sentence that quotes it"
    kept = str([message for _where, message in faults])
    assert number[6:14] not in kept and without_quoted_id_numbers(faults[0][1]) == faults[0][1], faults
    assert number[6:14] not in desk.author.get(preview).text


def test_nor_does_the_place_of_a_fault_quote_one(desk: Desk) -> None:
    number = id_number_of(1)
    written = f"{number[:6]}\u00a0{number[6:14]}\u00a0{number[14:]}"
    read(desk.author, QTI.format("3").replace('identifier="A"', f'identifier="{written}"', 1))
    with reading() as session:
        (faults,) = session.execute(select(ItemImportRow.faults)).scalars()
    assert faults and number[6:14] not in str(faults), faults
