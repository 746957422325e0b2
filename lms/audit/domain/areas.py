"""What the beginnings of acts' names are called for people."""

from lms.kernel.errors import N_

AREAS = {
    "access.": N_("越权访问"),
    "account.": N_("账号"),
    "address.": N_("来源地址"),
    "attempt.": N_("考试作答"),
    "audit.": N_("审计"),
    "certificate.": N_("证书"),
    "class.": N_("培训班"),
    "classroom.": N_("分课堂"),
    "code.": N_("一次性登录码"),
    "consent.": N_("个人信息同意"),
    "correction.": N_("信息更正"),
    "disclosure.": N_("对外提供个人信息"),
    "enrolment.": N_("报名"),
    "exam.": N_("考试"),
    "hours.": N_("学时"),
    "identity.": N_("身份确认"),
    "joint_help.": N_("双人办理"),
    "membership.": N_("所属单位"),
    "password.": N_("密码"),
    "people.": N_("人员（批量）"),
    "person.": N_("人员"),
    "revision.": N_("内容审核"),
    "role.": N_("角色授权"),
    "session.": N_("登录"),
    "unit.": N_("组织机构"),
    "video.": N_("视频"),
    "watch.": N_("学习记录"),
}
RESULTS = {"ok": N_("成功"), "refused": N_("被拒绝"), "broken": N_("异常")}
ALARMS = {
    "ledger_differs": N_("学时与学习记录不一致"),
    "figures_differ": N_("学时统计与台账不一致"),
    "broken_chain": N_("完整性校验发现问题"),
    "brute_force": N_("登录被拒绝过多"),
    "forged_beats": N_("学习时长申报异常"),
    "probing": N_("访问被拒绝过多"),
    "mass_reveal": N_("查看完整个人信息过多"),
    "mass_export": N_("导出过多"),
    "break_glass": N_("服务器应急操作"),
}
COUNTED_BY = {"address": N_("来源地址"), "actor": N_("操作人"), "object": N_("对象"), "": ""}
PARTS = {
    "audit": N_("审计记录"),
    "seals": N_("封签"),
    "hours": N_("学时"),
    "years": N_("年度学时记录"),
    "results": N_("考试成绩"),
    "certificates": N_("证书"),
    "content": N_("内容审核记录"),
    "lectures": N_("已发布课件"),
    "access": N_("角色授权"),
    "people": N_("人员与账号"),
    "privacy": N_("个人信息同意与查看"),
    "units": N_("组织机构"),
    "places": N_("机构与人员的位置"),
}
