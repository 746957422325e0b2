"""Questions that the web layer asks and higher subjects answer; app.py plugs the answers in."""

from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Generic, ParamSpec, TypeVar
from uuid import UUID

from sqlalchemy.orm import Session

from lms.kernel.permissions import Permission
from lms.kernel.principal import Principal
from lms.kernel.verdict import Verdict

Parameters = ParamSpec("Parameters")
Answer = TypeVar("Answer")


class Port(Generic[Parameters, Answer]):
    """A function whose body is plugged in at start-up; calling it before that is a fault of the wiring."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._answer: Callable[Parameters, Answer] | None = None

    def plug(self, answer: Callable[Parameters, Answer]) -> None:
        """Sets the function that answers."""
        self._answer = answer

    def __call__(self, *args: Parameters.args, **kwargs: Parameters.kwargs) -> Answer:
        if self._answer is None:
            raise RuntimeError(f"nothing is plugged into the port {self._name!r}")
        return self._answer(*args, **kwargs)


may: Port[[Principal, Permission, str | None], Verdict] = Port("may")
scopes_for: Port[[Principal, Permission], tuple[str, ...]] = Port("scopes_for")
load_principal: Port[[UUID, datetime], Principal | None] = Port("load_principal")
renewed: Port[[Principal, datetime], Principal | None] = Port("renewed")
"""Somebody who is signed in, with the roles and the unit of another moment; None when their account ended."""
still_holds: Port[[Session, Principal], bool] = Port("still_holds")
"""Whether nobody took a role from somebody, or their account, since they were looked up."""
busy: Port[[UUID, datetime], bool] = Port("busy")
"""Whether a person watched a video, or had an exam open, since a moment."""
note_act: Port[[Principal, datetime], None] = Port("note_act")
"""The person did something: their sign-in lasts."""
refused: Port[[UUID, str, str, int, datetime], None] = Port("refused")
"""A signed-in person asked for a view by a route and met a status: 403, or 404 for a thing."""
outranks: Port[[UUID, UUID, datetime], bool] = Port("outranks")
"""Whether one person could give every role that another holds or will hold."""
could_issue: Port[[UUID, UUID, datetime], bool] = Port("could_issue")
"""Whether one person may give a one-time code to another, as both stand at a moment."""
takes_two: Port[[Principal, UUID, datetime], bool] = Port("takes_two")
"""Whether there is help for a person that takes two, and the one who acts may be one of them."""
class_standing: Port[[Session, Sequence[UUID], Sequence[UUID]], dict[UUID, int]] = Port("class_standing")
"""How many of some courses each of some people has completed."""
person_names: Port[[Session, Sequence[UUID]], dict[UUID, str]] = Port("person_names")
"""The names of some people, for pages of subjects that know people only by their ids."""
names_within: Port[[Session, Sequence[UUID], tuple[str, ...]], dict[UUID, str]] = Port("names_within")
"""The same of those who belong to some subtrees today."""
mail_addresses: Port[[Session, Sequence[UUID]], dict[UUID, str]] = Port("mail_addresses")
"""The mail addresses of those of some people who gave one and can sign in."""
role_name: Port[[str], str] = Port("role_name")
"""What a role is called."""
asks_id_number: Port[[Session, UUID], tuple[str, ...]] = Port("asks_id_number")
"""The classes of a person that need their ID number, by name; empty when none does."""
hours_put_off: Port[[Session, UUID, int, datetime], date | None] = Port("hours_put_off")
"""The later day on which so many self-study hours (hundredths) of a person would be credited if they were earned now; None: today."""
navigation: Port[[Principal | None], list[dict[str, object]]] = Port("navigation")
