"""The rows of the register of personal fields: what is kept of people, why, on what basis, for how long, who may see it.

A new version of the privacy notice is due whenever a purpose, a kind of data or a retention changes here.
"""

from dataclasses import dataclass
from enum import StrEnum

from lms.kernel.errors import N_
from lms.kernel.permissions import Permission as P


class Basis(StrEnum):
    """The ground of PIPL Art. 13 or 29 on which a field is kept; the value is its sentence."""

    DUTY = N_("履行干部教育培训法定职责所必需")
    CONSENT = N_("本人同意")
    SEPARATE_CONSENT = N_("本人单独同意")
    SECURITY = N_("履行网络安全和日志留存法定义务所必需")


class Level(StrEnum):
    """How grave a leak would be (GB/T 43697)."""

    ORDINARY = N_("一般")
    IMPORTANT = N_("重要")


class Since(StrEnum):
    """What the days of a retention are counted from; the value is the sentence, with %(days)s."""

    RECORD = N_("长期保存（培训档案）；注销账号后只存储，不再使用")
    LEAST = N_("不少于 %(days)s 日")
    MAKING = N_("产生 %(days)s 日后删除")
    CLOSING = N_("注销账号 %(days)s 日后删除")
    END = N_("结束或失效 %(days)s 日后删除")
    WITHDRAWAL = N_("撤回同意或注销账号时立即删除")


@dataclass(frozen=True)
class Retention:
    """How long something is kept; `days` is 0 where they do not matter."""

    since: Since
    days: int = 0


@dataclass(frozen=True)
class PersonalField:
    """One kind of personal data. `columns` are "table.column", or "table.*" where a row as a whole is the record.

    An empty `seen_by` means that no staff page shows it; people see their own.
    """

    name: str
    label: str
    columns: tuple[str, ...]
    purpose: str
    basis: Basis
    retention: Retention
    seen_by: tuple[P, ...] = ()
    mask: str = "none"
    level: Level = Level.ORDINARY
    sensitive: bool = False

    @property
    def kept_after_closing(self) -> bool:
        """Whether it stays in storage when its owner closes the account."""
        return self.retention.since in {Since.RECORD, Since.LEAST}


RECORD = Retention(Since.RECORD)
THREE_YEARS = Retention(Since.LEAST, 1095)
LOGS = Retention(Since.LEAST, 180)

_PEOPLE = (P.PERSON_READ, P.CLASS_READ)
_REGISTERED = N_("登记学员身份，按单位和类别统计培训情况")
_CERTIFIED = N_("登记学员身份，在证书上载明")
_REACHED = N_("通知学员，帮助找回登录")
_GUARDED = N_("验证登录，保护账号")
_CREDITED = N_("认定学时、评定成绩、签发和核验证书")
_PROVED = N_("证明个人信息的处理有据可查")
_WORKED = N_("记录工作人员的职责和办理过程")

