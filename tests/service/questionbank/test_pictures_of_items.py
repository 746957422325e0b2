"""Pictures lie beside the version that shows them: copied to the next one, fixed once it left the draft, whole in what is written out."""

from dataclasses import replace
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import delete, insert, select, update
from sqlalchemy.exc import DatabaseError

from lms.infra.db import reading, unit_of_work
from lms.kernel.errors import Invalid, NotFound
from lms.questionbank import queries, service
from lms.questionbank.domain.exchange import ExchangeItem, Kind, Picture
from lms.questionbank.domain.formats.detection import Format
from lms.questionbank.domain.formats.outcome import NotCarried
from lms.questionbank.models import ItemPictureRow, ItemVersionRow
from tests.factories.items import BANK, Desk, go_through, make_desk, typed_item, version
from tests.factories.people import NOW, make_land
from tests.factories.pictures import png

FIRST, SECOND = Picture("a.png", png(1)), Picture("b.png", png(2))


@pytest.fixture
def desk(clean: Flask) -> Desk:
    return make_desk(make_land())


def pictured(stem: str = "看 ![图](a.png)", *pictures: Picture) -> ExchangeItem:
    return replace(typed_item(stem), pictures=pictures or (FIRST,))


def create(desk: Desk, item: ExchangeItem) -> UUID:
    return service.create(BANK, item, author_id=desk.author.person_id, now=NOW)


def save(desk: Desk, version_id: UUID, item: ExchangeItem) -> UUID:
    token = version(version_id).token
    return service.save(version_id, BANK, item, token=token, author_id=desk.author.person_id, now=NOW)


def held(version_id: UUID) -> list[bytes]:
    found = version(version_id).item.pictures
    with reading() as session:
        return [queries.picture(session, version_id, found, number) for number in range(1, len(found) + 1)]


def test_a_version_names_its_pictures_and_lies_beside_their_bytes(desk: Desk) -> None:
    version_id = create(desk, pictured())
    assert held(version_id) == [FIRST.data]
    (known,) = version(version_id).item.pictures
    assert known == FIRST and not known.data and known.size == (2, 2)
    with reading() as session:
        content = session.execute(select(ItemVersionRow.content)).scalar_one()
        assert content["pictures"] == [["a.png", "", FIRST.digest, 2, 2]]
        with pytest.raises(NotFound):
            queries.picture(session, version_id, version(version_id).item.pictures, 2)


def test_saving_again_keeps_takes_in_and_drops(desk: Desk) -> None:
    version_id = create(desk, pictured())
    before = version(version_id)
    both = replace(before.item, stem="![图](a.png) ![图](b.png)", pictures=(*before.item.pictures, SECOND))
    assert save(desk, version_id, both) == version_id and held(version_id) == [FIRST.data, SECOND.data]
    assert version(version_id).token != before.token
    save(desk, version_id, replace(version(version_id).item, pictures=version(version_id).item.pictures[1:]))
    assert held(version_id) == [SECOND.data]
    with reading() as session:
        assert len(session.execute(select(ItemPictureRow.digest)).all()) == 1


def test_the_next_version_has_its_own_copy_and_the_published_one_is_fixed(desk: Desk) -> None:
    first = create(desk, pictured())
    go_through(desk, first)
    second = save(desk, first, replace(version(first).item, feedback="解析"))
    assert second != first and held(second) == [FIRST.data]
    service.throw_away(second, BANK, actor_id=desk.author.person_id, now=NOW)
    assert held(first) == [FIRST.data]
    mine = ItemPictureRow.version_id == first
    for act in (
        update(ItemPictureRow).where(mine).values(content=b"x"),
        delete(ItemPictureRow).where(mine),
        insert(ItemPictureRow).values(version_id=first, digest="0" * 64, content=b"x"),
    ):
        with pytest.raises(DatabaseError), unit_of_work() as session:
            session.execute(act)
    assert held(first) == [FIRST.data]


