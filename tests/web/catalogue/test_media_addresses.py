"""Files of a video answer only to who holds a grant for exactly that video. I1, requirements 37 and 67."""

from uuid import uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient

from lms.video import service as video
from tests.factories.content import CAPTIONS, hand_in, make_ready_asset, publish
from tests.factories.people import NOW, Staff, csrf_token, post, signed_in

FILES = ("master.m3u8", "360p-00000.m4s", "poster.jpg")


def statuses(client: FlaskClient, asset_id: object, *names: str) -> set[int]:
    found = set()
    for name in names or FILES:
        with client.get(f"/media/{asset_id}/{name}") as answer:
            found.add(answer.status_code)
    return found


def test_nobody_reaches_a_file_without_a_grant(clean: Flask, staff: Staff) -> None:
    asset_id = make_ready_asset(staff.uploader)
    caption_id = video.take_captions(asset_id, CAPTIONS.encode(), now=NOW)
    hand_in(staff.uploader, asset_id=asset_id, caption_id=caption_id)
    for client in (clean.test_client(), *(signed_in(clean, one) for one in (staff.learner, staff.uploader))):
        assert statuses(client, asset_id, *FILES, f"captions/{caption_id}.vtt") == {404}


def test_publishing_alone_opens_no_file_either(clean: Flask, staff: Staff) -> None:
    version = publish(staff)
    assert statuses(signed_in(clean, staff.learner), version.asset_id) == {404}
    assert statuses(clean.test_client(), version.asset_id) == {404}


def test_a_reviewers_page_opens_that_video_and_no_other(clean: Flask, staff: Staff) -> None:
    asset_id = make_ready_asset(staff.uploader)
    caption_id = video.take_captions(asset_id, CAPTIONS.encode(), now=NOW)
    revision_id = hand_in(staff.uploader, asset_id=asset_id, caption_id=caption_id)
    other = make_ready_asset(staff.uploader)
    client = signed_in(clean, staff.province_reviewer)
    client.get(f"/staff/reviews/{revision_id}")
    assert statuses(client, asset_id, *FILES, f"captions/{caption_id}.vtt") == {200}
    assert statuses(client, other) == {404}
    assert statuses(client, asset_id, "source", "../x.m3u8", "nothing.m3u8", f"captions/{uuid4()}.vtt") == {404}


def test_the_grant_can_be_renewed_and_another_videos_grant_opens_nothing(clean: Flask, staff: Staff) -> None:
    revision_id = hand_in(staff.uploader)
    author = signed_in(clean, staff.uploader)
    address = f"/staff/lectures/{revision_id}/grant"
    assert author.post(address).status_code == 400
    answer = author.post(address, headers={"X-CSRFToken": csrf_token(author)})
    assert answer.status_code == 204
    cookie = answer.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie
    stolen = cookie.partition("=")[2].partition(";")[0]
    other = make_ready_asset(staff.uploader)
    thief = clean.test_client()
    thief.set_cookie(video.GRANT_COOKIE, stolen, path="/")
    assert statuses(thief, other) == {404}


@pytest.mark.parametrize("who", ["learner", "other_province_reviewer", "national_reviewer"])
def test_no_grant_for_who_has_no_business_with_it(clean: Flask, staff: Staff, who: str) -> None:
    revision_id = hand_in(staff.uploader)
    answer = post(signed_in(clean, getattr(staff, who)), f"/staff/lectures/{revision_id}/grant")
    assert answer.status_code in {403, 404}
    assert video.GRANT_COOKIE not in answer.headers.get("Set-Cookie", "")
