"""Attacks 1 to 10 and 14 to 19: one person, one page, and requests that say what never played."""

import math

from tests.factories.watch_attacks.world import HOUR, MINUTE, SECOND, Attack, Place, as_json

LONG = 10 * MINUTE


def attack_01_one_beat_a_thousand_times(place: Place) -> None:
    cheat, course = place.visitor(), place.courses[0]
    lease = cheat.open(course)
    place.wait(15)
    for _ in range(place.many(1_000)):
        cheat.beat(lease, (0, 15 * SECOND))
        place.wait(place.rng.random())
    assert cheat.paid == 15 * SECOND


def attack_02_a_whole_session_again_the_next_day(place: Place) -> None:
    cheat, course = place.visitor(), place.courses[0]
    lease = cheat.open(course)
    spans = [(n * 15 * SECOND, (n + 1) * 15 * SECOND) for n in range(12)]
    for span in spans:
        place.wait(15)
        cheat.beat(lease, span)
    earned = cheat.paid
    place.wait(24 * 3600)
    again = cheat.open(course)
    for seq, span in enumerate(spans, 1):
        place.wait(15)
        for one in (lease, again):
            assert cheat.beat(one, span, seq=seq)["accepted_ms"] == 0
    assert cheat.paid == earned == 180 * SECOND