REGISTER: tuple[PersonalField, ...] = (
    PersonalField(
        "name",
        N_("姓名"),
        ("person.name", "person.named_at", "person.name_key", "person.initials"),
        _CERTIFIED,
        Basis.DUTY,
        RECORD,
        _PEOPLE,
        mask="name",
    ),
    PersonalField("sex", N_("性别"), ("person.sex",), _REGISTERED, Basis.DUTY, RECORD, (P.PERSON_READ,)),
    PersonalField(
        "unit",
        N_("工作单位和任职经历"),
        (
            "person.unit_id",
            "person.unit_path",
            "membership.person_id",
            "membership.unit_id",
            "membership.is_primary",
            "membership.from_on",
            "membership.until_on",
            "membership.recorded_at",
            "membership.recorded_by",
            "membership.reason",
            "unit_request.person_id",
            "unit_request.name",
            "unit_request.comment",
        ),
        _CERTIFIED,
        Basis.DUTY,
        RECORD,
        _PEOPLE,
    ),
    PersonalField("post", N_("职务"), ("person.post",), _CERTIFIED, Basis.DUTY, RECORD, _PEOPLE),
    PersonalField("category", N_("干部类别"), ("person.category",), _REGISTERED, Basis.DUTY, RECORD, (P.PERSON_READ,)),
    PersonalField(
        "employment", N_("专兼挂职情况"), ("person.employment",), _REGISTERED, Basis.DUTY, RECORD, (P.PERSON_READ,)
    ),
    PersonalField(
        "appointed_on", N_("任职日期"), ("person.appointed_on",), _REGISTERED, Basis.DUTY, RECORD, (P.PERSON_READ,)
    ),
    PersonalField(
        "mobile",
        N_("手机号码"),
        ("person.mobile_sealed", "person.mobile_hash"),
        _REACHED,
        Basis.DUTY,
        Retention(Since.CLOSING, 30),
        (P.PERSON_READ,),
        mask="mobile",
        level=Level.IMPORTANT,
    ),
    PersonalField(
        "mail",
        N_("邮箱"),
        ("person.mail_sealed",),
        _REACHED,
        Basis.CONSENT,
        Retention(Since.CLOSING, 30),
        (P.PERSON_READ,),
        mask="mail",
        level=Level.IMPORTANT,
    ),
    PersonalField(
        "id_number",
        N_("身份证号"),
        (
            "person.id_number_sealed",
            "person.id_number_hash",
            "person.id_number_hash_next",
        ),
        N_("资格类培训班核验身份，区分同名人员"),
        Basis.SEPARATE_CONSENT,
        Retention(Since.WITHDRAWAL),
        (P.PERSON_REVEAL,),
        mask="id_number",
        level=Level.IMPORTANT,
        sensitive=True,
    ),
    PersonalField(
        "id_number_clash",
        N_("身份证号重复的提示（不含号码）"),
        ("id_number_clash.person_id", "id_number_clash.other_id", "id_number_clash.at"),
        N_("核实同一人的重复账号"),
        Basis.DUTY,
        Retention(Since.END, 365),
        (P.PERSON_REVEAL,),
    ),
    PersonalField(
        "identity",
        N_("身份核验情况"),
        ("person.identity_level", "person.identity_at", "person.identity_by"),
        N_("签发证书前确认身份"),
        Basis.DUTY,
        RECORD,
        (P.PERSON_READ,),
    ),
    PersonalField("username", N_("用户名"), ("account.username",), _GUARDED, Basis.DUTY, RECORD, (P.PERSON_READ,)),
    PersonalField(
        "account",
        N_("账号状态"),
        ("account.state", "account.state_reason", "person.merged_into", "person.closed_at"),
        _GUARDED,
        Basis.DUTY,
        RECORD,
        (P.PERSON_READ,),
    ),
    PersonalField(
        "password",
        N_("密码（只存不可还原的散列值）"),
        (
            "account.password_hash",
            "account.password_at",
            "account.duty_password",
            "password_history.password_hash",
            "password_history.set_at",
        ),
        _GUARDED,
        Basis.SECURITY,
        Retention(Since.CLOSING, 30),
        mask="all",
        level=Level.IMPORTANT,
    ),
    PersonalField(
        "second_factor",
        N_("动态验证码密钥和恢复码"),
        (
            "account.totp_sealed",
            "account.totp_step",
            "recovery_code.code_hash",
            "recovery_code.made_at",
            "recovery_code.used_at",
        ),
        _GUARDED,
        Basis.SECURITY,
        Retention(Since.CLOSING, 30),
        mask="all",
        level=Level.IMPORTANT,
    ),
    PersonalField(
        "sign_in_code",
        N_("一次性登录码（只存散列值）"),
        (
            "sign_in_code.code_hash",
            "sign_in_code.way",
            "sign_in_code.issued_by",
            "sign_in_code.issued_at",
            "sign_in_code.expires_at",
            "sign_in_code.ended_at",
        ),
        _GUARDED,
        Basis.SECURITY,
        Retention(Since.END, 30),
        mask="all",
    ),
    PersonalField(
        "session",
        N_("登录时间"),
        ("auth_session.opened_at", "auth_session.expires_at", "auth_session.seen_at", "auth_session.ended_at"),
        _GUARDED,
        Basis.SECURITY,
        LOGS,
        (P.PERSON_READ,),
    ),
    PersonalField(
        "session_address",
        N_("登录的网络地址和浏览器"),
        ("auth_session.address", "auth_session.browser"),
        _GUARDED,
        Basis.SECURITY,
        Retention(Since.END, 180),
        (P.PERSON_READ,),
        mask="address",
    ),
    PersonalField(
        "sign_in_guard",
        N_("登录失败次数"),
        ("sign_in_guard.username", "sign_in_guard.failures", "sign_in_guard.since", "sign_in_guard.locked_until"),
        _GUARDED,
        Basis.SECURITY,
        Retention(Since.END, 1),
    ),
    PersonalField(
        "consent",
        N_("同意和撤回的记录"),
        ("consent.person_id", "consent.kind", "consent.version", "consent.given_at", "consent.withdrawn_at"),
        _PROVED,
        Basis.DUTY,
        THREE_YEARS,
    ),
    PersonalField(
        "correction",
        N_("更正申请"),
        (
            "correction.person_id",
            "correction.field",
            "correction.old_sealed",
            "correction.new_sealed",
            "correction.reason",
            "correction.state",
            "correction.asked_at",
            "correction.decided_at",
            "correction.decided_by",
            "correction.comment",
        ),
        N_("核实并办理本人的更正申请"),
        Basis.DUTY,
        Retention(Since.END, 1095),
        (P.CORRECTION_DECIDE,),
        level=Level.IMPORTANT,
    ),
    PersonalField(
        "disclosure",
        N_("向他人提供的登记"),
        (
            "disclosure.at",
            "disclosure.actor_id",
            "disclosure.receiver",
            "disclosure.purpose",
            "disclosure.fields",
            "disclosure.persons",
            "disclosure.unit_path",
        ),
        _PROVED,
        Basis.DUTY,
        THREE_YEARS,
        (P.DISCLOSURE_READ,),
    ),
    PersonalField(
        "reveal",
        N_("查看完整身份证号的登记"),
        (
            "reveal.at",
            "reveal.actor_id",
            "reveal.person_id",
            "reveal.field",
            "reveal.purpose",
            "reveal.reason",
            "reveal.unit_path",
        ),
        _PROVED,
        Basis.DUTY,
        THREE_YEARS,
        (P.DISCLOSURE_READ, P.INCIDENT_READ),
    ),
    PersonalField(
        "notice",
        N_("平台消息"),
        ("notice.*",),
        N_("把与学员有关的事项告知本人"),
        Basis.DUTY,
        Retention(Since.MAKING, 365),
    ),
    PersonalField("audit", N_("操作记录"), ("audit_entry.*",), _PROVED, Basis.SECURITY, LOGS, (P.AUDIT_READ,)),
    PersonalField("enrolment", N_("报名记录"), ("enrolment.*",), _CREDITED, Basis.DUTY, RECORD, (P.CLASS_READ,)),
    PersonalField(
        "classroom",
        N_("分课堂签到"),
        (
            "classroom_session.host_id",
            "classroom_session.place",
            "classroom_attendance.*",
            "classroom_photo.*",
            "classroom_sheet.*",
            "classroom_signature.*",
            "classroom_correction.*",
        ),
        N_("证明集中培训的到场情况，据以认定学时"),
        Basis.DUTY,
        RECORD,
        (P.CLASSROOM_HOLD,),
    ),
    PersonalField(
        "watch_origin",
        N_("学习来源标记（设备标记和网络的加密摘要）"),
        ("watch_origin.*",),
        N_("发现一台设备多人学习、短时间多个网络等异常"),
        Basis.DUTY,
        Retention(Since.MAKING, 180),
    ),
    PersonalField(
        "watch_flag",
        N_("学习异常提示和本人说明"),
        ("watch_flag.*", "watch_objection.*"),
        N_("由人核实异常学习记录，告知本人并听取说明"),
        Basis.DUTY,
        RECORD,
        (P.FLAG_DECIDE,),
    ),
    PersonalField(
        "learning",
        N_("学习过程"),
        ("watch_lease.*", "watch_progress.*", "presence_check.*", "course_completion.*"),
        _CREDITED,
        Basis.DUTY,
        RECORD,
    ),
    PersonalField(
        "practice",
        N_("练习和模拟考试"),
        ("practice_round.*", "practice_step.*", "practised_item.*", "mock_exam.*", "mock_question.*"),
        N_("给出答案和解析，整理错题，显示掌握情况；不作考核"),
        Basis.DUTY,
        Retention(Since.MAKING, 730),
    ),
    PersonalField(
        "exams",
        N_("作答和成绩"),
        (
            "attempt.*",
            "attempt_question.*",
            "answer_event.*",
            "score.*",
            "score_adjustment.*",
            "allowance.*",
            "sitting.*",
            "sitting_request.*",
            "marking_piece.*",
            "mark.*",
            "marking_pass.*",
            "marking_plan.*",
            "regrade.*",
            "regrade_effect.*",
            "exam_standing.*",
        ),
        _CREDITED,
        Basis.DUTY,
        RECORD,
    ),
    PersonalField(
        "exam_watch",
        N_("考试中的情况（离开页面、粘贴字数、网络更换、断线重连）"),
        ("attempt_presence.*", "attempt_event.*"),
        N_("让监考人员了解考场情况，及时帮助考生"),
        Basis.DUTY,
        Retention(Since.MAKING, 180),
        (P.EXAM_INVIGILATE,),
    ),
    PersonalField(
        "accommodation",
        N_("便利安排（考试和在场确认延长多少时间，不含病情）"),
        ("accommodation.*",),
        N_("为需要更多时间的学员延长考试和在场确认的时间"),
        Basis.DUTY,
        RECORD,
        (P.ACCOMMODATION_GRANT,),
    ),
    PersonalField(
        "hours",
        N_("学时"),
        (
            "credit_entry.*",
            "deferred_hours.*",
            "outside_training.*",
            "outside_trainee.*",
            "outside_hand.*",
            "hours_standing.*",
            "hours_reminder.*",
            "standing_due.*",
            "hours_correction.*",
            "hours_dispute.*",
            "hours_dispute_word.*",
            "hours_year_record.*",
        ),
        _CREDITED,
        Basis.DUTY,
        RECORD,
        (P.HOURS_READ,),
    ),
    PersonalField(
        "certificates",
        N_("证书"),
        ("certificate.*", "certificate_document.*", "certificate_event.*"),
        _CREDITED,
        Basis.DUTY,
        RECORD,
    ),
    PersonalField("roles", N_("角色授权"), ("role_grant.*",), _WORKED, Basis.DUTY, RECORD, (P.ROLE_READ,)),
    PersonalField(
        "staff_work",
        N_("工作人员办理的事项"),
        (
            "joint_help.*",
            "join_proposal.*",
            "course.author_id",
            "revision.author_id",
            "revision_event.actor_id",
            "submission.author_id",
            "review.*",
            "media_asset.owner_id",
            "hours_rule.decided_by",
            "watch_policy.decided_by",
            "allowance_request.*",
            "exam_message.*",
            "exam_rules.proposed_by",
            "exam_rules.published_by",
            "exam_rules_draft.drafted_by",
            "exam_rules_draft.drafted_at",
            "exam_rules_draft.decided_by",
            "exam_rules_draft.decided_at",
            "hours_target_set.decided_by",
            "unit_change.actor_id",
            "unit_request.decided_by",
            "unit_import.actor_id",
            "item_import.actor_id",
            "item_version.author_id",
            "item_event.actor_id",
            "item_flag.flagged_by",
            "item_flag.settled_by",
            "item_twin.wanted_by",
        ),
        _WORKED,
        Basis.DUTY,
        RECORD,
        (P.AUDIT_READ,),
    ),
    PersonalField(
        "teacher",
        N_("授课教师姓名、单位和职务"),
        ("teacher.name", "teacher.institution", "teacher.post"),
        N_("说明课程由谁讲授"),
        Basis.CONSENT,
        RECORD,
        (P.TEACHER_READ,),
    ),
)
