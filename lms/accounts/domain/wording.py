"""The Chinese words of the coded facts about people, as pages, spreadsheets and exports write them."""

from lms.kernel.errors import N_

SEXES = {"male": N_("男"), "female": N_("女")}
CATEGORIES = {
    "division": N_("县处级以上"),
    "section": N_("乡科级以下"),
    "socialised": N_("社会化工会工作者"),
    "enterprise": N_("企事业单位工会干部"),
    "other": N_("其他"),
}
EMPLOYMENTS = {"full_time": N_("专职"), "part_time": N_("兼职"), "seconded": N_("挂职")}
IDENTITY_LEVELS = {"declared": N_("自行申报"), "unit": N_("单位确认"), "id_number": N_("身份证号核验")}
STATES = {"active": N_("正常"), "disabled": N_("已停用"), "closed": N_("已注销"), "merged": N_("已合并")}
