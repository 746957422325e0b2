"""What the worker does for accounts: repeated work, and codes for who forgot their password."""

from pathlib import Path

from lms import settings as settings_module
from lms.accounts.service import codes, contacts, memberships, purging
from lms.infra import crypto, jobs, mail, sms
from lms.kernel import clock
from lms.kernel.clock import SHANGHAI
from lms.settings import Settings

CODE_PAGE = "/sign-in/code"
SUBJECT = "{name}：一次性验证码"
TEXT = (
    "【{name}】{username}，您的一次性验证码是 {code}，{until} 前有效，只能使用一次。"
    "请打开 {address} 输入用户名和验证码，然后设置新密码。如非本人操作，请忽略；请勿把验证码告诉他人。\n"
)
CHANGED_SUBJECT = "{name}：联系方式已更改"
CHANGED_TEXT = (
    "【{name}】您在平台登记的邮箱或手机号码刚刚改为别的，以后不再发到这里。如非本人操作，请立即登录 {address} 修改密码，"
    "并联系您单位的管理员。\n"
)


@jobs.sweep(seconds=600)
def settle_memberships() -> None:
    """Lists people under the units where a planned membership has begun; days begin at midnight in Shanghai."""
    memberships.settle(now=clock.now())


def _folder(settings: Settings) -> Path | None:
    """Where messages are kept that can't be sent here; None in production."""
    return None if settings.mode == "production" else settings.home / "outbox"


@jobs.handler(contacts.CHANGED_JOB)
def tell_former_contact(job: jobs.Job) -> None:
    """Tells the address or number that somebody had that it is theirs no more on the platform."""
    settings = settings_module.current()
    post, messages = mail.post_of(settings), sms.Messages(_folder(settings))
    text = CHANGED_TEXT.format(name=settings.issuer_name, address=settings.base_url.rstrip("/"))
    to = {way: crypto.decrypt(sealed, contacts.CHANGED_JOB) for way, sealed in job.payload.items()}
    if "sms" in to and messages.open:
        messages.send(to["sms"], text)
    if "mail" in to and post.open:
        post.send(to["mail"], CHANGED_SUBJECT.format(name=settings.issuer_name), text)


@jobs.handler(codes.FORGOTTEN_JOB)
def send_code(job: jobs.Job) -> None:
    """Sends a one-time code to who forgot their password. A second run makes a new code, and the former one ends."""
    settings = settings_module.current()
    post, messages = mail.post_of(settings), sms.Messages(_folder(settings))
    ways = tuple(way for way, open_ in (("mail", post.open), ("sms", messages.open)) if open_)
    username = crypto.decrypt(job.payload["username"], codes.FORGOTTEN_JOB)
    letter = codes.letter_for(username, ways=ways, hours=settings.sign_in_code_hours, now=clock.now())
    if letter is None:
        return
    text = TEXT.format(
        name=settings.issuer_name,
        username=letter.username,
        code=letter.code,
        until=f"{letter.expires_at.astimezone(SHANGHAI):%Y-%m-%d %H:%M}",
        address=settings.base_url.rstrip("/") + CODE_PAGE,
    )
    if letter.way == "mail":
        post.send(letter.to, SUBJECT.format(name=settings.issuer_name), text)
    else:
        messages.send(letter.to, text)


@jobs.sweep(seconds=86400)
def purge_personal_data() -> None:
    """Removes what has outlived its retention, ended jobs with the places and names sealed in them among it."""
    purging.purge(now=clock.now())
    jobs.forget_ended(now=clock.now())
