"""Attacks 25 and on, which T6 does not name: each tries to turn a kindness of the rules into time."""

from collections.abc import Callable
from typing import Any

from tests.factories.together import at_once
from tests.factories.watch_attacks.world import HOUR, MINUTE, SECOND, Attack, Place, Visitor, as_json

LONG = 10 * MINUTE
KEPT = 12 * MINUTE
"""So much unclaimed real time a lease keeps for a page that had no network."""


def attack_25_an_open_lease_as_a_savings_account(place: Place) -> None:
    cheat = place.visitor()
    lease = cheat.open(place.hall)
    for seq in range(120):
        place.wait(30)
        cheat.beat(lease, seq=seq)
    cheat.beat(lease, (0, 3 * HOUR), seq=121)
    assert 0 < cheat.paid <= KEPT * place.rate // 100


def attack_26_leaving_before_the_question_comes(place: Place) -> None:
    """Leases that are left for others before they ask, and never an answer: paid is what was played before the first question."""
    cheat, asked = place.visitor(), False
    for n in range(30):
        course = place.hall if n % 2 else place.courses[n // 2 % 8]
        lease = cheat.open(course)
        place.wait(place.rng.uniform(60, 700))
        spans = ((0, 3 * HOUR),) if n % 2 else ((0, LONG),)
        asked |= cheat.beat(lease, *spans, seq=n).get("presence") is not None
    assert asked
    in_the_hall = max(end for _, end in cheat.claimed[place.hall.asset_ids[0]])
    assert cheat.paid < in_the_hall and _paid_in_hall(place, cheat) <= 20 * MINUTE + KEPT * place.rate // 100


def _paid_in_hall(place: Place, cheat: Visitor) -> float:
    path = f"/api/v1/lectures/{place.hall.lecture_ids[0]}/progress"
    coverage: float = cheat.get(path).get_json()["coverage"]
    return coverage * 3 * HOUR


def attack_27_a_millisecond_at_a_time(place: Place) -> None:
    """If each beat were rounded in its own favour, a thousand of them would pay."""
    cheat, course = place.visitor(), place.courses[0]
    lease, at = cheat.open(course), 0
    for seq in range(place.many(2_000)):
        place.wait(place.rng.choice((0.001, 0.001, 0.002)))
        step = place.rng.choice((1, 2, 3))
        cheat.beat(lease, (at, at + step), seq=seq)
        at += step
    assert 0 < cheat.paid <= place.real_ms(cheat)


def attack_28_a_storm_of_leases_claimed_late(place: Place) -> None:
    """Each superseded lease still credits its own queue for ten minutes; all of them together still one clock."""
    cheat = place.visitor()
    leases = []
    for n in range(place.many(600)):
        leases.append(cheat.open(place.courses[n % 8]))
        place.wait(1)
    for lease in place.rng.sample(leases, len(leases)):
        cheat.beat(lease, (0, LONG))
        place.wait(0.1)
    assert 0 < cheat.paid <= place.real_ms(cheat)


def attack_29_an_answer_that_comes_from_a_script(place: Place) -> None:
    """Answers before the question, to other leases' questions, twice, and long after: none brings back what was held."""
    cheat = place.visitor()
    lease, question, at = cheat.open(place.hall), None, 0
    while question is None:
        place.wait(60)
        at += 60 * SECOND
        assert at <= 21 * MINUTE
        question = cheat.beat(lease, (at - 60 * SECOND, at), seq=at)["presence"]
    until_asked = place.real_ms(cheat)
    assert cheat.post(f"/api/v1/leases/{lease}/presence", {"id": lease}).status_code == 404
    other = place.visitor("另一人")
    theirs = other.open(place.hall)
    assert other.post(f"/api/v1/leases/{theirs}/presence", {"id": question["id"]}).status_code == 404
    place.wait(9 * 60)
    cheat.beat(lease, (0, 3 * HOUR), seq=at + 1)
    assert cheat.paid <= until_asked
    told = [cheat.post(f"/api/v1/leases/{lease}/presence", {"id": question["id"]}).get_json() for _ in range(3)]
    assert [one["lost_ms"] for one in told] == [9 * MINUTE] * 3
    place.wait(60)
    cheat.beat(lease, (0, 3 * HOUR), seq=at + 2)
    assert 0 < cheat.paid <= until_asked + MINUTE * place.rate // 100


def attack_30_everything_at_once(place: Place) -> None:
    """Openings, beats, last beats and a sign-out in one moment, from as many browsers."""
    cheat, number = place.visitor(), 12 if place.whole else 4
    lease = cheat.open(place.courses[0])
    place.wait(20)
    spans = [(n * SECOND, (n + 40) * SECOND) for n in range(number)]
    place.note_claim(lease, spans)
    beats = [_sent(cheat, lease, {"seq": n, "segments": [list(one)], "position_ms": 0}) for n, one in enumerate(spans)]
    last = [_sent(cheat, lease, {"seq": 99, "segments": [], "position_ms": 0, "final": True}) for _ in range(number)]
    devices = [cheat.another_device() for _ in range(number)]
    opened = [_opened(one, place, n) for n, one in enumerate(devices)]
    gone = cheat.another_device()
    results = at_once(
        *beats, *last, *opened, lambda: gone.client.delete("/api/v1/session", headers={"X-CSRFToken": gone.csrf})
    )
    assert not [one for one in results if one is None], "a request hangs"
    for new in [one for one in results if isinstance(one, str)]:
        cheat.beat(new, (0, LONG))
    assert cheat.paid <= 20 * SECOND * place.rate // 100


def _sent(cheat: Visitor, lease: str, body: Any) -> Callable[[], object]:
    client = cheat.place.app.test_client()
    path = f"/api/v1/leases/{lease}/beats"
    return lambda: cheat.place.told(client.post(path, data=as_json(body), content_type="application/json"))


def _opened(device: Visitor, place: Place, number: int) -> Callable[[], object]:
    return lambda: device.open(place.courses[number % 8])


def attack_31_crumbs_with_short_gaps(place: Place) -> None:
    """A millisecond of every second: the gaps between are closed for honest players, at the price of real time."""
    cheat, course = place.visitor(), place.courses[0]
    lease = cheat.open(course)
    crumbs = [(n * 1_001, n * 1_001 + 1) for n in range(599)]
    place.wait(2)
    for n in range(0, len(crumbs), 32):
        cheat.beat(lease, *crumbs[n : n + 32], seq=n)
    assert cheat.paid <= 2 * SECOND * place.rate // 100
    cheat.beat(lease, *[(n * 1_200, n * 1_200 + 1) for n in range(500)], seq=1_000)
    assert cheat.paid <= 2 * SECOND * place.rate // 100


def attack_32_a_last_beat_that_is_taken_back(place: Place) -> None:
    """Ending and opening in turn, each time with the whole lecture: an end buys no second clock."""
    cheat, course = place.visitor(), place.courses[0]
    rounds = 20 if place.whole else 5
    for seq in range(rounds):
        lease = cheat.open(course)
        place.wait(2)
        cheat.beat(lease, (0, LONG), seq=seq, final=True)
        cheat.beat(lease, (0, LONG), seq=seq + 1, final=True)
    assert cheat.paid == rounds * 2 * SECOND * place.rate // 100


ATTACKS: tuple[Attack, ...] = (
    attack_25_an_open_lease_as_a_savings_account,
    attack_26_leaving_before_the_question_comes,
    attack_27_a_millisecond_at_a_time,
    attack_28_a_storm_of_leases_claimed_late,
    attack_29_an_answer_that_comes_from_a_script,
    attack_30_everything_at_once,
    attack_31_crumbs_with_short_gaps,
    attack_32_a_last_beat_that_is_taken_back,
)
