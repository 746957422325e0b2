"""What an ID number may be seen in full for."""

from lms.kernel.errors import N_

PURPOSES = {
    "file": N_("与人事档案核对"),
    "certificate": N_("办理资格类证书"),
    "duplicate": N_("核实重复账号"),
    "request": N_("办理本人提出的申请"),
    "authority": N_("依法配合主管机关"),
}
