"""What waits for somebody at the staff desk: counted no further than a few, each with the page on which it is done."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from flask import url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from lms.access import queries as roles, service as access
from lms.accounts.queries import corrections, joinings, people_list, sign_in_locks
from lms.audit import queries as audit
from lms.exams import queries as exams
from lms.kernel.permissions import Permission as P
from lms.kernel.principal import Principal
from lms.offline import queries as offline
from lms.organisations import queries as organisations
from lms.web.filters import instant

COUNTED = 20
"""A count stops here: the desk says whether there is something to do, not how much there ever was."""


@dataclass(frozen=True)
class Task:
    """A card of the desk. `count` is None where the page itself tells more, and COUNTED + 1 when there are more."""

    title: str
    text: str
    url: str
    action: str
    count: int | None = None

    @property
    def shown_count(self) -> str:
        """The count as people read it."""
        return f"{COUNTED}+" if self.count is not None and self.count > COUNTED else str(self.count)


def tasks(session: Session, who: Principal, *, now: datetime) -> tuple[Task, ...]:
    """The cards of who is at the desk, in the order of urgency. A fixed number of statements for each permission."""
    return (
        *_people(session, who),
        *_units(session, who),
        *_trainings(session, who),
        *_exams(session, who, now),
        *_roles(session, who, now),
        *_security(session, who, now),
        *_audit(session, who),
        *_marking(session, who),
        *_teaching(who),
    )


def _people(session: Session, who: Principal) -> Iterator[Task]:
    if access.may(who, P.PERSON_IDENTIFY):
        sought = people_list.Sought(access.scopes_for(who, P.PERSON_IDENTIFY), unconfirmed=True)
        yield Task(
            _("等待确认身份的人员"),
            _("核实是本单位的人后予以确认；证书只发给身份已确认的人。"),
            url_for("accounts_staff.people", unconfirmed=1),
            _("去确认"),
            len(people_list.people_in(session, sought, limit=COUNTED + 1)),
        )
    if access.may(who, P.CORRECTION_DECIDE):
        scopes = access.scopes_for(who, P.CORRECTION_DECIDE)
        yield Task(
            _("更正申请"),
            _("学员申请更正姓名、单位等信息，须由管理员审核。"),
            url_for("accounts_staff.correction_queue"),
            _("去审核"),
            len(corrections.open_corrections(session, scopes, limit=COUNTED + 1)),
        )
    if access.may(who, P.PERSON_JOIN):
        scopes = access.scopes_for(who, P.PERSON_JOIN)
        waiting = joinings.proposals(session, scopes, waiting=True, limit=COUNTED + 1)
        if waiting:
            yield Task(
                _("合并申请"),
                _("有管理员提出合并同一个人的两个账号，须由另一位管理员核对后确认。"),
                url_for("accounts_staff.joining_list"),
                _("去确认"),
                len(waiting),
            )
        yield Task(
            _("可能重复的人员"),
            _("同一个人有两个账号时可以合并，学习记录不会丢失。"),
            url_for("accounts_staff.twins"),
            _("查看"),
        )


def _units(session: Session, who: Principal) -> Iterator[Task]:
    if access.may(who, P.UNIT_EDIT):
        scopes = access.scopes_for(who, P.UNIT_EDIT)
        yield Task(
            _("没有找到单位的申请"),
            _("有人注册时没有找到自己的单位，请建立单位或指定已有单位。"),
            url_for("organisations_staff.request_list"),
            _("去处理"),
            len(organisations.requests(session, scopes, limit=COUNTED + 1)),
        )


def _trainings(session: Session, who: Principal) -> Iterator[Task]:
    if access.may(who, P.TRAINING_APPROVE):
        yield Task(
            _("等待审批的培训登记"),
            _("下级单位登记的线下培训和其他平台学习，审批通过后计入学时。"),
            url_for("offline_staff.trainings", state="submitted"),
            _("去审批"),
            offline.waiting(session, access.scopes_for(who, P.TRAINING_APPROVE), limit=COUNTED + 1),
        )


def _exams(session: Session, who: Principal, now: datetime) -> Iterator[Task]:
    if access.may(who, P.EXAM_INVIGILATE):
        scopes = access.scopes_for(who, P.EXAM_INVIGILATE)
        waiting = exams.deciding.more_time(session, scopes, who.person_id, now=now, limit=COUNTED + 1)
        if waiting:
            yield Task(
                _("等待确认的加时"),
                _("有监考人员为正在考试的学员提出加时，须由另一位工作人员在 15 分钟内确认。"),
                url_for("exams_staff.request_queue"),
                _("去确认"),
                len(waiting),
            )
    if access.may(who, P.EXAM_ADMIT):
        scopes = access.scopes_for(who, P.EXAM_ADMIT)
        yield Task(
            _("等待确认的补考"),
            _("补考由一位工作人员提出，须由另一位确认后学员才能再考。"),
            url_for("exams_staff.request_queue"),
            _("去确认"),
            len(exams.deciding.sittings(session, scopes, who.person_id, limit=COUNTED + 1)),
        )
    if access.may(who, P.EXAM_SET):
        yield Task(
            _("等待发布的考试方案"),
            _("拟定人提交以后，由另一位管理人员核对发布。"),
            url_for("exams_staff.rules_queue"),
            _("去核对"),
            len(exams.planning.waiting(session, access.scopes_for(who, P.EXAM_SET), limit=COUNTED + 1)),
        )


def _roles(session: Session, who: Principal, now: datetime) -> Iterator[Task]:
    if access.may(who, P.ROLE_GRANT):
        scopes = access.scopes_for(who, P.ROLE_GRANT)
        waiting = roles.joint_helps(session, scopes, waiting=True, limit=COUNTED + 1, now=now)
        if waiting:
            yield Task(
                _("双人办理"),
                _("有管理员不能登录，须由另一位管理员在 24 小时内确认后才能办理。"),
                url_for("access_staff.joint_help_list"),
                _("去确认"),
                len(waiting),
            )
        yield Task(
            _("30 天内到期的角色"),
            _("到期后自动失效；需要继续的请重新授权。"),
            url_for("access_staff.role_list", state="soon"),
            _("查看"),
            roles.count_in_state(session, scopes, "soon", now=now, limit=COUNTED + 1),
        )


def _security(session: Session, who: Principal, now: datetime) -> Iterator[Task]:
    if access.may(who, P.INCIDENT_READ):
        yield Task(
            _("正被锁定的用户名"),
            _("连续输错密码的用户名会被锁定一段时间；数量突然增多可能是有人在猜密码。"),
            url_for("accounts_staff.incident_form"),
            _("排查"),
            sign_in_locks.count_locked(session, now=now, limit=COUNTED + 1),
        )


def _audit(session: Session, who: Principal) -> Iterator[Task]:
    if access.may(who, P.AUDIT_READ):
        state = audit.chain_state(session)
        checked = instant(state.verified_at) or _("尚未检查")
        if state.sound is False:
            checked += _("，发现问题")
        yield Task(
            _("审计记录"),
            _(
                "最近一次封存：%(sealed)s；最近一次校验：%(checked)s。",
                sealed=instant(state.sealed_at) or _("尚未封存"),
                checked=checked,
            ),
            url_for("audit_staff.entries"),
            _("打开审计记录"),
        )


def _marking(session: Session, who: Principal) -> Iterator[Task]:
    if access.may(who, P.EXAM_MARK):
        yield Task(
            _("等待评分的答案"),
            _("简答题和案例题由阅卷人评分；全部评完后成绩才生成，证书才会发放。"),
            url_for("exams_staff.marking_list"),
            _("去阅卷"),
            exams.waiting_to_be_marked(session, access.scopes_for(who, P.EXAM_MARK), limit=COUNTED + 1),
        )


def _teaching(who: Principal) -> Iterator[Task]:
    if access.may(who, P.CLASS_READ):
        yield Task(
            _("培训班"),
            _("查看培训班学员的学习、考试和证书情况。"),
            url_for("classes_staff.class_list"),
            _("打开培训班"),
        )
    if access.may(who, P.TEACHER_READ):
        yield Task(
            _("师资库"),
            _("查看在平台授课的教师和他们已发布的课件。"),
            url_for("catalogue_staff.teacher_list"),
            _("打开师资库"),
        )
