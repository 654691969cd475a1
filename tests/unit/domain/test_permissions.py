"""Deny by default: only what a role carries, only where it holds."""

from uuid import uuid4

import pytest

from vestibule.domain.permissions import (
    EVERY_ROLE,
    Grant,
    Permission,
    Role,
    rights_in_scopes,
    rights_of,
)

HERE, THERE = uuid4(), uuid4()


@pytest.mark.duty("GDPR 25")
def test_nobody_may_do_anything_without_a_role():
    rights = rights_of([])

    assert not any(rights.may(permission) for permission in Permission)
    assert rights.venues(Permission.IDENTIFY) == frozenset()


def test_role_of_one_venue_holds_there_only():
    rights = rights_of([Grant(Role.DOOR, HERE)])

    assert rights.may(Permission.IDENTIFY, HERE)
    assert not rights.may(Permission.IDENTIFY, THERE)
    assert not rights.may_everywhere(Permission.IDENTIFY)


@pytest.mark.parametrize("order", [1, -1])
def test_role_of_the_chain_outweighs_one_of_a_venue_in_any_order(order):
    grants = [Grant(Role.MANAGER, HERE), Grant(Role.DOOR), Grant(Role.DOOR, HERE)][::order]
    rights = rights_of(grants)

    assert rights.may_everywhere(Permission.IDENTIFY)
    assert rights.venues(Permission.VIEW_INCIDENTS) == {HERE}


@pytest.mark.duty("GDPR 10")
def test_door_sees_no_incident_and_no_reason():
    rights = rights_of([Grant(Role.DOOR)])
    hidden = {
        Permission.VIEW_INCIDENTS,
        Permission.VIEW_WATCHLIST,
        Permission.VIEW_CUSTOMERS,
        Permission.VIEW_PURCHASES,
    }

    assert not any(rights.may(permission) for permission in hidden)


def test_every_permission_belongs_to_a_role():
    rights = rights_of(EVERY_ROLE)

    assert all(rights.may_everywhere(permission) for permission in Permission)


def test_scope_that_nobody_knows_gives_nothing():
    rights = rights_in_scopes(["photos.identify", "photos.*", "*"])

    assert set(rights.venues_by_permission) == {Permission.IDENTIFY}
