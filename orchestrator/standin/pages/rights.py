"""Who may change departments and accounts; the API's rights know nothing of that.

Who has the Read right on test hosts may, in the own departments: nobody gets at a department, or
at an account that opens one, which was closed before.
"""

import sqlite3

from orchestrator.standin.accounts import departments_of, oversees, require_account
from orchestrator.standin.errors import Refusal

from .visit import Visit


def require_right(visit: Visit) -> None:
    """Refuse whoever may not change departments and accounts: 403."""
    if not visit.person.may_read_hosts:
        raise Refusal(403, "Departments and users are changed by who has Read on test hosts")


def require_own_department(visit: Visit) -> int:
    """Return the department of the address, if it is one of this person's; 403 otherwise."""
    require_right(visit)
    dept_id = visit.id("dept_id")
    if dept_id not in visit.person.dept_ids:
        raise Refusal(403, f"Department {dept_id} is not one of yours")
    return dept_id


def require_visible_account(visit: Visit) -> sqlite3.Row:
    """Return the account of the address, if it is seen by this person; 404 otherwise."""
    require_right(visit)
    account = require_account(visit.store, visit.id("user_id"))
    if not may_see(visit, account["id"]):
        raise Refusal(404, f"User with id {account['id']} not found")
    return account


def may_see(visit: Visit, user_id: int) -> bool:
    """Say whether an account shares a department with this person; one of none is overseen."""
    theirs = dept_ids_of(visit, user_id)
    return bool(theirs & visit.person.dept_ids) or (not theirs and _oversees(visit))


def owns(visit: Visit, user_id: int) -> bool:
    """Say whether an account opens nothing that this person's does not open."""
    if user_id == visit.person.id:
        return True
    # An account of no department yet may be given any: whoever set its password would have that.
    theirs = dept_ids_of(visit, user_id)
    return theirs <= visit.person.dept_ids and (bool(theirs) or _oversees(visit))


def _oversees(visit: Visit) -> bool:
    person = visit.person
    return oversees(visit.store, person.dept_ids, may_read_hosts=person.may_read_hosts)


def dept_ids_of(visit: Visit, user_id: int) -> frozenset[int]:
    """Return the departments of an account."""
    return frozenset(row["id"] for row in departments_of(visit.store, user_id))
