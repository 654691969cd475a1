"""What a caller may do beyond being signed in, by name, so that roles can be put on it."""

from enum import StrEnum


class Permission(StrEnum):
    """Today everybody who is signed in has every one of them."""

    VIEW_CUSTOMERS = "customers.view"
    OVERRIDE_ENROLMENT = "enrolment.override"
