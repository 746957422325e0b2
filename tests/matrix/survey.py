"""Asks everything as everybody and writes down what was met and what is wrong with it."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from sqlalchemy import update
from sqlalchemy.orm import Session
from werkzeug.routing import Rule

from lms.access.models import RoleGrantRow
from lms.kernel import clock
from tests.factories.planted import unpacked
from tests.matrix import bodies
from tests.matrix.notation import Line, shortened
from tests.matrix.people import Actor
from tests.matrix.probe import Met, Probe

SEARCH = (
    "?q=%E9%87%91%E4%B8%9D%E9%9B%80&name=%E9%87%91%E4%B8%9D%E9%9B%80&unit_name=%E9%87%91%E4%B8%9D%E9%9B%80&state=all"
)
"""The part that all canaries' names share, under every name that a search field has."""
SEARCH_FORM = re.compile(rb'<form[^>]*(role="search"|method="get")')
SHOWN_TO_WHO_HAS_THE_KEY = {"/verify/<uuid:token>"}
OF_THE_UNIT = "/staff/banks"
"""Banks belong to a unit: colleagues see each other's, other units don't."""
FULL_NUMBER = {"/me/data/copy", "/staff/people/<uuid:person_id>/id-number/reveal"}
"""Where an ID number may stand in full: one's own copy of one's data, and the reveal that asks for its purpose."""
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")


@dataclass
class Survey:
    """The lines of the matrix, and a sentence for each thing that is wrong, by kind."""

    lines: list[Line] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    unlike: list[str] = field(default_factory=list)
    leaks: list[str] = field(default_factory=list)
    numbers: list[str] = field(default_factory=list)
    still_let_in: list[str] = field(default_factory=list)
    methods: list[str] = field(default_factory=list)
    asked: int = 0
    seconds: float = 0.0  # of a processor, in the process that took longest


def survey(probe: Probe, *, shard: int = 0, shards: int = 1) -> Survey:
    """Asks every address, or every `shards`-th from `shard` on."""
    found = Survey()
    listed = list(probe.rules())
    offered: dict[str, set[str]] = {}
    for rule, method in listed:
        offered.setdefault(rule.rule, set()).add(method)
    for rule, method in listed[shard::shards]:
        cells = []
        searched, writer = set(), None
        for actor in probe.world.actors:
            met = probe.everywhere(rule, method, actor)
            if any(one and SEARCH_FORM.search(one.body) for one in met.values()):
                searched.add(actor.name)
            if method != "GET" and writer is None and any(one and one.letter == "+" for one in met.values()):
                writer = actor
            cells.append(shortened([one.letter if one else "-" for one in met.values()]))
            _judge(found, probe, rule, method, actor, met)
        found.lines.append(Line(rule.rule, method, probe.guard(rule), tuple(cells)))
        if method == "GET":
            _searches(found, probe, rule, searched)
            _without_role(found, probe, rule, method, probe.world.actors)
        elif writer is not None:
            _without_role(found, probe, rule, method, [writer])
    for rule, _method in listed[shard::shards]:
        _other_methods(found, probe, rule, offered[rule.rule])
    found.asked = probe.asked
    return found


def _judge(found: Survey, probe: Probe, rule: Rule, method: str, actor: Actor, met: dict[str, Met | None]) -> None:
    absent = met.get("absent")
    for place, one in met.items():
        if one is None:
            continue
        where = f"{method} {rule.rule} as {actor.name}, {place or 'no thing'}: {one.status}"
        if one.letter == "!":
            found.errors.append(where)
        if (
            absent
            and place != "own"
            and one.letter in ".x"
            and one.letter == absent.letter
            and _shape(one) != _shape(absent)
        ):
            found.unlike.append(where)
        _look_for_canaries(found, probe, rule, actor, one, where)


def _shape(met: Met) -> tuple[object, ...]:
    return met.status, met.headers, met.plain


def _look_for_canaries(found: Survey, probe: Probe, rule: Rule, actor: Actor, met: Met, where: str) -> None:
    text = unpacked(met.body) + repr(met.headers).encode()
    if rule.rule not in SHOWN_TO_WHO_HAS_THE_KEY:
        hidden = actor.hidden(probe.world, of_the_unit=rule.rule.startswith(OF_THE_UNIT))
        found.leaks += [f"{where}: {word}" for word in hidden if word.encode() in text]
    if rule.rule not in FULL_NUMBER:
        everybody = [*probe.world.witnesses.values(), *(one.holder for one in probe.world.actors if one.holder)]
        found.numbers += [f"{where}: number of {one.canary}" for one in everybody if one.id_number.encode() in text]


def _searches(found: Survey, probe: Probe, rule: Rule, searched: set[str]) -> None:
    """A list looks for the word that all canaries share, and finds those of one's reach only.

    Of addresses with variables, those whose page has a form that searches.
    """
    for actor in probe.world.actors:
        for place, values in probe.places(rule, actor):
            if place in ("", "own") and values is not None and (not rule.arguments or actor.name in searched):
                met = probe.ask(rule, "GET", actor, values, query=SEARCH)
                _look_for_canaries(found, probe, rule, actor, met, f"GET {rule.rule} as {actor.name}, searching")


def _without_role(found: Survey, probe: Probe, rule: Rule, method: str, actors: Iterable[Actor]) -> None:
    """Who lost every role in the moment before is refused by the next request.

    Of those who may write, one is asked: the guard in front is the same for all, and every request takes its time.
    """
    if not rule.rule.startswith("/staff"):
        return
    for actor in actors:
        if actor.holder is None or actor.session_id is None:
            continue
        for place, values in probe.places(rule, actor):
            if place in ("", "own") and values is not None:
                met = probe.ask(rule, method, actor, values, before=lambda session, who=actor: _end_roles(session, who))
                if met.letter not in "x>":
                    found.still_let_in.append(f"{method} {rule.rule} as {actor.name}: {met.status}")


def _end_roles(session: Session, actor: Actor) -> None:
    assert actor.holder
    mine = RoleGrantRow.person_id == actor.holder.person.person_id
    session.execute(update(RoleGrantRow).where(mine, RoleGrantRow.ended_at.is_(None)).values(ended_at=clock.now()))


def _other_methods(found: Survey, probe: Probe, rule: Rule, offered: set[str]) -> None:
    """Methods that an address does not list are refused as such, whoever asks."""
    actor = next(one for one in probe.world.actors if one.name == "nation")
    values = {name: bodies.FIXED.get(name, "00000000-0000-7000-8000-00000000abcd") for name in rule.arguments}
    for method in METHODS:
        if method not in offered and (met := probe.ask(rule, method, actor, values)).status not in (404, 405):
            found.methods.append(f"{method} {rule.rule}: {met.status}")


def merged(parts: Iterator[Survey]) -> Survey:
    """What several surveys found, as one."""
    whole = Survey()
    for part in parts:
        for name, value in vars(part).items():
            mine = getattr(whole, name)
            setattr(whole, name, max(mine, value) if name == "seconds" else mine + value)
    return whole
