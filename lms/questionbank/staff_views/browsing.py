"""Pages that show banks, their items, and one item with everything that is known of it."""

from datetime import UTC, date, datetime
from string import ascii_uppercase
from typing import Any
from uuid import UUID

from flask import request, url_for
from flask_babel import gettext as _

from lms.access import service as access
from lms.infra.db import reading
from lms.kernel import clock
from lms.kernel.clock import SHANGHAI
from lms.kernel.errors import NotFound
from lms.kernel.permissions import Permission
from lms.questionbank import queries, service
from lms.questionbank.domain import knowledge
from lms.questionbank.events import Usage, usage_asked
from lms.questionbank.forms import (
    ACTION_LABELS,
    DIFFICULTY_LABELS,
    FORMAT_LABELS,
    KIND_LABELS,
    LEVEL_LABELS,
    SIGNAL_ADVICE,
    SIGNAL_LABELS,
    STATE_LABELS,
    STATE_TONES,
    TYPE_LABELS,
    FlagForm,
    WhyForm,
)
from lms.questionbank.queries import ItemFilter
from lms.questionbank.staff_views import shown
from lms.questionbank.staff_views.blueprint import bp
from lms.web import guards, login, render

PER_PAGE = 30
LONGEST_SEARCH = 60


@bp.get("/banks")
@guards.requires(Permission.ITEM_AUTHOR)
def bank_list() -> Any:
    """The banks of this person's units."""
    after = request.args.get("after", "")[:20] or None
    with reading() as session:
        found = queries.banks(session, shown.scopes(), after=after, limit=PER_PAGE + 1)
    listed, more = found[:PER_PAGE], len(found) > PER_PAGE
    return render.page(
        "questionbank/banks.html",
        banks=listed,
        kinds=KIND_LABELS,
        first_url=url_for("questionbank_staff.bank_list") if after else None,
        next_url=url_for("questionbank_staff.bank_list", after=listed[-1].code) if more else None,
    )


@bp.get("/banks/<string(maxlength=36):bank_code>")
@guards.requires(Permission.ITEM_AUTHOR)
def bank_page(bank_code: str) -> Any:
    """A bank and its items, the newest first."""
    return listing(bank_code, FlagForm(formdata=None))


def listing(bank_code: str, form: FlagForm, *, status: int = 200) -> Any:
    """The page of a bank with the form by which items are flagged."""
    chosen: dict[str, Any] = _chosen()
    after = _after()
    with reading() as session:
        bank = shown.reached(session, bank_code)
        points = queries.knowledge_points(session, bank.code)
        wanted = ItemFilter(
            text=chosen["q"] or "",
            type=chosen["type"],
            state=chosen["state"],
            knowledge_points=knowledge.with_below(points, chosen["point"]) if chosen["point"] else (),
            difficulty=int(chosen["difficulty"]) if chosen["difficulty"] else None,
            flagged=bool(chosen["flagged"]),
            signalled=bool(chosen["signalled"]),
        )
        found = queries.item_lines(session, bank.code, wanted, today=today(), after=after, limit=PER_PAGE + 1)
    listed, more = found[:PER_PAGE], len(found) > PER_PAGE
    last = f"{listed[-1].created_at.timestamp():.6f}~{listed[-1].id}" if more else ""
    return render.page(
        "questionbank/bank.html",
        status=status,
        bank=bank,
        items=listed,
        soon=today() + queries.SOON,
        form=form,
        kinds=KIND_LABELS,
        types=TYPE_LABELS,
        states=STATE_LABELS,
        tones=STATE_TONES,
        difficulties=DIFFICULTY_LABELS,
        points=points,
        signal_names=SIGNAL_LABELS,
        formats={one.value: FORMAT_LABELS[one.value] for one in service.WRITTEN},
        chosen=chosen,
        first_url=url_for("questionbank_staff.bank_page", bank_code=bank_code, **chosen) if after else None,
        next_url=url_for("questionbank_staff.bank_page", bank_code=bank_code, after=last, **chosen) if more else None,
        crumbs=[(_("题库"), url_for("questionbank_staff.bank_list")), (bank.title, None)],
    )


@bp.get("/banks/<string(maxlength=36):bank_code>/items/<uuid:version_id>")
@guards.requires(*shown.READERS)
def item_page(bank_code: str, version_id: UUID) -> Any:
    """A version of an item with the other ones, what happened to them, how often they were drawn and how they did."""
    return item(bank_code, version_id, WhyForm(formdata=None))


def item(bank_code: str, version_id: UUID, form: WhyForm, *, status: int = 200) -> Any:
    """The page of a version with the form for a reason."""
    person = login.current()
    with reading() as session:
        opened = shown.opened(session, version_id, bank_code)
        bank, found, versions = opened.bank, opened.version, shown.versions(session, opened)
        seat = service.seat(session, found, opened.events, person)
        flag = queries.open_flag(session, found.item_id)
        signalled = queries.open_signals(session, found.item_id)
        usage: dict[UUID, Usage] = {}
        for _receiver, told in usage_asked.send(None, session=session, version_ids=[one.id for one in versions]):
            usage |= told
    writes = bool(access.may(person, Permission.ITEM_AUTHOR, bank.unit_path))
    newest = found.id == versions[0].id
    return render.page(
        "questionbank/item.html",
        status=status,
        bank=bank,
        version=found,
        item=shown.of(found.item, found),
        asked=shown.asked(found.item, found),
        versions=versions,
        events=[one for one in opened.events if one.version_id == found.id],
        usage=usage,
        flag=flag,
        signalled=signalled,
        signal_names=SIGNAL_LABELS,
        advice=SIGNAL_ADVICE,
        form=form,
        near=found.valid_until is not None and found.valid_until <= today() + queries.SOON,
        writes=writes,
        may_edit=writes and newest and found.state not in {"province_review", "national_review"},
        may_hand_in=writes and found.own and found.state in {"draft", "returned"},
        seat=seat,
        may_stop=found.own
        and found.state == "published"
        and bool(access.may(person, Permission.CONTENT_WITHDRAW, bank.unit_path)),
        states=STATE_LABELS,
        tones=STATE_TONES,
        actions=ACTION_LABELS,
        levels=LEVEL_LABELS,
        letters=ascii_uppercase,
        crumbs=shown.crumbs(bank, found.ref, listed=writes),
    )


def today() -> date:
    """The day in Shanghai."""
    return clock.now().astimezone(SHANGHAI).date()


def _chosen() -> dict[str, Any]:
    """The filters of the address. Raises NotFound for what is none."""
    chosen: dict[str, Any] = {
        "q": request.args.get("q", "").strip()[:LONGEST_SEARCH] or None,
        "point": request.args.get("point", "").strip()[:LONGEST_SEARCH] or None,
        "flagged": "1" if request.args.get("flagged") else None,
        "signalled": "1" if request.args.get("signalled") else None,
    }
    known = {"state": STATE_LABELS, "type": TYPE_LABELS, "difficulty": {str(one): "" for one in DIFFICULTY_LABELS}}
    for name, values in known.items():
        value = request.args.get(name) or None
        if value is not None and value not in values:
            raise NotFound
        chosen[name] = value
    return chosen


def _after() -> tuple[datetime, UUID] | None:
    text = request.args.get("after")
    if not text:
        return None
    moment, _tilde, version_id = text.partition("~")
    try:
        return datetime.fromtimestamp(float(moment), UTC), UUID(version_id)
    except (ValueError, OverflowError, OSError) as error:
        raise NotFound from error
