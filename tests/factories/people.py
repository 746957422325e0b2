"""Units of two provinces, people with roles in them, and browsers in which they are signed in."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import count
from typing import Any

import pyotp
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.datastructures import FileStorage, MultiDict
from werkzeug.test import TestResponse, encode_multipart

from lms.access import queries as access_queries, service as access
from lms.access.domain import roles
from lms.accounts import service as accounts
from lms.accounts.models import AuthSessionRow, PersonRow
from lms.accounts.service import privacy
from lms.infra.db import reading, unit_of_work
from lms.kernel import clock, ids
from lms.kernel.principal import Principal
from lms.kernel.scope import EVERYWHERE
from lms.organisations import service as organisations
from lms.organisations.queries import Unit

NOW = datetime(2026, 11, 20, 1, 0, tzinfo=UTC)
PASSWORD = "一句很长的口令 2026"
_numbers = count(1)


@dataclass(frozen=True)
class Land:
    """The nation, two provinces, and a unit in each of them."""

    national: Unit
    province: Unit
    unit: Unit
    other_province: Unit
    other_unit: Unit


@dataclass(frozen=True)
class Staff:
    """Everybody who has a part in a review, and a learner who has none."""

    land: Land
    uploader: Principal
    province_reviewer: Principal
    other_province_reviewer: Principal
    national_reviewer: Principal
    second_national_reviewer: Principal
    learner: Principal


def make_land(now: datetime = NOW) -> Land:
    """Builds the tree of units."""
    national = organisations.add_unit(parent_id=None, name="中华全国总工会", kind="national", reach=EVERYWHERE, now=now)
    zhejiang = organisations.add_unit(
        parent_id=national.id, name="浙江省总工会", kind="province", code="33", reach=EVERYWHERE, now=now
    )
    hunan = organisations.add_unit(
        parent_id=national.id, name="湖南省总工会", kind="province", code="43", reach=EVERYWHERE, now=now
    )
    return Land(
        national=national,
        province=zhejiang,
        unit=organisations.add_unit(
            parent_id=zhejiang.id, name="杭州某公司工会", kind="unit", reach=EVERYWHERE, now=now
        ),
        other_province=hunan,
        other_unit=organisations.add_unit(
            parent_id=hunan.id, name="长沙某公司工会", kind="unit", reach=EVERYWHERE, now=now
        ),
    )


@cache
def password_hash() -> str:
    """The hash of PASSWORD, made once: hashing is slow by design."""
    return accounts.hash_password(PASSWORD)


def make_person(
    unit: Unit,
    name: str = "张三",
    *,
    grants: Mapping[str, Unit] | None = None,
    second_factor: bool | None = None,
    now: datetime = NOW,
) -> Principal:
    """A person of `unit` with an account, and with roles over units; who has roles has a second factor, unless told else."""
    secret = pyotp.random_base32() if (bool(grants) if second_factor is None else second_factor) else None
    form = accounts.Registration(
        name=name,
        sex="female",
        unit_id=unit.id,
        post="干部",
        mobile="13800000000",
        username=f"person-{next(_numbers)}",
        password=PASSWORD,
    )
    person_id = accounts.create_person(form, password_hash=password_hash(), totp_secret=secret, now=now)
    privacy.accept(person_id, privacy.CURRENT_VERSION, now)
    for role, over in (grants or {}).items():
        access.appoint(person_id, role, over.id, reason="test", now=now)
    with reading() as session:
        found = access_queries.principal_of_person(session, person_id, now=now)
    assert found is not None
    return found


def make_crowd(unit: Unit, number: int, *, now: datetime = NOW) -> None:
    """So many people of a unit as rows alone, without accounts, for lists that have to be long."""
    pattern = make_person(unit, "众人", now=now).person_id
    with unit_of_work() as session:
        row = session.execute(select(PersonRow.__table__).where(PersonRow.id == pattern)).one()._asdict()
        session.add_all(PersonRow(**(row | {"id": ids.new_id(now)})) for _ in range(number - 1))


def make_staff(now: datetime = NOW) -> Staff:
    """One person for each seat."""
    land = make_land(now)
    national = {roles.NATIONAL_REVIEWER: land.national}
    return Staff(
        land=land,
        uploader=make_person(land.unit, "许老师", grants={roles.UPLOADER: land.unit}, now=now),
        province_reviewer=make_person(
            land.province, "省审员", grants={roles.PROVINCE_REVIEWER: land.province}, now=now
        ),
        other_province_reviewer=make_person(
            land.other_province, "外省审员", grants={roles.PROVINCE_REVIEWER: land.other_province}, now=now
        ),
        national_reviewer=make_person(land.national, "全国审员", grants=national, now=now),
        second_national_reviewer=make_person(land.national, "全国审员乙", grants=national, now=now),
        learner=make_person(land.unit, "学员", now=now),
    )


def signed_in(app: Flask, person: Principal) -> FlaskClient:
    """A browser in which the person is signed in, without the form and its slow hash."""
    session_id = ids.new_secret_id()
    now = clock.now()
    with unit_of_work() as session:
        session.add(
            AuthSessionRow(
                id=session_id,
                account_id=person.account_id,
                opened_at=now,
                seen_at=now,
                expires_at=now + timedelta(hours=12),
                address="127.0.0.1",
                browser="test",
            )
        )
    client = app.test_client()
    with client.session_transaction() as cookie:
        cookie["_user_id"] = str(session_id)
    return client


def csrf_token(client: FlaskClient) -> str:
    """The token that this browser's forms carry."""
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', client.get("/verify").text)
    assert found
    return found[1]


def post(client: FlaskClient, path: str, data: Mapping[str, Any] | None = None) -> TestResponse:
    """Sends a form as the page would, with its token; a value may be (stream, file name)."""
    fields = MultiDict({"csrf_token": csrf_token(client)})
    for name, value in (data or {}).items():
        for one in value if isinstance(value, list) else [value]:
            fields.add(name, FileStorage(*one) if isinstance(one, tuple) else one)
    boundary, body = encode_multipart(fields)
    return client.post(path, data=body, content_type=f'multipart/form-data; boundary="{boundary}"')


@pytest.fixture
def staff(clean: Flask) -> Staff:
    """One person for each seat, in an empty database."""
    return make_staff()
