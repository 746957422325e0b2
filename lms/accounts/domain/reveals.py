"""What an ID number may be seen in full for, and what must not be written beside it."""

import re

from lms.kernel.errors import N_

PURPOSES = {
    "file": N_("与人事档案核对"),
    "certificate": N_("办理资格类证书"),
    "duplicate": N_("核实重复账号"),
    "request": N_("办理本人提出的申请"),
    "authority": N_("依法配合主管机关"),
}
_NUMBER = re.compile(r"[0-9０-９]{11}")


def tells_a_number(text: str) -> bool:
    """Whether a free text holds what may be a mobile or ID number, also one written with spaces or dashes."""
    return _NUMBER.search(re.sub(r"[\s\-–—]", "", text)) is not None
