"""The unified social credit code of GB 32100-2015: 18 characters, the last of them a check over the others."""

from lms.kernel.errors import N_
from lms.kernel.numbers import tells_an_id_number
from lms.kernel.verdict import Allowed, Denied, Verdict

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
"""The 31 characters of the standard: digits and capitals without I, O, S, V and Z."""
WEIGHTS = tuple(pow(3, place, 31) for place in range(17))
LENGTH = 18

WRONG_LENGTH = N_("统一社会信用代码应为 18 位，请对照证照核对位数")
WRONG_CHARACTER = N_("统一社会信用代码只含数字和大写字母，不含字母 I、O、S、V、Z，第 3 至 8 位为数字")
AN_ID_NUMBER = N_("这是身份证号的写法，请填写单位的统一社会信用代码")
WRONG_CHECK = N_("统一社会信用代码的校验位不对，请逐位核对")

_FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}


def tidy(text: str) -> str:
    """The code as it is stored: half-width capitals without the gaps and dashes that people type."""
    plain = text.translate(_FULL_WIDTH).upper()
    return "".join(c for c in plain if not c.isspace() and c not in "-\u200b\ufeff")


def check_character(body: str) -> str:
    """The check character of the first 17 characters. Raises ValueError for a character that the standard leaves out."""
    total = sum(ALPHABET.index(character) * weight for character, weight in zip(body, WEIGHTS, strict=True))
    return ALPHABET[-total % 31]


def judge(code: str) -> Verdict:
    """Whether a tidy code is well formed; the reason is a sentence that helps to find the slip."""
    if len(code) != LENGTH:
        return Denied(WRONG_LENGTH)
    if any(character not in ALPHABET for character in code) or not code[2:8].isdigit():
        return Denied(WRONG_CHARACTER)
    if tells_an_id_number(code):  # one of 31 has the check character of a code as well
        return Denied(AN_ID_NUMBER)
    return Allowed() if check_character(code[:-1]) == code[-1] else Denied(WRONG_CHECK)
