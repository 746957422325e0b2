"""Results of exams by unit and by person, and what they say about the items."""

from typing import Any
from uuid import UUID

from flask import request, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from lms.exams import queries, service
from lms.exams.queries import ExamRef, ItemFigures, Reach
from lms.exams.service import analysis
from lms.exams.staff_views.blueprint import bp, scopes, staff
from lms.infra import spreadsheet
from lms.infra.db import reading
from lms.kernel import clock
from lms.kernel.errors import N_, NotFound
from lms.kernel.permissions import Permission
from lms.kernel.scope import outermost
from lms.organisations import queries as organisations
from lms.organisations.queries import Unit
from lms.questionbank.domain.marks import plain
from lms.questionbank.forms import SIGNAL_LABELS
from lms.web import guards, login, pagination, render
from lms.web.files import CSV, XLSX, attachment

PER_PAGE = 50
RESULT_READ = Permission.RESULT_READ
TITLES = (N_("试题编号"), N_("题干"), N_("作答人数"), N_("难度"), N_("区分度"), N_("各选项选择率"), N_("提示"))


@bp.get("/results")
@guards.requires(RESULT_READ)
def result_list() -> Any:
    """Exams whose results I may see."""
    page = pagination.page_number()
    with reading() as session:
        found = queries.result_exams(session, scopes(RESULT_READ), limit=PER_PAGE + 1, offset=(page - 1) * PER_PAGE)
    return render.page(
        "exams/staff/result_list.html",
        exams=found[:PER_PAGE],
        previous_url=url_for(".result_list", page=page - 1) if page > 1 else None,
        next_url=url_for(".result_list", page=page + 1) if len(found) > PER_PAGE else None,
    )


@bp.get("/exams/<uuid:exam_id>/results")
@guards.requires(RESULT_READ)
def exam_results(exam_id: UUID) -> Any:
    """How everybody did, or the people of a unit: figures, distribution, the units below, and each person."""
    after = _asked_id("after")
    with reading() as session:
        reach = queries.result_reach(session, exam_id, scopes(RESULT_READ))
        if reach.everybody:
            service.refuse_own(session, reach.exam.class_id, login.current().person_id)
        unit, tops = _unit(session, reach)
        path = unit.path if unit else None
        figures = below = None
        if reach.told and tops:
            below = queries.figures_at(session, exam_id, [one.path for one in tops])
        elif reach.told:
            figures = queries.unit_figures(session, exam_id, unit.path if unit else "/")
            top = unit or next(iter(organisations.at_paths(session, [reach.exam.unit_path])), None)
            below = queries.figures_below(session, exam_id, top.id) if top else ()
        listed = queries.standings(session, reach, path, after=after, limit=PER_PAGE + 1)
        made_at = queries.made_at(session, exam_id)
    kept: dict[str, Any] = {"unit": unit.id} if unit else {}
    people = listed[:PER_PAGE]
    return render.page(
        "exams/staff/results.html",
        exam=reach.exam,
        everybody=reach.everybody,
        unit=unit,
        several=bool(tops),
        figures=figures,
        below=below,
        people=people,
        made_at=made_at,
        first_url=url_for(".exam_results", exam_id=exam_id, **kept) if after else None,
        next_url=url_for(".exam_results", exam_id=exam_id, after=people[-1].person_id, **kept)
        if len(listed) > PER_PAGE
        else None,
    )


@bp.get("/exams/<uuid:exam_id>/item-figures")
@guards.requires(RESULT_READ)
def item_figures(exam_id: UUID) -> Any:
    """What the results say about each item."""
    with reading() as session:
        exam, items = _items(session, exam_id)
        made_at = queries.made_at(session, exam_id)
    return render.page(
        "exams/staff/item_figures.html",
        exam=exam,
        items=items,
        made_at=made_at,
        flag_names=SIGNAL_LABELS,
        letters="",
    )


@bp.post("/exams/<uuid:exam_id>/item-figures/export")
@guards.requires(RESULT_READ)
def export_item_figures(exam_id: UUID) -> Any:
    """The same as a file, in the form's format "xlsx" or "csv"; a post, for it leaves a trace."""
    kind = request.form.get("format", "")
    if kind not in ("xlsx", "csv"):
        raise NotFound
    with reading() as session:
        _exam, items = _items(session, exam_id)
    analysis.note_export(exam_id, len(items), kind, actor_id=login.current().person_id, now=clock.now())
    titles, rows = [_(title) for title in TITLES], [_row(one) for one in items]
    if kind == "csv":
        return attachment(spreadsheet.write_csv(titles, rows), CSV, "items.csv")
    return attachment(spreadsheet.write_xlsx(titles, rows, title=_("试题分析")), XLSX, "items.xlsx")


def _items(session: Session, exam_id: UUID) -> tuple[ExamRef, tuple[ItemFigures, ...]]:
    """An exam that I hold, and its items with what is right: the concern of nobody else."""
    reach = queries.result_reach(session, exam_id, scopes(RESULT_READ))
    if not reach.everybody:
        raise NotFound
    service.refuse_early_keys(session, exam_id, staff(Permission.EXAM_PREVIEW), now=clock.now())
    return reach.exam, queries.item_figures(session, exam_id)


def _row(one: ItemFigures) -> list[str]:
    return [
        one.ref,
        plain(one.stem),
        str(one.n),
        "" if one.difficulty is None else f"{one.difficulty:.2f}",
        "" if one.discrimination is None else f"{one.discrimination:.2f}",
        " ".join(f"{option.key}{'*' if option.right else ''} {option.rate:.0%}" for option in one.options),
        "、".join(str(SIGNAL_LABELS[flag]) for flag in one.flags),
    ]


def _unit(session: Session, reach: Reach) -> tuple[Unit | None, tuple[Unit, ...]]:
    """The unit that the address asks for, else the topmost one in reach, None for everybody; and where several are topmost
    these instead.

    Who sees everybody asks for units in their reach, and for those whose people sat the exam. Raises NotFound.
    """
    unit_id = _asked_id("unit")
    if unit_id is not None:
        if reach.everybody and queries.has_figures(session, reach.exam.id, unit_id):
            return organisations.unit(session, unit_id), ()
        return organisations.scoped_unit(session, unit_id, reach.scopes), ()
    if reach.everybody:
        return None, ()
    tops = organisations.at_paths(session, outermost(reach.scopes))
    if not tops:  # they went elsewhere since the reach was read
        raise NotFound
    return (tops[0], ()) if len(tops) == 1 else (None, tops)


def _asked_id(name: str) -> UUID | None:
    text = request.args.get(name)
    try:
        return UUID(text) if text else None
    except ValueError:
        raise NotFound from None
