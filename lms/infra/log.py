"""Structured logs: one JSON line an event on standard error, with the request's id; never a secret or personal field."""

import logging
import re
import sys

import structlog

from lms.kernel.quoted_numbers import without_quoted_id_numbers

_DETAIL = re.compile(  # a value may hold line breaks: all goes up to what can't be part of the values, or to the end
    r"\bDETAIL:.*?(?=\n[ |]*(?:(?:HINT|CONTEXT|QUERY):  |\[SQL: |\(Background on this error )"
    r"|\n[ |]*\n[ |]*(?:The above exception was |During handling of the above )|\Z)",
    re.DOTALL,
)
_HIDDEN = frozenset({"password", "code", "mobile", "id_number", "cookie", "authorization", "token", "secret"})


def _hide(_logger: object, _name: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    return {key: "…" if key.lower() in _HIDDEN else value for key, value in event.items()}


def without_values(_logger: object, _name: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    """PostgreSQL tells the values of a row that breaks a rule in a section of its own: that stays out, and so does an ID
    number wherever an exception tells one."""
    text = event.get("exception")
    if not isinstance(text, str):
        return event
    return {**event, "exception": _struck(text)}


def _struck(exception: str) -> str:
    return without_quoted_id_numbers(_DETAIL.sub("DETAIL: …", exception))


class WithoutValues(logging.Filter):
    """The same for what libraries log of the application's faults by themselves."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = without_quoted_id_numbers(self.told(record.getMessage())), ()
        if record.exc_info:
            record.exc_text = _struck(logging.Formatter().formatException(record.exc_info))
        return True

    def told(self, message: str) -> str:
        """What of a message may stand in the log at all."""
        return message


OF_FLASK = WithoutValues()


def configure(level: str) -> None:
    """Sets the process's log level and form."""
    logging.getLogger("lms").addFilter(OF_FLASK)
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            without_values,
            _hide,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelName(level.upper())),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )
