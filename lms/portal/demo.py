"""Sets the demo up: its units and people, the eight courses through upload and both reviews, the class and its exam.

Everything goes through the services that a real platform uses; what is made is marked 演示. Each step looks at what is
there already, so that it can be killed and begun again at any moment.
"""

import os
import secrets
from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from uuid import UUID

import msgspec
import pyotp

from lms import paths
from lms.access import queries as access_queries, service as access
from lms.access.domain import roles
from lms.accounts import queries as accounts, service as registering
from lms.accounts.service import identity, privacy
from lms.catalogue import queries as catalogue, service as authoring
from lms.classes import queries as classes, service as enrolling
from lms.exams import queries as exam_queries, service as exams
from lms.exams.domain.blueprint import Blueprint, Section
from lms.infra import ffmpeg, jobs
from lms.infra.db import reading, unit_of_work
from lms.infra.slides import Slide
from lms.infra.storage import storage
from lms.kernel.clock import SHANGHAI
from lms.kernel.errors import NotFound
from lms.kernel.principal import Principal
from lms.kernel.scope import EVERYWHERE
from lms.learning import service as learning
from lms.moderation import queries as moderation_queries
from lms.moderation.domain.workflow import Level, State
from lms.moderation.service import PRINCIPLES, Decision
from lms.organisations import queries as organisations, service as building
from lms.organisations.queries import Unit
from lms.portal import preparing
from lms.questionbank.domain.captions import captions
from lms.questionbank.domain.course import Course, parse_course
from lms.questionbank.domain.lecturetext import parse_lecture
from lms.questionbank.service import read_items
from lms.settings import Settings
from lms.video import service as video
from lms.video.domain.captions import Cue, render
from lms.web.richtext import clean

COURSE_JOB = "demo.course"
LEARNERS_JOB = "demo.learners"
ACCOUNTS_FILE = "demo-accounts.json"
RESULT_FILE = "demo.json"
FAST_SECONDS = 6.0
COURSE_HOURS = 400  # 4 学时 a course, together the 32 of the qualification certificate
CLASS_NAME = "全国非公企业工会主席上岗资格网络培训班（演示）"
TARGET_GROUP = "非公有制企业工会主席、专兼职工会干部，以及从事非公企业工会工作管理和研究的人员"
CERTIFICATE_NAME = "工会干部上岗资格培训证书"
CERTIFICATE_KIND = "SG"
EXAM_TITLE = "上岗资格网络培训考试"

UNITS = (
    ("national", None, "national", "全国总工会（演示）", ""),
    ("beijing", "national", "province", "北京市总工会（演示）", "11"),
    ("zhejiang", "national", "province", "浙江省总工会（演示）", "33"),
    ("hangzhou", "zhejiang", "city", "杭州市总工会（演示）", ""),
    ("firm", "hangzhou", "unit", "杭州晨光精密制造有限公司工会（演示）", ""),
    ("studio", "zhejiang", "unit", "浙江省工会干部学校（演示）", ""),
    ("logistics", "beijing", "unit", "北京远程物流有限公司工会（演示）", ""),
)
PEOPLE = (
    (roles.LEARNER, "learner", "王建国", "male", "工会主席", "firm", "firm"),
    (roles.UPLOADER, "uploader", "陈晓梅", "female", "教务员", "studio", "studio"),
    (roles.PROVINCE_REVIEWER, "province", "李志远", "male", "组织部审核员", "zhejiang", "zhejiang"),
    (roles.NATIONAL_REVIEWER, "national", "赵敏", "female", "组织部审核员", "national", "national"),
    (roles.CLASS_MANAGER, "manager", "周文", "female", "学习管理员", "national", "national"),
    (roles.CLASS_TUTOR, "tutor", "孙丽", "female", "网上班主任", "studio", "national"),
    (roles.UNIT_ADMIN, "unitadmin", "钱进", "male", "单位管理员", "zhejiang", "zhejiang"),
    (roles.UNIT_ADMIN, "nationaladmin", "吴刚", "male", "全国管理员", "national", "national"),
    (roles.TEACHER_POOL_EDITOR, "editor", "郑洁", "female", "师资库管理员", "national", "national"),
    (roles.SYSTEM_ADMIN, "sysadmin", "冯涛", "male", "系统管理员", "national", "national"),
    (roles.SECURITY_ADMIN, "secadmin", "陈静", "female", "安全管理员", "national", "national"),
    (roles.AUDIT_ADMIN, "auditor", "褚明", "male", "审计管理员", "national", "national"),
    (roles.LEARNER, "beijing", "卫兰", "female", "工会副主席", "logistics", "logistics"),
)


