"""Attacks 11 to 13 and 23: several tabs, videos and devices, and threads that race each other."""

from collections.abc import Callable
from random import Random

from tests.factories.together import at_once
from tests.factories.watch_attacks.world import MINUTE, SECOND, Attack, Place, Visitor, as_json

LONG = 10 * MINUTE
THREADS = 64


def attack_11_two_tabs_with_one_video(place: Place) -> None:
    cheat, course = place.visitor(), place.courses[0]
    tabs = [cheat.open(course), cheat.open(course)]
    for n in range(20):
        place.wait(15)
        for number, lease in enumerate(tabs):
            start = (n * 15 + number * 300) * SECOND
            cheat.beat(lease, (start, start + 15 * SECOND), seq=n)
    assert 0 < cheat.paid <= 300 * SECOND * place.rate // 100


def attack_12_eight_tabs_with_eight_videos(place: Place) -> None:
    cheat = place.visitor()
    tabs = []
    for course in place.courses:
        tabs.append(cheat.open(course))
        place.wait(1)
    rounds = 10 if place.whole else 3
    for seq in range(rounds):
        place.wait(15)
        for lease in place.rng.sample(tabs, len(tabs)):
            cheat.beat(lease, (0, LONG), seq=seq)
    assert 0 < cheat.paid <= (8 + rounds * 15) * SECOND * place.rate // 100


def attack_13_a_phone_and_a_desk_in_turn(place: Place) -> None:
    """Both take the lease from each other again and again, and each claims what the other played too."""
    desk = place.visitor()
    phone = desk.another_device()
    played = 0
    for n in range(20 if place.whole else 5):
        for device, course in ((desk, place.courses[0]), (phone, place.courses[1])):
            lease = device.open(course)
            pause = place.rng.uniform(1, 20)
            place.wait(pause)
            played += round(pause * 1000)
            device.beat(lease, (0, LONG), seq=n)
    assert 0 < desk.paid <= played * place.rate // 100


def attack_23_beats_that_race_the_lock(place: Place) -> None:
    cheat, course = place.visitor(), place.courses[0]
    lease = cheat.open(course)
    place.wait(20)
    threads = THREADS if place.whole else 12
    bodies = [_forged(cheat, lease, Random(place.rng.random())) for _ in range(threads)]
    results = at_once(*(_racing(place, lease, some) for some in bodies))
    assert all(one == [200] * len(bodies[0]) for one in results), results
    assert 0 < cheat.paid <= 20 * SECOND * place.rate // 100


def _forged(cheat: Visitor, lease: str, rng: Random) -> list[bytes]:
    """Four beats with spans anywhere."""
    spans = [(start, start + 30 * SECOND) for start in (rng.randrange(LONG - 30 * SECOND) for _ in range(4))]
    cheat.place.note_claim(lease, spans)
    return [as_json({"seq": n, "segments": [list(span)], "position_ms": 0}) for n, span in enumerate(spans)]


def _racing(place: Place, lease: str, bodies: list[bytes]) -> Callable[[], list[int]]:
    client = place.app.test_client()
    path = f"/api/v1/leases/{lease}/beats"

    def call() -> list[int]:
        told = [client.post(path, data=one, content_type="application/json") for one in bodies]
        return [place.told(one).status_code for one in told]

    return call


ATTACKS: tuple[Attack, ...] = (
    attack_11_two_tabs_with_one_video,
    attack_12_eight_tabs_with_eight_videos,
    attack_13_a_phone_and_a_desk_in_turn,
    attack_23_beats_that_race_the_lock,
)
