"""What this installation is and how it is set."""

from fastapi import APIRouter, Depends

from services.api.dependencies import KNOWN, Caller, Here, principal
from services.api.status_schema import Status
from vestibule import __version__
from vestibule.domain.light_band import LightBand
from vestibule.domain.night import night_start
from vestibule.records import customers, photos
from vestibule.records.tables import Venue

router = APIRouter(tags=["installation"], dependencies=[Depends(principal)])


@router.get("/status", dependencies=KNOWN)
def get_status(here: Here, caller: Caller) -> Status:
    """The gallery's size, today's thresholds at this venue and the limits that uploads meet."""
    product, settings = here.runtime.at_serving(), here.settings
    space = product.engine.space
    with product.database.begin() as transaction:
        venue = transaction.get_one(Venue, caller.venue_id)
        tonight = night_start(
            product.clock.now(), timezone=venue.timezone, closes_at_hour=venue.closes_at_hour
        )
        size = product.sizes.of(transaction, space.id)
        elsewhere = product.sizes.elsewhere(transaction, space.id)
        total = customers.total(transaction)
        photos_tonight = photos.count_since(transaction, tonight, venue_id=venue.id)
    thresholds = product.calibration_in_force(venue.id).thresholds(
        LightBand.BRIGHT, customers=size.customers, templates=size.templates
    )
    return Status(
        version=__version__,
        pack=space.pack,
        space_id=space.id,
        searchable_customers=size.customers,
        customers_elsewhere=elsewhere,
        customers=total,
        threshold=thresholds.match,
        review_threshold=thresholds.review,
        target_fpir=thresholds.target_fpir,
        photos_tonight=photos_tonight,
        max_upload_bytes=settings.max_upload_bytes,
        photo_retention_hours=settings.photo_retention_hours,
        hold_minutes=settings.hold_minutes,
        index_at_rest=here.index_at_rest.value,
    )
