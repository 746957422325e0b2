"""A video that nobody handed in goes after a week, with its files; one that any revision ever handed in stays."""

from datetime import timedelta

import pytest

from lms.catalogue import service
from lms.infra.db import reading
from lms.infra.storage import storage
from lms.kernel.errors import NotFound
from lms.video import queries, service as video
from tests.factories.content import CAPTIONS, make_lecture, make_ready_asset
from tests.factories.people import NOW, Staff


def test_only_what_is_old_and_unused_goes(staff: Staff) -> None:
    unused, used = make_ready_asset(staff.uploader), make_ready_asset(staff.uploader)
    caption_id = video.take_captions(unused, CAPTIONS.encode(), now=NOW)
    make_lecture(staff.uploader, asset_id=used)
    young = make_ready_asset(staff.uploader, now=NOW + timedelta(days=3))
    assert service.discard_unused_videos(now=NOW + service.UNUSED_FOR) == 0
    assert service.discard_unused_videos(now=NOW + service.UNUSED_FOR + timedelta(seconds=1)) == 1
    with reading() as session:
        with pytest.raises(NotFound):
            queries.asset(session, unused)
        with pytest.raises(NotFound):
            queries.caption(session, caption_id)
        assert {queries.asset(session, one).state for one in (used, young)} == {"ready"}
    assert not storage().exists(f"{video.package_key(unused)}/master.m3u8")
    assert storage().exists(f"{video.package_key(used)}/master.m3u8")
