"""A message as source sentences with placeholders, so that each reader gets it in their language and what was told stays."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

LONGEST = {"kind": 40, "title": 80, "text": 400, "link": 200, "key": 80}
_PLACEHOLDER = re.compile(r"%\((\w+)\)s")
_INSIDE = re.compile(r"/(?!/)[\x21-\x7e]*")


class BadMessage(ValueError):
    """A message that could not be shown; a fault of the caller."""


@dataclass(frozen=True)
class Message:
    """What a person is told.

    `kind` names the occasion ("hours.reminder"); `title` and `text` are Chinese sentences marked for translation, with
    placeholders like %(hours)s that `facts` fill; `link` is an address of the platform or "". With a `key` a person gets a
    message of that kind and key once, however often it is sent.
    """

    kind: str
    title: str
    text: str
    facts: Mapping[str, str] = field(default_factory=dict)
    link: str = ""
    key: str = ""

    def __post_init__(self) -> None:
        for name, most in LONGEST.items():
            if len(getattr(self, name)) > most:
                raise BadMessage(f"{name} is longer than {most}: {self}")
        if not (self.kind and self.title and self.text):
            raise BadMessage(f"kind, title and text are needed: {self}")
        if self.link and not _INSIDE.fullmatch(self.link):
            raise BadMessage(f"a link stays on the platform: {self.link!r}")
        missing = set(_PLACEHOLDER.findall(self.title + self.text)) - set(self.facts)
        if missing:
            raise BadMessage(f"no facts for {sorted(missing)}: {self}")


def filled(source: str, facts: Mapping[str, str]) -> str:
    """A sentence with its placeholders filled; one without a fact stays as it is."""
    return _PLACEHOLDER.sub(lambda found: facts.get(found[1], found[0]), source)
