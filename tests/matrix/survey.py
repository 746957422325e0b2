"""Asks everything as everybody and writes down what was met and what is wrong with it."""

import re
from collections.abc import Iterable

from sqlalchemy import update
from sqlalchemy.orm import Session
from werkzeug.routing import Rule

from lms.access.models import RoleGrantRow
from lms.kernel import clock
from tests.factories.planted import unpacked
from tests.matrix import bodies
from tests.matrix.findings import Survey
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


def survey(probe: Probe, number: int) -> Survey:
    """Asks one of the probe's addresses as everybody about everything."""
    found = Survey()
    rule, method = probe.addresses[number]
    before = probe.asked
    cells = []
    searchers, let_in = [], []
    for actor in probe.world.actors:
        met = probe.everywhere(rule, method, actor)
        if any(
            one and one.letter == "+" and (not rule.arguments or SEARCH_FORM.search(one.body)) for one in met.values()
        ):
            searchers.append(actor)
        if any(one and one.letter not in "x>" for one in met.values()):
            let_in.append(actor)
        cells.append(shortened([one.letter if one else "-" for one in met.values()]))
        _judge(found, probe, rule, method, actor, met)
    found.lines.append(Line(rule.rule, method, probe.guard(rule), tuple(cells)))
    if method == "GET":
        _searches(found, probe, rule, searchers)
    _without_role(found, probe, rule, method, let_in if method == "GET" else let_in[:1])
    if method == min(probe.offered[rule.rule]):
        _other_methods(found, probe, rule)
    found.asked = probe.asked - before
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
        if any(name == "content-disposition" for name, _text in one.headers):
            found.files.append(rule.rule)


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


def _searches(found: Survey, probe: Probe, rule: Rule, actors: Iterable[Actor]) -> None:
    """A list looks for the word that all canaries share, and finds those of one's reach only.

    Of addresses with variables, those whose page has a form that searches.
    """
    for actor in actors:
        for place, values in probe.places(rule, actor):
            if place in ("", "own") and values is not None:
                met = probe.ask(rule, "GET", actor, values, query=SEARCH)
                _look_for_canaries(found, probe, rule, actor, met, f"GET {rule.rule} as {actor.name}, searching")


def _without_role(found: Survey, probe: Probe, rule: Rule, method: str, actors: Iterable[Actor]) -> None:
    """Who came past the guard and lost every role in the moment before is refused by the next request.

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


def _other_methods(found: Survey, probe: Probe, rule: Rule) -> None:
    """Methods that an address does not list are refused as such, whoever asks."""
    actor = next(one for one in probe.world.actors if one.name == "nation")
    values = {name: bodies.FIXED.get(name, "00000000-0000-7000-8000-00000000abcd") for name in rule.arguments}
    for method in METHODS:
        if method not in probe.offered[rule.rule] and (met := probe.ask(rule, method, actor, values)).status not in (
            404,
            405,
        ):
            found.methods.append(f"{method} {rule.rule}: {met.status}")
