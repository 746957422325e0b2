"""Bounds what lists and searches tell staff about people whom they only guess at: a mobile number behind a name, a user name.

A register shows of a mobile number its first and last digits. Whoever may ask often enough whether a number is somebody's
has all of it; so guesses are counted for each of the staff, and who runs out of them is told nothing more and recorded.
"""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from lms.audit import service as audit
from lms.infra import ratelimit
from lms.infra.db import unit_of_work
from lms.kernel.errors import N_, TooMany

DAY_SECONDS = 86_400


class Guess(StrEnum):
    """What is guessed at."""

    MOBILE = "mobile"
    USERNAME = "username"
    LIST = "list"


A_DAY = {Guess.MOBILE: 300, Guess.USERNAME: 200, Guess.LIST: 100}
"""So many wrong mobile numbers, taken user names and looks at a list each of the staff is told of in 24 hours (and process)."""


class TooManyGuesses(TooMany):
    """Told no more for today."""

    code = "guesses_limited"
    title = N_(
        "为保护个人信息，一天内能核对的次数有限，您今天已经用完。没有保存任何内容，请明天再试，或请其他管理人员办理"
    )


def count(what: Guess, *, by: UUID, times: int = 1, now: datetime) -> None:
    """Counts guesses before their answer is told. Raises TooManyGuesses, and records that."""
    if not times or ratelimit.hit(f"guess-{what}", str(by), limit=A_DAY[what], window_seconds=DAY_SECONDS, times=times):
        return
    with unit_of_work() as session:
        audit.record(
            session,
            action="people.guesses_limited",
            object_type="person",
            object_id=by,
            actor_id=by,
            result="refused",
            details={"what": what.value, "times": times},
            now=now,
        )
    raise TooManyGuesses