def attack_03_a_recorded_session_under_anothers_name(place: Place) -> None:
    victim, cheat, course = place.visitor("被录制的人"), place.visitor(), place.courses[0]
    theirs = victim.open(course)
    recorded = []
    for n in range(12):
        place.wait(15)
        recorded.append((n * 15 * SECOND, (n + 1) * 15 * SECOND))
        victim.beat(theirs, recorded[-1])
    earned = victim.paid
    mine = cheat.open(course)
    for seq, span in enumerate(recorded, 1):
        cheat.beat(theirs, span, seq=seq, person_id=str(cheat.person_id))
        cheat.beat(mine, span, seq=seq, person_id=str(victim.person_id))
        place.wait(0.01)
    assert (victim.paid, cheat.paid <= 120 * place.rate // 100) == (earned, True)


def attack_04_another_video_than_the_one_that_plays(place: Place) -> None:
    cheat, (seen, wanted) = place.visitor(), place.courses[:2]
    lease = cheat.open(seen)
    lies = {"lecture_id": str(wanted.lecture_ids[0]), "asset_id": str(wanted.asset_ids[0]), "duration_ms": 1}
    place.wait(15)
    cheat.beat(lease, (0, LONG), **lies)
    other = place.visitor("另一人")
    theirs = other.open(wanted)
    for n in range(12):
        other.beat(theirs, (n * 15 * SECOND, (n + 1) * 15 * SECOND), **lies)
    assert cheat.paid == 15 * SECOND * place.rate // 100 and other.paid == 0


def attack_05_a_clock_that_is_ahead(place: Place) -> None:
    _with_a_clock_of(place, 366 * 86_400)


def attack_06_a_clock_that_is_behind(place: Place) -> None:
    _with_a_clock_of(place, -366 * 86_400)


def _with_a_clock_of(place: Place, seconds: int) -> None:
    """Every field and header that could carry a time carries a wrong one."""
    cheat, course = place.visitor(), place.courses[0]
    lease = cheat.open(course)
    for seq in range(1, 9):
        place.wait(3)
        told = (place.now.timestamp() + seconds) * 1000
        times = dict.fromkeys(("now", "at", "sent_at", "timestamp", "client_time", "opened_at", "elapsed_ms"), told)
        body = {"seq": seq, "segments": [[0, LONG]], "position_ms": LONG, "rate": 1, **times}
        headers = {"Date": "Thu, 01 Jan 2099 00:00:00 GMT", "X-Request-Start": f"t={told}", "Age": str(abs(seconds))}
        place.note_claim(lease, [(0, LONG)])
        cheat.send(lease, as_json(body), headers=headers)
    assert cheat.paid == 24 * SECOND * place.rate // 100


def attack_07_five_hundred_beats_in_one_second(place: Place) -> None:
    cheat, course = place.visitor(), place.courses[0]
    lease, number = cheat.open(course), place.many(500)
    for seq in range(number):
        place.wait(1 / number)
        cheat.beat(lease, (seq * SECOND, (seq + 1) * SECOND), seq=seq)
    assert cheat.send(lease, as_json([{"seq": 1, "segments": [[0, LONG]], "position_ms": 0}] * 500)).status_code == 422
    assert 0 < cheat.paid <= SECOND * place.rate // 100 + number


def attack_08_an_hour_in_one_beat(place: Place) -> None:
    cheat = place.visitor()
    lease = cheat.open(place.hall)
    place.wait(15)
    cheat.beat(lease, (0, HOUR), final=False)
    assert cheat.paid == 15 * SECOND * place.rate // 100


def attack_09_numbers_that_are_none(place: Place) -> None:
    cheat, course = place.visitor(), place.courses[0]
    lease = cheat.open(course)
    place.wait(15)
    strange = [
        -1, -(10**9), 10**18, 10**400, 1e308, -1e308, math.nan, math.inf, -math.inf, 1.5, "0", "600000", "", None, True,
        [], [0], [[0, LONG]], {}, {"$gt": 0}, "０", "1e6", -0.0,
    ]  # fmt: skip
    for one in strange:
        for span in ([0, one], [one, LONG], [one, one], one, [0, LONG, one]):
            place.note_claim(lease, [(0, LONG)])
            cheat.send(lease, as_json({"seq": 1, "segments": [span], "position_ms": 0}))
        for name in ("seq", "segments", "position_ms", "rate", "visible", "final"):
            body = {"seq": 1, "segments": [[0, 1]], "position_ms": 0, "rate": 1, name: one}
            if name != "final" or one is not True:
                cheat.send(lease, as_json(body))
    for content in (b"", b"{", b"\xff\xfe\x00", b"[" * 5_000, b'{"seq":1,"seq":2}', b"null", as_json("x" * 100_000)):
        assert 400 <= cheat.send(lease, content).status_code < 500
    assert cheat.paid <= 15 * SECOND * place.rate // 100
    assert cheat.beat(lease, (0, LONG))["lease_state"] == "active", "the page of whoever sent nonsense plays on"


def attack_10_a_hundred_beats_a_second(place: Place) -> None:
    cheat, course = place.visitor(), place.courses[0]
    lease = cheat.open(course)
    for seq in range(place.many(1_500)):
        place.wait(0.01)
        cheat.beat(lease, (seq * 100, (seq + 1) * 100), seq=seq)
    assert 0 < cheat.paid <= place.real_ms(cheat)


def attack_14_sixteen_times_as_fast_with_honest_positions(place: Place) -> None:
    cheat, course = place.visitor(), place.courses[0]
    lease = cheat.open(course)
    for n in range(2):
        place.wait(15)
        span = (n * 240 * SECOND, (n + 1) * 240 * SECOND)
        cheat.beat(lease, span, seq=n + 1, rate=16, position_ms=span[1])
    assert cheat.paid == 30 * SECOND * place.rate // 100


def attack_15_sixteen_times_as_fast_with_faked_positions(place: Place) -> None:
    cheat, course = place.visitor(), place.courses[0]
    lease = cheat.open(course)
    for n in range(40):
        place.wait(15 / 16)
        cheat.beat(lease, (n * 15 * SECOND, (n + 1) * 15 * SECOND), seq=n + 1, rate=1)
    assert 0 < cheat.paid <= 37_520 * place.rate // 100


def attack_16_a_seek_to_the_end_in_each_beat(place: Place) -> None:
    cheat, course = place.visitor(), place.courses[0]
    lease = cheat.open(course)
    for seq in range(1, 21):
        place.wait(15)
        answer = cheat.beat(lease, (LONG - SECOND, LONG), seq=seq, position_ms=LONG, final=seq == 20)
        assert not answer["completed"] and answer["coverage"] < 0.01
    assert cheat.paid == SECOND


def attack_17_half_a_minute_for_an_hour(place: Place) -> None:
    cheat, course = place.visitor(), place.courses[0]
    lease = cheat.open(course)
    for seq in range(240 if place.whole else 60):
        place.wait(15 if place.whole else 60)
        cheat.beat(lease, (seq % 2 * 15 * SECOND, (seq % 2 + 1) * 15 * SECOND), seq=seq)
    assert cheat.paid == 30 * SECOND


def attack_18_a_hidden_tab_with_throttled_timers(place: Place) -> None:
    """Timers fire once a minute; what did not play meanwhile is claimed all the same, at twice the length."""
    cheat, course = place.visitor(), place.courses[0]
    lease = cheat.open(course)
    for n in range(5):
        place.wait(60 + place.rng.random())
        cheat.beat(lease, (n * 120 * SECOND, (n + 1) * 120 * SECOND), seq=n, visible=False)
    assert 300 * SECOND <= cheat.paid <= place.real_ms(cheat)


def attack_19_a_flood_of_beacons_on_leaving(place: Place) -> None:
    """Beacons carry neither cookie nor token; a form of another site could send them as text."""
    cheat, course = place.visitor(), place.courses[0]
    lease = cheat.open(course)
    place.wait(14)
    cheat.client = place.app.test_client()
    for n in range(place.many(500)):
        span = (n * 3 * SECOND, (n + 1) * 3 * SECOND)
        place.note_claim(lease, [span])
        body = as_json({"seq": n, "segments": [list(span)], "position_ms": 0, "final": True})
        cheat.send(lease, body)
        assert cheat.send(lease, body, content_type="text/plain;charset=UTF-8").status_code == 415
    assert 0 < cheat.paid <= 14 * SECOND * place.rate // 100


ATTACKS: tuple[Attack, ...] = (
    attack_01_one_beat_a_thousand_times,
    attack_02_a_whole_session_again_the_next_day,
    attack_03_a_recorded_session_under_anothers_name,
    attack_04_another_video_than_the_one_that_plays,
    attack_05_a_clock_that_is_ahead,
    attack_06_a_clock_that_is_behind,
    attack_07_five_hundred_beats_in_one_second,
    attack_08_an_hour_in_one_beat,
    attack_09_numbers_that_are_none,
    attack_10_a_hundred_beats_a_second,
    attack_14_sixteen_times_as_fast_with_honest_positions,
    attack_15_sixteen_times_as_fast_with_faked_positions,
    attack_16_a_seek_to_the_end_in_each_beat,
    attack_17_half_a_minute_for_an_hour,
    attack_18_a_hidden_tab_with_throttled_timers,
    attack_19_a_flood_of_beacons_on_leaving,
)
