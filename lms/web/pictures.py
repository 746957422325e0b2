"""Pictures on pages: where a browser finds them, and the answer that holds one."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from flask import Response, url_for


class Sized(Protocol):
    """What is known of a picture without its bytes: width and height in pixels."""

    @property
    def size(self) -> tuple[int, int]: ...


@dataclass(frozen=True)
class Shown:
    """A picture as a page shows it; its size keeps its place free until it is there."""

    url: str
    width: int
    height: int


def by_number(pictures: Sequence[Sized], endpoint: str, **values: Any) -> dict[str, Shown]:
    """Pictures by their numbers, from 1; `endpoint` takes the number with `values`."""
    return {
        str(number): Shown(url_for(endpoint, number=number, **values), *one.size)
        for number, one in enumerate(pictures, start=1)
    }


def answer(content: bytes, media_type: str) -> Response:
    """A picture for this browser alone, and kept by none: who may see it may change within minutes."""
    response = Response(content, mimetype=media_type)
    response.headers["Cache-Control"] = "private, no-store"
    return response
