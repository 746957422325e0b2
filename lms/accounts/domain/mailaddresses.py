"""Which mail addresses are taken: those that a letter can be written to without being read as anything else."""

import re

from lms.kernel.errors import N_

LONGEST = 120
_WORD = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
PATTERN = rf"^(?=[^@]{{1,64}}@)(?!.*=\?){_WORD}(?:\.{_WORD})*@(?:{_LABEL}\.)+[A-Za-z]{{2,63}}\Z"
"""Plain signs of ASCII only, words and dots in turn; `=?` would begin another coding, in which a line break may hide."""
WRONG = N_("请填写有效的邮箱地址")


def is_mail_address(text: str) -> bool:
    """Whether a text can be somebody's mail address."""
    return len(text) <= LONGEST and re.match(PATTERN, text) is not None
