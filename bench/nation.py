"""Loads a nation of made-up people into an empty PostgreSQL database: the same for the same seed but for ids and sealed texts.

Units hang together as they do in China (nation, provinces and industries, cities, counties, townships, units); names are drawn
from common family and given names, so that many people share one. What is loaded keeps every rule of the schema; the triggers
and foreign keys rest meanwhile, and the indexes are built afterwards.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from random import Random
from uuid import UUID

import psycopg

from lms.accounts.models import PersonRow
from lms.infra import crypto, pinyin
from lms.infra.sealing import seal
from lms.kernel import ids
from lms.organisations.domain.paths import path_of

SEED = 20261121
FAMILY = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟"
    "谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤"
)
GIVEN = (
    "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华建国志文玉兰红梅海燕春雪峰鹏宇浩欣怡佳颖琳婷慧丹莉云飞龙辉斌波"
    "宁凯旭东亮阳晨光荣贵生林森山川江河雨露诗涵梓轩子墨思远嘉乐安康永福祥瑞德义忠孝仁礼智信诚"
)
CITIES, COUNTIES, TOWNSHIPS = 0.0033, 0.028, 0.15
"""Shares of all units; what is left are units of work."""
CATEGORIES = (("division", 2), ("section", 14), ("socialised", 9), ("enterprise", 55), ("other", 20))
EMPLOYMENTS = (("full_time", 30), ("part_time", 65), ("seconded", 5))
LEVELS = (("declared", 25), ("unit", 65), ("id_number", 10))
STATES = (("active", 965), ("disabled", 25), ("closed", 7), ("merged", 3))
POSTS = ("工会主席", "工会副主席", "工会干事", "组织委员", "女职工委员", "经费审查委员", "社会化工会工作者")
LEAF = 60
"""People of the unit of work that is looked at: more than a page."""
LAST_NUMBER = 199_999_999


@dataclass(frozen=True)
class Place:
    """A unit of the nation."""

    id: UUID
    parent: "Place | None"
    path: str
    name: str
    kind: str


@dataclass(frozen=True)
class Nation:
    """What was loaded: one unit of each rank, each below the one before, and some mobile numbers that somebody has."""

    places: dict[str, Place]
    mobiles: tuple[str, ...]


def load(connection: psycopg.Connection, *, people: int, units: int, now: datetime, seed: int = SEED) -> Nation:
    """Fills the tables of units, people, memberships and accounts in one transaction; `connection` commits by itself.

    They are vacuumed and analysed then, as the server does in the background.
    """
    rng = Random(seed)
    tree = _tree(rng, units, now)
    with connection.transaction():
        connection.execute("SET LOCAL session_replication_role = replica")  # no triggers, no foreign keys
        indexes = _without_indexes(connection, ("unit", "person", "membership", "account"))
        _copy(connection, "unit", UNIT, (_unit(place, now) for place in tree))
        mobiles = _people(connection, rng, [place for place in tree if place.kind != "national"], people, now)
        for definition in indexes:
            connection.execute(definition)
    connection.execute("VACUUM ANALYZE unit, person, membership, account")
    return Nation(_chain(tree), mobiles)


UNIT = ("id", "parent_id", "path", "name", "name_key", "initials", "kind", "code", "state", "created_at")
PERSON = (
    "id", "name", "name_key", "initials", "sex", "unit_id", "unit_path", "post", "category", "employment", "appointed_on",
    "mobile_sealed", "mobile_hash", "identity_level", "merged_into", "closed_at", "created_at",
)  # fmt: skip
MEMBERSHIP = ("id", "person_id", "unit_id", "is_primary", "from_on", "until_on", "recorded_at", "reason")
ACCOUNT = (
    "id", "person_id", "username", "password_hash", "password_at", "duty_password", "totp_step", "state", "state_reason",
    "created_at",
)  # fmt: skip
Row = Sequence[object]


def _tree(rng: Random, count: int, now: datetime) -> list[Place]:
    """The units, each after the one that it stands below."""
    national = _below(None, "中华全国总工会", "national", now)
    levels = {"national": [national]}
    levels["province"] = [_below(national, f"第{n}省总工会", "province", now) for n in range(1, 32)]
    levels["industry"] = [_below(national, f"第{n}全国产业工会", "industry", now) for n in range(1, 11)]
    for kind, above, share, ending in (
        ("city", "province", CITIES, "市总工会"),
        ("county", "city", COUNTIES, "县总工会"),
        ("township", "county", TOWNSHIPS, "镇工会"),
    ):
        number = max(31, round(count * share))
        levels[kind] = [
            _below(rng.choice(levels[above]), f"{_given(rng)}{_given(rng)}{ending}", kind, now) for _ in range(number)
        ]
    tree = [place for level in levels.values() for place in level]
    parents = levels["county"] + levels["township"] * 4 + levels["industry"]
    while len(tree) < count:
        tree.append(
            _below(rng.choice(parents), f"{_given(rng)}{_given(rng)}{_given(rng)}有限公司工会委员会", "unit", now)
        )
    return tree


def _below(parent: Place | None, name: str, kind: str, now: datetime) -> Place:
    unit_id = ids.new_id(now)
    return Place(unit_id, parent, path_of(unit_id, parent.path if parent else None), name, kind)


def _unit(place: Place, now: datetime) -> Row:
    parent = place.parent.id if place.parent else None
    key, initials = pinyin.key_of(place.name, limit=400), pinyin.initials_of(place.name, limit=120)
    return (place.id, parent, place.path, place.name, key, initials, place.kind, "", "open", now)


def _people(
    connection: psycopg.Connection, rng: Random, places: list[Place], count: int, now: datetime
) -> tuple[str, ...]:
    """Loads the people in turns, so that no more than one turn's rows are in memory."""
    mobiles: list[str] = []
    leaf = _chain(places)["unit"]
    homes = [leaf] * LEAF + rng.choices(places, [3 if place.kind == "unit" else 30 for place in places], k=count - LEAF)
    for start in range(0, count, 50_000):
        people, memberships, accounts = [], [], []
        for number, home in enumerate(homes[start : start + 50_000], start):
            mobile = f"13{number % LAST_NUMBER:09d}"
            if number % max(1, count // 200) == 0:
                mobiles.append(mobile)
            person = _person(rng, home, mobile, now)
            state = _drawn(rng, STATES)
            merged = people[0][0] if state == "merged" and people else None
            state = state if merged or state != "merged" else "active"
            closed = now if state == "closed" else None
            people.append((*person, merged, closed, now))
            memberships += _memberships(rng, person[0], home, places, now)
            account = (ids.new_id(now), person[0], f"u{number:08d}", "", now, False, 0, state, "", now)
            accounts.append(account)
        _copy(connection, "person", PERSON, people)
        _copy(connection, "membership", MEMBERSHIP, memberships)
        _copy(connection, "account", ACCOUNT, accounts)
    return tuple(mobiles)


def _person(rng: Random, home: Place, mobile: str, now: datetime) -> Row:
    family, given = (
        FAMILY[int(len(FAMILY) * rng.random() ** 2)],
        _given(rng) + (_given(rng) if rng.random() < 0.85 else ""),
    )
    parts = [_read(family, True), *(_read(one, False) for one in given)]
    person_id = ids.new_id(now)
    return (
        person_id, family + given, "".join(parts), "".join(part[0] for part in parts), rng.choice(("female", "male")),
        home.id, home.path, rng.choice(POSTS), _drawn(rng, CATEGORIES), _drawn(rng, EMPLOYMENTS),
        date(2010, 1, 1) + timedelta(days=rng.randrange(5_800)), seal(PersonRow.mobile_sealed, person_id, mobile),
        crypto.mac("mobile", mobile),
        _drawn(rng, LEVELS),
    )  # fmt: skip


def _memberships(rng: Random, person_id: object, home: Place, places: list[Place], now: datetime) -> Iterator[Row]:
    """Today's primary one, for a tenth one that is over, for a twentieth a second one."""
    since = date(2018, 1, 1) + timedelta(days=rng.randrange(2_900))
    yield (ids.new_id(now), person_id, home.id, True, since, None, now, "")
    drawn = rng.random()
    if drawn < 0.1:
        yield (ids.new_id(now), person_id, rng.choice(places).id, True, since - timedelta(days=400), since, now, "")
    elif drawn < 0.15:
        yield (ids.new_id(now), person_id, rng.choice(places).id, False, since, None, now, "")


def _given(rng: Random) -> str:
    return GIVEN[int(len(GIVEN) * rng.random() ** 2)]


def _drawn(rng: Random, shares: tuple[tuple[str, int], ...]) -> str:
    left = rng.random() * sum(share for _, share in shares)
    for name, share in shares:
        left -= share
        if left < 0:
            return name
    return shares[0][0]


@cache
def _read(character: str, family: bool) -> str:
    return pinyin.key_of(character, person=family)


def _chain(tree: list[Place]) -> dict[str, Place]:
    """A unit of work with everything that it stands below, by their kinds."""
    place: Place | None = next(one for one in tree if one.kind == "unit" and one.path.count("/") == 7)
    chain = {}
    while place:
        chain[place.kind] = place
        place = place.parent
    return chain


def _copy(connection: psycopg.Connection, table: str, columns: Sequence[str], rows: Iterable[Row]) -> None:
    with connection.cursor() as cursor, cursor.copy(f"COPY {table} ({', '.join(columns)}) FROM STDIN") as copy:
        lines: list[str] = []
        for row in rows:
            lines.append("\t".join(map(_written, row)))
            if len(lines) == 2_000:
                copy.write("\n".join(lines) + "\n")
                lines.clear()
        copy.write("".join(f"{line}\n" for line in lines))


def _written(value: object) -> str:
    if value is None:
        return r"\N"
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    return str(value)


def _without_indexes(connection: psycopg.Connection, tables: Sequence[str]) -> list[str]:
    """Drops the indexes that belong to no constraint; gives the statements that make them again."""
    found = connection.execute(
        "SELECT i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid) FROM pg_index i "
        "WHERE i.indrelid = ANY(%s::regclass[]) AND NOT EXISTS (SELECT FROM pg_constraint c WHERE c.conindid = i.indexrelid)",
        [list(tables)],
    ).fetchall()
    for name, _ in found:
        connection.execute(f"DROP INDEX {name}")
    return [definition for _, definition in found]
