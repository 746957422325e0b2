"""What the worker does for accounts: repeated work, and codes for who forgot their password."""

from lms import settings as settings_module
from lms.accounts.service import codes, memberships, purging
from lms.infra import crypto, jobs, mail, sms
from lms.kernel import clock
from lms.kernel.clock import SHANGHAI

CODE_PAGE = "/sign-in/code"
SUBJECT = "{name}：一次性验证码"
TEXT = (
    "【{name}】{username}，您的一次性验证码是 {code}，{until} 前有效，只能使用一次。"
    "请打开 {address} 输入用户名和验证码，然后设置新密码。如非本人操作，请忽略；请勿把验证码告诉他人。\n"
)


@jobs.sweep(seconds=600)
def settle_memberships() -> None:
    """Lists people under the units where a planned membership has begun; days begin at midnight in Shanghai."""
    memberships.settle(now=clock.now())


@jobs.handler(codes.FORGOTTEN_JOB)
def send_code(job: jobs.Job) -> None:
    """Sends a one-time code to who forgot their password. A second run makes a new code, and the former one ends."""
    settings = settings_module.current()
    folder = None if settings.mode == "production" else settings.home / "outbox"
    post, messages = mail.post_of(settings), sms.Messages(folder)
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
    """Removes what has outlived its retention."""
    purging.purge(now=clock.now())