class DemoAccount(msgspec.Struct):
    """An account of the demo, as demo.json gives it."""

    role: str
    username: str
    password: str
    totp_secret: str | None
    unit: str


def course_folders() -> tuple[Path, ...]:
    """The folders of the eight courses, in order."""
    return tuple(sorted(path.parent for path in paths.question_banks().glob("*/course.toml")))


def read_course(folder: Path) -> Course:
    """The course of a folder. Raises ValueError when its text is broken."""
    result = parse_course((folder / "course.toml").read_text(encoding="utf-8"))
    if result.course is None:
        raise ValueError("; ".join(problem.message for problem in result.problems))
    return result.course


def accounts_of(settings: Settings) -> list[DemoAccount]:
    """The accounts with their random passwords, made once and kept in the home, readable by its owner alone."""
    path = settings.home / ACCOUNTS_FILE
    if path.is_file():
        return msgspec.json.decode(path.read_bytes(), type=list[DemoAccount])
    names = {key: name for key, _parent, _kind, name, _code in UNITS}
    made = [
        DemoAccount(
            role=role,
            username=username,
            password=_password(),
            totp_secret=pyotp.random_base32() if roles.needs_second_factor(frozenset({role})) else None,
            unit=names[unit],
        )
        for role, username, _name, _sex, _post, unit, _scope in PEOPLE
    ]
    write_private(path, msgspec.json.encode(made))
    return made


def write_private(path: Path, content: bytes) -> None:
    """Writes a file that only its owner can read, whole or not at all."""
    aside = path.with_suffix(".new")
    handle = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    aside.replace(path)


def _password() -> str:
    return "-".join((secrets.token_hex(3).upper(), secrets.token_hex(3), secrets.token_hex(3)))


def make_people(settings: Settings, *, now: datetime) -> None:
    """Units and people in one step, unless they are there; and one job for each course."""
    made = {account.username: account for account in accounts_of(settings)}
    with reading() as session:
        first_time = organisations.national(session) is None
    hashes = {name: registering.hash_password(one.password) for name, one in made.items()} if first_time else {}
    with unit_of_work() as session:
        if organisations.national(session) is None:
            units: dict[str, Unit] = {}
            for key, parent, kind, name, code in UNITS:
                parent_id = units[parent].id if parent else None
                units[key] = building.add_unit(
                    parent_id=parent_id, name=name, kind=kind, code=code, reach=EVERYWHERE, now=now
                )
            for role, username, name, sex, post, unit, scope in PEOPLE:
                form = registering.Registration(name, sex, units[unit].id, post, _mobile(), username, "")
                secret = made[username].totp_secret
                person_id = registering.create_person(form, password_hash=hashes[username], totp_secret=secret, now=now)
                privacy.accept(person_id, privacy.CURRENT_VERSION, now)
                identity.vouch(person_id, actor_id=None, reason="演示", now=now)
                if role != roles.LEARNER:
                    access.appoint(person_id, role, units[scope].id, reason="演示", now=now)
        for folder in course_folders():
            jobs.enqueue(session, COURSE_JOB, {"folder": folder.name}, now=now, dedup_key=folder.name, max_attempts=6)


def _mobile() -> str:
    return "139" + "".join(secrets.choice("0123456789") for _ in range(8))


def principal(username: str, *, now: datetime) -> Principal:
    """A demo person acting. Raises NotFound."""
    with reading() as session:
        person = accounts.person_of_username(session, username)
        found = access_queries.principal_of_person(session, person.id, now=now)
    if found is None:
        raise NotFound
    return found


