"""Sends messages by mail to those who gave an address; each leaves once, and one that is refused keeps none of the others."""

from uuid import UUID

from lms import settings as settings_module
from lms.infra import jobs, mail
from lms.infra.db import reading
from lms.kernel import clock
from lms.notices import queries, service
from lms.notices.domain.messages import filled
from lms.web import ports

SUBJECT = "{name}：{title}"
TEXT = "{text}\n\n请登录平台查看：{address}\n本邮件由系统自动发出，请勿回复。\n"
PAGE = "/me/notices"


@jobs.handler(service.MAIL_JOB)
def send_mails(job: jobs.Job) -> None:
    """Sends the messages of a job that were not sent yet. Raises NotSent after the last one when any was refused."""
    settings = settings_module.current()
    post = mail.post_of(settings)
    if not post.open:
        return
    with reading() as session:
        waiting = queries.unmailed(session, [UUID(one) for one in job.payload["notices"]])
        addresses = ports.mail_addresses(session, [one.person_id for one in waiting])
    refused: mail.NotSent | None = None
    for one in waiting:
        to = addresses.get(one.person_id)
        if to is None:
            continue
        subject = SUBJECT.format(name=settings.issuer_name, title=filled(one.title, one.facts))
        address = settings.base_url.rstrip("/") + PAGE
        try:
            post.send(to, subject, TEXT.format(text=filled(one.text, one.facts), address=address))
        except mail.NotSent as error:
            refused = error
            continue
        service.mailed(one.id, now=clock.now())
    if refused is not None:
        raise refused
