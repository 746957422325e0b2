"""The hot paths: how each is asked for, and what it may cost."""

import itertools
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import msgspec

from bench.client import Connection, Request, Requests

World = dict[str, Any]
EVERYBODY = slice(None)
OPTIONS = {"single": "o1", "multiple": "o1", "true_false": "T"}


class Carried(msgspec.Struct):
    """What a page takes from the answer to a beat."""

    carry: str | None


carried = msgspec.json.Decoder(Carried).decode


@dataclass(frozen=True)
class Goal:
    """The most processor time of the workers for one request, and the least throughput as a share of the raw commit.

    That commit is an endpoint of the platform itself, with all that surrounds a request there.
    """

    cpu_ms: float | None = None
    of_commit: float | None = None


@dataclass(frozen=True)
class Path:
    """A hot path; `once` when its requests can't be repeated, so that it runs once and to their end."""

    name: str
    requests: Requests
    goal: Goal = field(default_factory=Goal)
    tiny: bool = False
    once: bool = False


def repeated(path: str, world: World) -> Requests:
    def requests(number: int) -> Iterator[Request]:
        return itertools.repeat(Request("GET", path, headers=world["viewers"][number]["headers"]))

    return requests


def hello(_number: int) -> Iterator[Request]:
    return itertools.repeat(Request("GET", "/hello"))


def commit(number: int) -> Iterator[Request]:
    return itertools.repeat(Request("POST", f"/commit?id={number}"))


def beats(world: World) -> Requests:
    """Each connection is one viewer, whose beats claim the media time since the one before and carry what its answer gave."""
    began = time.monotonic()
    marks = dict.fromkeys(range(len(world["viewers"])), (0, 0))
    carries: dict[int, str | None] = {}

    def requests(number: int) -> Iterator[Request]:
        viewer = world["viewers"][number]
        path = f"/api/v1/leases/{viewer['lease_id']}/beats"

        def heard(content: bytes) -> None:
            carries[number] = carried(content).carry

        while True:
            seq, start = marks[number]
            end = int((time.monotonic() - began) * 1000)
            marks[number] = (seq + 1, end)
            body = {"seq": seq + 1, "segments": [[start, end]], "position_ms": end, "rate": 1, "visible": True}
            if carry := carries.get(number):
                body["carry"] = carry
            yield Request("POST", path, body, {"Sec-Fetch-Site": "same-origin"}, heard)

    return requests


def shared(todo: list[Request]) -> Requests:
    """Requests that the connections take from one pile, each once."""
    pile = iter(todo)

    def requests(_number: int) -> Iterator[Request]:
        while (request := next(pile, None)) is not None:
            yield request

    return requests


@dataclass(frozen=True)
class Sitting:
    """An attempt that is open: whose it is, and what the page knows of it."""

    headers: dict[str, str]
    attempt_id: str
    epoch: int
    types: tuple[str, ...]


def starts(world: World, candidates: slice = EVERYBODY) -> Requests:
    path = f"/api/v1/exams/{world['exam_id']}/attempts"
    return shared([Request("POST", path, None, one["headers"]) for one in world["candidates"][candidates]])


def sittings(port: int, world: World, candidates: slice = EVERYBODY) -> list[Sitting]:
    """Reads the attempts that were started."""
    connection = Connection(port)
    found = []
    for one in world["candidates"][candidates]:
        connection.send(Request("POST", f"/api/v1/exams/{world['exam_id']}/attempts", None, one["headers"]))
        body = json.loads(connection.content)
        types = tuple(question["type"] for question in body["questions"])
        found.append(Sitting(one["headers"], body["attempt_id"], body["epoch"], types))
    return found


def saves(open_now: list[Sitting]) -> Requests:
    """Each connection is one candidate who changes one answer after the other."""
    sequence = itertools.count(1)

    def requests(number: int) -> Iterator[Request]:
        sitting = open_now[number]
        for position in itertools.cycle(range(1, len(sitting.types) + 1)):
            body = {
                "epoch": sitting.epoch,
                "client_seq": next(sequence),
                "value": [OPTIONS[sitting.types[position - 1]]],
            }
            yield Request("PUT", f"/api/v1/attempts/{sitting.attempt_id}/answers/{position}", body, sitting.headers)

    return requests


def heartbeats(open_now: list[Sitting]) -> Requests:
    """Each connection is one candidate's page that is there."""

    def requests(number: int) -> Iterator[Request]:
        sitting = open_now[number]
        body = {"epoch": sitting.epoch, "messages": 0, "events": []}
        while True:
            yield Request("POST", f"/api/v1/attempts/{sitting.attempt_id}/heartbeats", body, sitting.headers)

    return requests


def submissions(open_now: list[Sitting]) -> Requests:
    return shared(
        [Request("POST", f"/api/v1/attempts/{one.attempt_id}/submission", None, one.headers) for one in open_now]
    )
