"""The page of a list that an address asks for."""

from flask import request

from lms.kernel.errors import NotFound

LAST_PAGE = 10_000


def page_number() -> int:
    """The page in ?page=, from 1; 1 when none, or no number, is given. Raises NotFound for a page that can't be."""
    page = request.args.get("page", 1, type=int)
    if not 1 <= page <= LAST_PAGE:
        raise NotFound
    return page