def test_the_same_picture_twice_is_kept_once(desk: Desk) -> None:
    version_id = create(desk, pictured("![一](a.png) ![二](c.png)", FIRST, Picture("c.png", FIRST.data)))
    assert held(version_id) == [FIRST.data, FIRST.data]
    with reading() as session:
        assert len(session.execute(select(ItemPictureRow.digest)).all()) == 1


@pytest.mark.parametrize(
    ("item", "why"),
    [
        (pictured("看 ![](a.png)"), "图片 a.png 没有文字说明"),
        (pictured("看图"), "图片 a.png 没有用在题目里"),
        (pictured("![图](a.png) ![图](x.png)"), "没有图片 x.png"),
        (typed_item(r"求 $\foo{x}$"), r"公式 \foo{x} 无法显示"),
    ],
    ids=["no words", "unused", "no bytes", "formula"],
)
def test_what_can_not_be_drawn_is_not_handed_in_by_name(desk: Desk, item: ExchangeItem, why: str) -> None:
    version_id = create(desk, item)
    with pytest.raises(service.NotHandedIn) as refused:
        service.hand_in([version_id], BANK, actor_id=desk.author.person_id, now=NOW)
    assert str(refused.value.extra["why"]).startswith(why)
    assert version(version_id).state == "draft"


def test_an_item_with_all_of_it_goes_the_whole_way(desk: Desk) -> None:
    item = pictured("看 ![图](a.png)，$\\frac{1}{2}$\n甲 | 乙\n---|---\n1 | 2")
    go_through(desk, version_id := create(desk, item))
    assert version(version_id).state == "published"


def test_a_bank_with_pictures_returns_from_a_file_the_same(desk: Desk) -> None:
    marked = pictured("看 ![图](a.png)，$x$\n甲 | 乙\n1 | 2", FIRST)
    html = ExchangeItem(
        Kind.SHORT_ANSWER,
        '<p>按图说明 <img src="@@PLUGINFILE@@/b.png" alt="步骤"></p>',
        format=type(marked.format)("html"),
        ref="HTML-1",
        pictures=(SECOND,),
    )
    for one in (replace(marked, ref="M-1"), html):
        create(desk, one)
    data = service.export_bank(BANK, Format.MOODLE_XML, actor_id=desk.author.person_id, now=NOW)
    read = service.read_file(data, "bank.xml")
    assert not read.faults
    service.ensure_bank("COPY", "副本", now=NOW)
    service.store_drafts("COPY", read.items, now=NOW)
    with reading() as session:
        banks = [service.exported_items(session, code) for code in (BANK, "COPY")]
    assert sorted(banks[0], key=lambda one: one.ref) == sorted(banks[1], key=lambda one: one.ref)
    assert {one.data for item in banks[1] for one in item.pictures} == {FIRST.data, SECOND.data}
    done = service.store_drafts("COPY", read.items, now=NOW)
    assert (done.stored, done.unchanged) == (0, 2), "the same file twice changes nothing"
    for format in (Format.GIFT, Format.XLSX, Format.CSV, Format.TEXT):
        with pytest.raises(NotCarried) as refused:
            service.export_bank(BANK, format, actor_id=desk.author.person_id, now=NOW)
        assert "图片" in refused.value.faults[0].message


def test_what_came_with_a_file_and_can_not_be_drawn_is_warned_of(desk: Desk) -> None:
    read = service.read_file("::q:: 求 $\\\\foo$ {T}".encode(), "a.gift")
    assert "公式 \\foo 无法显示，请检查写法" in read.items[0].warnings


def test_a_picture_of_which_no_version_has_the_bytes_is_asked_for_again(desk: Desk) -> None:
    version_id = create(desk, pictured())
    save(desk, version_id, typed_item("没有图"))  # the author opened the draft before, when it had the picture
    with pytest.raises(Invalid) as refused:
        save(desk, version_id, pictured("看 ![图](a.png)", Picture("a.png", digest=FIRST.digest)))
    assert list(refused.value.fields) == ["stem"]
    assert version(version_id).item.stem == "没有图"
