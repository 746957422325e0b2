"""Attacks 20 to 22 and 24: leases that are over, that belong to others, that nobody may have, or that have no player."""

from uuid import UUID

from sqlalchemy import select

from lms.accounts.models import AccountRow
from lms.accounts.service import states
from lms.catalogue import service as authoring
from lms.infra.db import reading
from tests.factories import content, learning
from tests.factories.watch_attacks.world import MINUTE, SECOND, Attack, Place, Visitor, as_json

LONG = 10 * MINUTE


def attack_20_the_lease_of_a_finished_playback(place: Place) -> None:
    cheat, course = place.visitor(), place.courses[0]
    lease = cheat.open(course)
    place.wait(60)
    cheat.beat(lease, (0, 60 * SECOND), final=True)
    earned = cheat.paid
    for seq in range(2, 42):
        place.wait(30)
        answer = cheat.beat(lease, (0, LONG), seq=seq)
        assert answer["status"] == 410 and answer["lease_state"] == "ended"
    assert cheat.paid <= 60 * SECOND * place.rate // 100 and earned == 60 * SECOND


def attack_21_the_lease_of_a_colleague(place: Place) -> None:
    """Who has it can report for its owner, within the owner's real time; nothing of it is ever the thief's."""
    owner, thief, course = place.visitor("同事"), place.visitor(), place.courses[0]
    lease = owner.open(course)
    mine = thief.open(place.courses[1])
    place.wait(30)
    playlist = f"/media/{course.asset_ids[0]}/master.m3u8"
    assert thief.get(playlist).status_code in {403, 404}, "a colleague's video needs a grant of one's own"
    thief.beat(lease, (0, LONG), seq=1, final=False)
    enrolment = learning.add_enrolment(learning.add_class(place.school, [course]), owner.person_id)
    body = {"lecture_id": str(course.lecture_ids[0]), "enrolment_id": str(enrolment)}
    assert thief.post("/api/v1/leases", body).status_code == 404
    assert (owner.paid, thief.paid) == (30 * SECOND * place.rate // 100, 0)
    assert thief.beat(mine, (0, LONG))["accepted_ms"] == 30 * SECOND * place.rate // 100


def attack_22_a_lecture_that_is_not_there(place: Place) -> None:
    """Not released, not in the course that is named, unknown, withdrawn before and withdrawn in mid-play."""
    cheat = place.visitor()
    draft = place.course("未发布", published=False)
    elsewhere = learning.add_enrolment(learning.add_class(place.school, [place.courses[1]]), cheat.person_id)
    for refused in (
        {"lecture_id": str(draft.lecture_ids[0])},
        {"lecture_id": str(draft.asset_ids[0])},
        {"lecture_id": str(UUID(int=7))},
        {"lecture_id": str(place.courses[0].lecture_ids[0]), "enrolment_id": str(elsewhere)},
    ):
        assert cheat.post("/api/v1/leases", refused).status_code == 404
    version = content.publish(place.staff, now=place.now)
    place.decide(version.course_id)
    live = learning.Course(version.course_id, (version.lecture_id,), (version.asset_id,), 90_000)
    place.wait(600)
    lease = cheat.open(live)
    place.wait(20)
    authoring.suspend(version.revision_id, actor=place.staff.national_reviewer, reason="引文有误", now=place.now)
    place.wait(40)
    answer = cheat.beat(lease, (0, 90_000))
    assert (answer["status"], answer["lease_state"], answer["completed"]) == (410, "revoked", False)
    assert cheat.post("/api/v1/leases", {"lecture_id": str(version.lecture_id)}).status_code == 404
    assert cheat.paid == 20 * SECOND * place.rate // 100


def attack_24_without_a_player_or_after_the_end_of_the_sign_in(place: Place) -> None:
    _without_the_playlist(place)
    _after_signing_out(place)
    _after_the_account_was_disabled(place)


def _without_the_playlist(place: Place) -> None:
    """Nothing fetched, another's playlist fetched, a mark that was made up."""
    cheat, other, course = place.visitor(), place.visitor("另一人"), place.courses[0]
    marked = other.post("/api/v1/leases", {"lecture_id": str(course.lecture_ids[0])}).get_json()
    opened = cheat.post("/api/v1/leases", {"lecture_id": str(course.lecture_ids[0])}).get_json()
    lease = opened["lease_id"]
    place.assets[lease] = course.asset_ids[0], cheat
    plain = opened["playlist_url"].partition("?")[0]
    cheat.get(f"{plain}?{marked['playlist_url'].partition('?')[2]}")
    for made_up in ("", lease, lease.replace("-", ""), "0" * 64, "%00", marked["lease_id"]):
        cheat.get(f"{plain}?for={made_up}")
    cheat.get(plain.replace("master.m3u8", "360p-00000.m4s"))
    for seq in range(1, 5):
        place.wait(15)
        answer = cheat.beat(lease, (0, LONG), seq=seq)
        assert {trim["reason"] for trim in answer["trimmed"]} == {"playlist_not_fetched"}
    assert cheat.paid == 0


def _after_signing_out(place: Place) -> None:
    cheat, course = place.visitor(), place.courses[0]
    lease = cheat.open(course)
    place.wait(20)
    assert place.told(cheat.client.delete("/api/v1/session", headers={"X-CSRFToken": cheat.csrf})).status_code < 300
    _plays_on(cheat, lease, "ended")


def _after_the_account_was_disabled(place: Place) -> None:
    cheat, course = place.visitor(), place.courses[0]
    lease = cheat.open(course)
    place.wait(20)
    with reading() as session:
        name = session.execute(select(AccountRow.username).where(AccountRow.person_id == cheat.person_id)).scalar_one()
    states.disable(name, reason="离职", now=place.now)
    _plays_on(cheat, lease, "revoked")
    body = {"lecture_id": str(course.lecture_ids[0])}
    assert cheat.post("/api/v1/leases", body).status_code == 401


def _plays_on(cheat: Visitor, lease: str, state: str) -> None:
    """Twenty seconds were played; what is claimed of the time after them is worth nothing."""
    for seq in range(1, 6):
        cheat.place.wait(15)
        assert cheat.beat(lease, (0, LONG), seq=seq)["lease_state"] == state
    cheat.send(lease, as_json({"seq": 9, "segments": [[0, LONG]], "position_ms": 0}))
    assert cheat.paid == 20 * SECOND * cheat.place.rate // 100


ATTACKS: tuple[Attack, ...] = (
    attack_20_the_lease_of_a_finished_playback,
    attack_21_the_lease_of_a_colleague,
    attack_22_a_lecture_that_is_not_there,
    attack_24_without_a_player_or_after_the_end_of_the_sign_in,
)