def hand_in_course(folder_name: str, settings: Settings, *, hold: Callable[[], None], now: datetime) -> None:
    """Makes one lecture from its texts and hands it in as the demo's uploader, unless that was done.

    `hold` keeps every other worker from this course until the step ends, and raises when one has it already.
    """
    folder = paths.question_banks() / folder_name
    course = read_course(folder)
    with reading() as session:
        if catalogue.courses_of_banks(session, [course.code]):
            return
    uploader = principal("uploader", now=now)
    lecture = parse_lecture((folder / "lecture.txt").read_text(encoding="utf-8"))
    cues = captions(lecture.slides, total_ms=round(FAST_SECONDS * 1000) if settings.demo_fast else None)
    seconds = [
        (max(cue.end_ms for cue in cues if cue.slide == n) - min(cue.start_ms for cue in cues if cue.slide == n)) / 1000
        for n in range(len(lecture.slides))
    ]
    regular, bold = fonts()
    with storage().scratch() as scratch:
        clip = scratch / "lecture.mp4"
        ffmpeg.make_lecture(
            [Slide(slide.title, slide.bullets) for slide in lecture.slides],
            seconds,
            program=ffmpeg.find(settings.ffmpeg),
            font=regular,
            font_bold=bold,
            out=clip,
            teacher_line=f"{course.teacher}　{course.institution}{course.post}",
            course_line=f"第 {course.number} 门　{course.title}",
        )
        items, practice = (read_items((folder / name).read_text("utf-8")) for name in ("items.txt", "practice.txt"))
        shown = render(Cue(cue.start_ms, cue.end_ms, cue.text) for cue in cues)
        stored = video.store_upload(clip, name=f"{course.number:02} {course.title}.mp4", now=now)
        with unit_of_work() as session:
            hold()
            if catalogue.courses_of_banks(session, [course.code]):
                return
            asset_id = video.register_upload(stored, owner_id=uploader.person_id, now=now)
            caption_id = video.take_captions(asset_id, shown.encode(), now=now)
            draft = authoring.LectureDraft(
                course_id=None,
                title=course.title,
                teacher_name=course.teacher,
                teacher_institution=course.institution,
                teacher_post=course.post,
                outline=clean("<ul>" + "".join(f"<li>{point}</li>" for point in course.outline) + "</ul>"),
                asset_id=asset_id,
                caption_id=caption_id,
                items=items,
                practice_items=practice,
            )
            revision_id = authoring.create_lecture(draft, author=uploader, demo=True, bank_code=course.code, now=now)
            authoring.submit(revision_id, author=uploader, now=now)


def fonts() -> tuple[Path, Path]:
    """Regular and bold of the Chinese family. Raises FileNotFoundError before the front-end build has run."""
    found = {weight: next(iter(sorted(paths.fonts().glob(f"*-{weight}.*"))), None) for weight in ("Regular", "Bold")}
    regular, bold = found["Regular"], found["Bold"]
    if regular is None or bold is None:
        raise FileNotFoundError(f"no Chinese fonts in {paths.fonts()}: run `make setup`")
    return regular, bold


def go_on(settings: Settings, *, now: datetime) -> None:
    """The reviewers' and the manager's part, step by step; writes demo.json when all courses can be played."""
    if (settings.home / RESULT_FILE).is_file():
        return
    _review_all(now=now)
    sources = [read_course(folder) for folder in course_folders()]
    with reading() as session:
        known = catalogue.courses_of_banks(session, [course.code for course in sources])
        cards = catalogue.course_cards(session, [known[c.code] for c in sources if c.code in known])
    preparing.report(len(cards), len(sources))
    if len(cards) < len(sources):
        return
    class_id = _ensure_class([card.id for card in cards], now=now)
    if settings.demo_learners:
        with unit_of_work() as session:
            jobs.enqueue(session, LEARNERS_JOB, {"class_id": str(class_id)}, now=now, dedup_key=str(class_id))
        with reading() as session:
            state = jobs.state_of(session, LEARNERS_JOB, str(class_id))
        if state is None or state.state != "done":
            return
    _write_result(settings, class_id, cards)


def _review_all(*, now: datetime) -> None:
    for level, state, username in (
        (Level.PROVINCE, State.PROVINCE_REVIEW, "province"),
        (Level.NATIONAL, State.NATIONAL_REVIEW, "national"),
    ):
        reviewer = principal(username, now=now)
        scopes = access.scopes_for(reviewer, authoring.PERMISSION_OF_LEVEL[level])
        uploader = principal("uploader", now=now)
        with reading() as session:
            waiting = [
                (revision.id, catalogue.lecture_version(session, revision.id))
                for revision in moderation_queries.in_state(session, [state], scopes)
                if revision.author_id == uploader.person_id
            ]
        codes = {read_course(folder).code for folder in course_folders()}
        for revision_id, version in waiting:
            if version.bank_code not in codes:
                continue
            decision = Decision(
                decision="approve",
                comment="演示课件，内容由平台自带文本生成。",
                content_hash=version.content_hash,
                credit_hours=COURSE_HOURS if level is Level.NATIONAL else None,
                findings=dict.fromkeys(PRINCIPLES, True),
            )
            authoring.decide(revision_id, level, decision, reviewer=reviewer, now=now)


