"""Every picture and file that the product hands out: its route, its page, and whose it is."""

from dataclasses import dataclass

from vestibule.domain.permissions import Role


@dataclass(frozen=True, slots=True)
class Handed:
    """A picture or a file: its API route, its page, and who of the venue it is for."""

    api: str
    page: str
    role: Role
    of_a_venue: bool = True


MEDIA = (
    Handed("/v1/photos/{photo_id}/image", "/photos/{id}/image", Role.DOOR),
    Handed("/v1/faces/{face_id}/crop", "/faces/{id}/crop", Role.DOOR),
    Handed("/v1/enrolments/{enrolment_id}/picture", "/enrolments/{id}/picture", Role.HOST),
    Handed("/v1/customers/{customer_id}/portrait", "/guests/{id}/portrait", Role.HOST),
    Handed("/v1/templates/{template_id}/crop", "/templates/{id}/crop", Role.HOST),
    Handed(
        "/v1/incidents/{incident_id}/attachments/{attachment_id}",
        "/incidents/{incident_id}/attachments/{attachment_id}",
        Role.MANAGER,
    ),
    Handed(
        "/v1/customers/{customer_id}/agreements/{proof_id}/file",
        "/guests/{guest_id}/proofs/{proof_id}",
        Role.HOST,
    ),
    Handed(
        "/v1/customers/{customer_id}/personal-data",
        "/guests/{guest_id}/own-page/data.zip",
        Role.DPO,
    ),
    Handed("/v1/customer-export", "/guests/export", Role.MANAGER),
    Handed("/v1/audit/export", "/privacy/audit/export.{ending}", Role.DPO),
    Handed(
        "/v1/demo/samples/{sample_id}/thumbnail",
        "/demo/samples/{id}/thumbnail",
        Role.DOOR,
        of_a_venue=False,
    ),
)
EVENTS = {"/v1/photos/{photo_id}/events", "/v1/alerts/events"}
"""Ids and times alone."""
WORDS = {"/v1/docs", "/metrics"}
"""Of nobody."""
RECEIPTS = {"/v1/erasures/{erasure_id}/receipt.sig"}
"""Of an erasure: they name nobody any more, and only who erases asks for them."""
OWN = {"/v1/me/pictures/{picture_id}", "/v1/me/export"}
"""The customer's, by a session of their own: tests/integration/test_own_page.py."""
CHAIN_ONLY = {"/v1/audit/export"}
"""A role at one venue does not carry what they need, not even at theirs."""
