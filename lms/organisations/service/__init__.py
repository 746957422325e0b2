"""Writes the tree of unions: founding, changing, moving, merging, closing; the nation; people's requests."""

from lms.organisations.service import proving  # noqa: F401  # registers with the audit
from lms.organisations.service.changing import close, recode, rename, reopen
from lms.organisations.service.founding import add_unit
from lms.organisations.service.looking import allow_search
from lms.organisations.service.moving import merge, move
from lms.organisations.service.nation import build_nation
from lms.organisations.service.requests import ask, decline, settle
from lms.organisations.service.rules import (
    Act,
    AlreadyClosed,
    Changed,
    CodeTaken,
    NameTaken,
    NotYet,
    StillInUse,
    WrongName,
    WrongPlace,
    placed_by,
)
from lms.organisations.service.sheets import Faulty, apply_sheet, planned_by, read_sheet, record_export

__all__ = [
    "Act", "AlreadyClosed", "Changed", "CodeTaken", "Faulty", "NameTaken", "NotYet", "StillInUse", "WrongName",
    "WrongPlace", "add_unit", "allow_search", "apply_sheet", "ask", "build_nation", "close", "decline", "merge",
    "move", "placed_by", "planned_by", "read_sheet", "recode", "record_export", "rename", "reopen", "settle",
]  # fmt: skip
