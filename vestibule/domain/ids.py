"""Identifiers, one type each, so that a customer's id is never passed for a photo's."""

from typing import NewType
from uuid import UUID, uuid4

CustomerId = NewType("CustomerId", UUID)
TemplateId = NewType("TemplateId", UUID)
PhotoId = NewType("PhotoId", UUID)
FaceId = NewType("FaceId", UUID)
JobId = NewType("JobId", UUID)
EnrolmentId = NewType("EnrolmentId", UUID)
VenueId = NewType("VenueId", UUID)


def new_uuid() -> UUID:
    """A random id: nothing about a person, a night or a sequence can be read from it."""
    return uuid4()
