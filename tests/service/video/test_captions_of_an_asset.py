"""Captions are kept as clean WebVTT; a broken file is refused naming its line."""

import pytest

from lms.infra.db import reading
from lms.kernel.errors import Invalid, NotFound
from lms.video import queries, service
from tests.factories.content import CAPTIONS, make_ready_asset
from tests.factories.people import NOW, Staff

SRT = "1\r\n00:00:01,000 --> 00:00:02,500\r\n<b>您好</b>\r\n"


@pytest.mark.parametrize(
    "content", [CAPTIONS.encode(), SRT.encode(), SRT.encode("gb18030")], ids=["vtt", "srt", "srt_gbk"]
)
def test_each_known_form_is_stored_as_webvtt(staff: Staff, content: bytes) -> None:
    asset_id = make_ready_asset(staff.uploader)
    caption_id = service.take_captions(asset_id, content, now=NOW)
    with reading() as session:
        caption = queries.caption(session, caption_id)
    assert caption.asset_id == asset_id
    assert caption.text.startswith("WEBVTT\n")
    assert "<b>" not in caption.text


def test_a_broken_file_is_refused_naming_the_line(staff: Staff) -> None:
    asset_id = make_ready_asset(staff.uploader)
    with pytest.raises(Invalid) as refusal:
        service.take_captions(asset_id, b"WEBVTT\n\n00:00:05.000 --> 00:00:01.000\nx\n", now=NOW)
    assert (refusal.value.fields["captions"] % refusal.value.extra).startswith("第 3 行")


def test_captions_beyond_the_end_are_refused_once_the_length_is_known(staff: Staff) -> None:
    late = b"WEBVTT\n\n00:02.000 --> 00:04.000\nx\n"
    with pytest.raises(Invalid) as refusal:
        service.take_captions(make_ready_asset(staff.uploader, duration_ms=2000), late, now=NOW)
    assert "captions" in refusal.value.fields
    assert service.take_captions(make_ready_asset(staff.uploader, duration_ms=5000), late, now=NOW)


def test_captions_need_their_video(staff: Staff) -> None:
    with pytest.raises(NotFound):
        service.take_captions(staff.uploader.person_id, CAPTIONS.encode(), now=NOW)
