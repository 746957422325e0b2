"""From how many acts of one kind, by one actor, from one address or against one object in a day, somebody should look."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Rule:
    """`endings` are of the names of the acts; `by` is what they are counted by: "address", "actor" or "object"."""

    kind: str
    endings: tuple[str, ...]
    by: str
    limit: int


REFUSED = ("session.refused", "address.limited")
RULES = (
    Rule("brute_force", REFUSED, "address", 30),
    Rule("brute_force", REFUSED, "object", 15),
    Rule("forged_beats", ("watch.overclaimed",), "actor", 5),
    Rule("probing", ("access.refused",), "actor", 20),
    Rule("mass_reveal", (".revealed",), "actor", 20),
    Rule("ledger_differs", (".differs",), "object", 1),
    Rule("figures_differ", (".unreconciled",), "object", 1),
    Rule("mass_export", (".exported", "_exported", "personal_data.disclosed"), "actor", 5),
    Rule("break_glass", (".break_glass",), "object", 1),
)