def _ensure_class(course_ids: Sequence[UUID], *, now: datetime) -> UUID:
    manager = principal("manager", now=now)
    with unit_of_work() as session:
        existing = [one for one in classes.running_classes(session) if one.demo]
        if existing:
            return existing[0].id
        national = organisations.national(session)
        if national is None:
            raise NotFound
        today = now.astimezone(SHANGHAI).date()
        plan = enrolling.ClassPlan(
            name=CLASS_NAME,
            target_group=TARGET_GROUP,
            kind="centralized",
            enrolment="open",
            starts_on=date(today.year, 1, 1),
            ends_on=today + timedelta(days=365),
            certificate_name=CERTIFICATE_NAME,
            certificate_kind=CERTIFICATE_KIND,
            unit_id=national.id,
            course_ids=course_ids,
            demo=True,
        )
        class_id = enrolling.create_class(plan, actor_id=manager.person_id, now=now)
        enrolling.advance_phase(class_id, "implement", actor_id=manager.person_id, now=now)
        banks = catalogue.bank_codes(session, course_ids)
        blueprint = _blueprint(tuple(banks[course_id] for course_id in course_ids))
        exams.create_exam(class_id, EXAM_TITLE, blueprint, actor_id=manager.person_id, now=now)
        enrolling.enrol(class_id, accounts.person_of_username(session, "learner").id, now=now)
        return class_id


def _blueprint(banks: tuple[str, ...]) -> Blueprint:
    """10 single and 10 multiple choice at 4 points, 10 true/false at 2; 60 minutes, pass mark 60, three attempts."""
    sections = (
        Section("single", count=10, points=4, banks=banks),
        Section("multiple", count=10, points=4, banks=banks),
        Section("true_false", count=10, points=2, banks=banks),
    )
    blueprint = Blueprint(sections, minutes=60, pass_mark=60, max_attempts=3)
    blueprint.require_total(100)
    return blueprint


def add_learners(class_id: UUID, settings: Settings, *, now: datetime) -> None:
    """Adds the learners who have finished all courses; they share one random password, so that hashing takes no minutes."""
    password_hash = registering.hash_password(shared_password(settings))
    with reading() as session:
        firm = next(unit for unit in organisations.units_to_join(session) if unit.name.startswith("杭州"))
        training = classes.class_facts(session, class_id)
        cards = catalogue.course_cards(session, training.course_ids)
    for number in range(1, settings.demo_learners + 1):
        username = f"learner{number:05}"
        with unit_of_work() as session:
            if accounts.credentials(session, username) is not None:
                continue
            form = registering.Registration(
                f"演示学员{number:05}", "female" if number % 2 else "male", firm.id, "工会主席", _mobile(), username, ""
            )
            person_id = registering.create_person(form, password_hash=password_hash, totp_secret=None, now=now)
            privacy.accept(person_id, privacy.CURRENT_VERSION, now)
            identity.vouch(person_id, actor_id=None, reason="演示", now=now)
            enrolment_id = enrolling.enrol(class_id, person_id, now=now)
            for card in cards:
                for lecture in card.lectures:
                    learning.import_progress(person_id, lecture.id, enrolment_id=enrolment_id, now=now)


def shared_password(settings: Settings) -> str:
    """The password of all added learners, made once."""
    path = settings.home / "demo-learners-password"
    if not path.is_file():
        write_private(path, _password().encode())
    return path.read_text()


def _write_result(settings: Settings, class_id: UUID, cards: Sequence[catalogue.CourseCard]) -> None:
    accounts_listed = accounts_of(settings)
    if settings.demo_learners:
        shared = shared_password(settings)
        accounts_listed += [
            DemoAccount(roles.LEARNER, f"learner{number:05}", shared, None, accounts_listed[0].unit)
            for number in range(1, settings.demo_learners + 1)
        ]
    with reading() as session:
        standing = exam_queries.exam_of_class(session, class_id)
    result = {
        "base_url": settings.base_url,
        "class_id": class_id,
        "exam_id": standing.id if standing else None,
        "courses": [
            {
                "id": card.id,
                "title": card.title,
                "lectures": [
                    {"id": one.id, "title": one.title, "duration_ms": one.duration_ms} for one in card.lectures
                ],
            }
            for card in cards
        ],
        "accounts": accounts_listed,
    }
    write_private(settings.home / RESULT_FILE, msgspec.json.encode(result))
