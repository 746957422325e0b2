"""How many people of one name a list may hold: more are guesses at one person's number."""

from collections import Counter
from collections.abc import Iterable

from lms.kernel.errors import N_

MOST = 10
TOO_MANY = N_("同名的人超过 10 名，请核对；确有这么多同名人员时请分几次办理")


def one_too_many(names: Iterable[str]) -> list[int]:
    """The places at which a name comes once too often; later ones are not told again."""
    called: Counter[str] = Counter()
    places = []
    for place, name in enumerate(names):
        called[name] += bool(name)
        if called[name] == MOST + 1:
            places.append(place)
    return places
