"""For everybody, without a session: what is weighed and how often it errs. It names nobody."""

from fastapi import APIRouter

from services.api import transparency_schemas as schemas
from services.api.dependencies import Product
from services.api.watchlist_policy_schemas import PolicyContent
from vestibule.domain.watchlist_policy import content_of
from vestibule.evaluation.bands import Caution, CautiousRate
from vestibule.evaluation.intervals import Interval
from vestibule.evaluation.report import EvaluationReport
from vestibule.evaluation.report_tables import whole_gallery
from vestibule.evaluation.shipped_reports import shipped_reports
from vestibule.records import watchlist_policies

router = APIRouter(prefix="/transparency", tags=["privacy"])


@router.get("")
def get_transparency(product: Product) -> schemas.Transparency:
    """What a proposal to keep somebody out weighs, and the measured errors of recognition."""
    with product.database.look() as transaction:
        current = watchlist_policies.in_force(transaction)
    pack = product.engine.space.pack
    reports = [report for report in shipped_reports().values() if report.pack == pack]
    largest = max(reports, key=lambda report: report.people, default=None)
    return schemas.Transparency(
        policy=PolicyContent(**content_of(current.policy)),
        pack=pack,
        measured=_measured(largest) if largest else None,
    )


def _measured(report: EvaluationReport) -> schemas.MeasuredErrors:
    return schemas.MeasuredErrors(
        dataset=report.dataset,
        people=report.people,
        photos=report.photos,
        gallery_size=report.gallery_size,
        conditions=[
            schemas.ConditionRates(
                condition=rates.degradation.value,
                strangers_taken=_rate(rates.shipped[0].fpir),
                guests_not_found=_rate(rates.shipped[0].fnir),
            )
            for rates in whole_gallery(report)
            if rates.shipped
        ],
        groups=[
            schemas.GroupRates(
                group=band.band,
                conditions=[kind.value for kind in band.degradations],
                strangers_taken=_group_rate(band.fpir),
                guests_not_found=_group_rate(band.fnir),
            )
            for band in report.declared_groups
        ],
    )


def _group_rate(measured: CautiousRate) -> schemas.GroupRate:
    return schemas.GroupRate(
        **_rate(measured.rate).model_dump(),
        people=measured.people,
        has_few_errors=measured.caution is Caution.FEW_ERRORS,
    )


def _rate(measured: Interval) -> schemas.MeasuredRate:
    return schemas.MeasuredRate(value=measured.value, low=measured.low, high=measured.high)
