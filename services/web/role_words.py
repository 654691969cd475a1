"""Roles and what an account is, in the reader's words."""

from services.web.words import N_

ROLES = {
    "door": N_("Door"),
    "host": N_("Host"),
    "manager": N_("Manager"),
    "dpo": N_("Data protection officer"),
    "admin": N_("Administrator"),
}
STATUSES = {
    "invited": N_("Invited"),
    "active": N_("May sign in"),
    "disabled": N_("Disabled"),
}
