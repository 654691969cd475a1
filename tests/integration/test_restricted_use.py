"""Restriction and objection: asked in the queries, from the next one on."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from tests.integration.own_page import a_guest, stored
from tests.people import headers, sign_in_as
from vestibule.domain.permissions import Role
from vestibule.records import data_use, gallery
from vestibule.records.tables import Customer
from vestibule.workflows.merge_customers import merge_customers
from vestibule.workflows.object_to_use import set_objections
from vestibule.workflows.record_visit import Entry, record_visit
from vestibule.workflows.restrict_use import RestrictedError, lift_restriction, restrict_use


def segmented(runtime) -> set:
    query = select(Customer.id).where(data_use.may_be_segmented())
    with runtime.database.look() as transaction:
        return set(transaction.scalars(query))


@pytest.mark.duty("GDPR 18")
def test_art_18_restricted_guest_is_found_by_no_photo_and_nothing_is_lost(stage):
    guest = stage.guest("Zoé Lefèvre", stage.axis(0))
    photo = stage.photo(stage.axis(0))
    assert stage.who(photo) == [guest.id]

    restrict_use(stage.runtime, guest.id, actor="test")
    restrict_use(stage.runtime, guest.id, actor="test")
    assert stage.who(stage.photo(stage.axis(0))) == [None]
    with stage.runtime.database.look() as transaction:
        assert len(gallery.templates_of(transaction, guest.id)) == 1
    assert guest.id not in segmented(stage.runtime)

    lift_restriction(stage.runtime, guest.id, actor="test")
    assert stage.who(stage.photo(stage.axis(0))) == [guest.id]
    assert guest.id in segmented(stage.runtime)


@pytest.mark.duty("GDPR 18")
def test_art_18_index_that_lags_shows_no_restricted_guest(stage, monkeypatch):
    guest = stage.guest("Zoé Lefèvre", stage.axis(0))
    monkeypatch.setattr("vestibule.workflows.restrict_use.unindex_templates", lambda *_: None)
    restrict_use(stage.runtime, guest.id, actor="test")
    assert stage.who(stage.photo(stage.axis(0))) == [None]


@pytest.mark.duty("GDPR 18")
def test_art_18_nothing_is_added_to_what_is_only_kept(stage):
    guest = stage.guest("Zoé Lefèvre")
    restrict_use(stage.runtime, guest.id, actor="test")
    with pytest.raises(RestrictedError):
        record_visit(stage.runtime, Entry(guest.venue_id, "hand", guest.id), actor="test")


@pytest.mark.duty("GDPR 21")
@pytest.mark.parametrize("objection", [{"to_statistics": True}, {"to_offers": True}])
def test_art_21_who_objects_is_in_no_segment(stage, objection):
    guest = stage.guest("Zoé Lefèvre")
    assert guest.id in segmented(stage.runtime)
    set_objections(stage.runtime, guest.id, **objection, actor="test")
    assert guest.id not in segmented(stage.runtime)
    set_objections(stage.runtime, guest.id, to_statistics=False, to_offers=False, actor="test")
    assert guest.id in segmented(stage.runtime)


@pytest.mark.duty("GDPR 21")
def test_art_21_objection_of_one_file_holds_for_both_when_they_are_made_one(stage):
    kept, merged = stage.guest("Zoé Lefèvre"), stage.guest("Zoe Lefebvre")
    set_objections(stage.runtime, merged.id, to_offers=True, actor="test")
    merge_customers(stage.runtime, kept_id=kept.id, merged_id=merged.id, actor="test")
    assert kept.id not in segmented(stage.runtime)


@pytest.mark.anyio
@pytest.mark.duty("GDPR 18")
async def test_art_18_officer_grants_it_and_lifts_it_once_the_guest_was_told(client, here):
    who, dpo = a_guest(here), headers(sign_in_as(here.runtime, Role.DPO))
    body = {"right": "restriction", "channel": "letter", "identity": "document_seen"}
    made = await client.post(
        "/v1/data-requests", json={**body, "customer_id": str(who)}, headers=dpo
    )
    url = f"/v1/data-requests/{made.json()['id']}/outcome"
    answer = {"outcome": "answered", "words": "Restricted."}
    assert (await client.post(url, json=answer, headers=dpo)).status_code == 200
    assert stored(here, who).restricted_at is not None
    seen = (await client.get(f"/v1/customers/{who}", headers=dpo)).json()
    assert seen["restricted_since"] and not seen["searchable"]

    lifting = f"/v1/customers/{who}/restriction/lifting"
    untold = await client.post(lifting, json={"person_was_told": False}, headers=dpo)
    assert untold.status_code == 422 and stored(here, who).restricted_at is not None
    host = headers(sign_in_as(here.runtime, Role.HOST))
    told = {"person_was_told": True}
    assert (await client.post(lifting, json=told, headers=host)).status_code == 403
    assert (await client.post(lifting, json=told, headers=dpo)).json()["restricted_since"] is None


@pytest.mark.anyio
@pytest.mark.duty("GDPR 19")
async def test_art_19_request_names_who_was_sent_the_data_before(client, here):
    manager = headers(sign_in_as(here.runtime, Role.MANAGER, name="Mia Export"))
    dpo = headers(sign_in_as(here.runtime, Role.DPO))
    who = a_guest(here)
    assert (await client.get("/v1/customer-export?form=csv", headers=manager)).status_code == 200
    body = {"right": "rectification", "channel": "letter", "customer_id": str(who)}
    made = (await client.post("/v1/data-requests", json=body, headers=dpo)).json()
    assert "Mia Export" in [one["who"] for one in made["recipients"]]
    noted = await client.post(
        f"/v1/data-requests/{made['id']}/notes",
        json={"words": "Told Mia.", "is_telling": True},
        headers=dpo,
    )
    assert noted.json()["steps"][-1]["action"] == "told"
    here.runtime.clock.moment += timedelta(seconds=1)
    later = await client.post(
        "/v1/data-requests", json={**body, "customer_id": str(a_guest(here))}, headers=dpo
    )
    assert later.json()["recipients"] == []
