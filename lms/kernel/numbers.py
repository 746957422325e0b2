"""Finds what may be somebody's mobile or ID number in a free text, where it would be kept in clear."""

import re

from lms.kernel.errors import N_

NO_NUMBERS = N_("请不要在说明中填写号码")
NO_NUMBERS_HERE = N_("此项不能填写手机号码或身份证号")
_NUMBER = re.compile(r"[0-9０-９]{11}")


def tells_a_number(text: str) -> bool:
    """Whether a free text holds what may be a mobile or ID number, also one written with spaces or dashes."""
    return _NUMBER.search(re.sub(r"[\s\-–—]", "", text)) is not None
