"""A machine that does to units, people, roles and sign-ins whatever the services offer, in any order, and crashes in between."""

from tests.factories.account_machine.beginning import BeginningAndTime
from tests.factories.account_machine.belonging import Belonging
from tests.factories.account_machine.crashes import in_haste
from tests.factories.account_machine.people import People
from tests.factories.account_machine.roles import Roles
from tests.factories.account_machine.sign_ins import SignIns
from tests.factories.account_machine.tree import Tree


class AccountMachine(BeginningAndTime, People, Belonging, Roles, SignIns, Tree):
    """Each rule foretells what the service says, and after each one everything that always holds is looked at."""


__all__ = ["AccountMachine", "in_haste"]
