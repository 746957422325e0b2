"""The texts that people agree to, each by kind and version, in Chinese and in English, as data files beside this module."""

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

PRIVACY, ID_NUMBER = "privacy", "id_number"
CURRENT = {PRIVACY: "2026.3", ID_NUMBER: "2026.1"}
"""The version that holds now. A change of purpose, kind or receiver needs a new one, and a new consent (PIPL 14)."""
CURRENT_VERSION = CURRENT[PRIVACY]
KNOWN = {PRIVACY: ("2026.1", "2026.2", "2026.3"), ID_NUMBER: ("2026.1",)}
"""Every version that was ever in force; all stay readable, because consents name them."""
LANGUAGES = ("zh", "en")


@dataclass(frozen=True)
class Section:
    """A heading with what stands below it: paragraphs, then points."""

    heading: str
    paragraphs: tuple[str, ...]
    points: tuple[str, ...]


@dataclass(frozen=True)
class Notice:
    """A text in one version and language; `effective_on` is an ISO day."""

    version: str
    title: str
    effective_on: str
    introduction: str
    sections: tuple[Section, ...]


def notice(kind: str, version: str, language: str, *, operator: str, contact: str) -> Notice:
    """A text with the operator's name and contact filled in; Chinese for any language but English. Raises KeyError."""
    if version not in KNOWN[kind]:
        raise KeyError(version)
    source = _read(kind, version, language if language in LANGUAGES else "zh")

    def filled(text: str) -> str:
        return text.replace("{operator}", operator).replace("{contact}", contact)

    sections = tuple(
        Section(
            one["heading"],
            tuple(filled(text) for text in one.get("paragraphs", ())),
            tuple(filled(text) for text in one.get("points", ())),
        )
        for one in source["section"]
    )
    return Notice(version, source["title"], source["effective_on"], filled(source["introduction"]), sections)


@cache
def _read(kind: str, version: str, language: str) -> dict[str, Any]:
    name = f"{kind}-{version}.{language}.toml"
    return tomllib.loads(resources.files(__package__).joinpath("notices", name).read_text("utf-8"))
