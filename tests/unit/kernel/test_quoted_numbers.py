"""Numbers in what programs quote: whatever stands between the digits, and however they are escaped."""

import re

import pytest

from lms.kernel.quoted_numbers import without_quoted_id_numbers, without_quoted_numbers


@pytest.mark.parametrize("gap", [r"\t", r"\xa0", r"\u3000", r"\u200b", "-"])
def test_what_programs_quote_is_struck_out(gap: str) -> None:
    told = without_quoted_id_numbers(f"bad '330106{gap}19900307{gap}1234' at 7")
    assert told == "bad '***' at 7"
    for number in ("３３０１０６１９９００３０７１２３４", "三三〇一〇六一九九〇〇三〇七一二三四"):
        assert without_quoted_id_numbers(f"bad {number!a} at 7") == "bad '***' at 7"
        assert without_quoted_id_numbers(f"bad {number.encode()!r} at 7") == "bad b'***' at 7"
    for gap in ("\xa0" * 13, "\xa0" * 7 + "\u3000" * 7, "\U0010fffd", "\x85"):
        assert without_quoted_id_numbers(f"bad {gap.join(('330106', '19900307', '1234'))!r}") == "bad '***'"
    assert without_quoted_id_numbers(r"File 'a\tb', line 12") == r"File 'a\tb', line 12"
    for number in (
        "330106\x0b199\x0b003\x0b071\x0b236 5",
        "12 330106\x1b199\x1b003\x1b071\x1b236",
        "一二三四330106\xa0199003071236",
    ):
        assert "***" in without_quoted_id_numbers(f"bad {number!a}"), (
            "what shows as nothing is no blank like the others"
        )
    for number in (
        b"110105\xa1\xaa19491231\xa1\xaa1006",
        "110105\u201419491231\u20141006".encode(),
        b"110105\xe919491231\xe91006",
    ):
        assert without_quoted_id_numbers(f"bad {number!r}") == "bad b'***'", "bytes that are no UTF-8 are no letters"
        assert without_quoted_id_numbers(ascii(number.decode("ascii", "surrogateescape"))) == "'***'"
    assert "13800138000" not in re.sub("[^0-9]", "", without_quoted_numbers(r"b'138\xa1\xaa0013\xa1\xaa8000'"))
    assert "***" in without_quoted_id_numbers(r"'7\u200b1101\t051\t9491\t2311\t006'")
    assert without_quoted_id_numbers(ascii("33010619900307123×")) == "'***'"
    told = without_quoted_numbers(r"bad \u202e \u2028 \x00, \x1b[31m and 13900000001 at 7")
    assert "13900000001" not in told and told.isprintable(), "neither a terminal nor a database is to read these"
