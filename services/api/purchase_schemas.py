"""Over the wire: what the till sold to guests, and what that asks of staff."""

from decimal import Decimal
from typing import Annotated, Literal
from uuid import UUID

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    Field,
    StringConstraints,
    model_validator,
)

from services.api.schemas import Name, Reference, Request
from vestibule.domain.consumption import CURRENCIES, MOST_MINOR, hundredths

CareName = Literal["watch", "care"]
OutcomeName = Literal["recorded", "repeated", "unknown_customer", "recorded_differently"]


def _currency(code: str) -> str:
    if code not in CURRENCIES:
        raise ValueError("must be a currency of ISO 4217, as EUR")
    return code


def _units(units: Decimal) -> Decimal:
    hundredths(units)
    return units


Currency = Annotated[str, StringConstraints(pattern="^[A-Z]{3}$"), AfterValidator(_currency)]
AmountMinor = Annotated[
    int,
    Field(
        ge=-MOST_MINOR,
        le=MOST_MINOR,
        description="In the currency's smallest unit: 1250 is 12.50 EUR. Less than 0: a refund.",
    ),
]
AlcoholUnits = Annotated[
    Decimal,
    Field(ge=0, le=1_000, description="Units of 10 g of pure alcohol, at most two decimals."),
    AfterValidator(_units),
]
TillName = Annotated[Name, StringConstraints(max_length=60)]
LineNumber = Annotated[int, Field(ge=0, le=1_000_000)]
ChangeReason = Annotated[Name, StringConstraints(max_length=500)]


class SoldLine(Request):
    """``till``, ``receipt`` and ``line`` name it once at a venue: sent again it is not kept again.
    Whose it is says ``customer_id`` or ``loyalty_number``, one of them."""

    till: TillName
    receipt: TillName
    line: LineNumber = 0
    occurred_at: AwareDatetime
    amount_minor: AmountMinor
    currency: Currency
    category: Annotated[Name, StringConstraints(max_length=60), Field(description="beer, entry, …")]
    alcohol_units: AlcoholUnits = Decimal(0)
    customer_id: UUID | None = None
    loyalty_number: Reference | None = None
    venue_id: UUID | None = Field(default=None, description="This venue, unless it is said.")

    @model_validator(mode="after")
    def _is_of_one(self) -> "SoldLine":
        if (self.customer_id is None) == (self.loyalty_number is None):
            raise ValueError("give customer_id or loyalty_number")
        return self


class SoldLines(Request):
    items: list[SoldLine] = Field(min_length=1, max_length=1_000)


class RecordedPurchases(BaseModel):
    """``outcomes`` in the order of what was sent. Of unknown customers nothing is kept but how many
    there were."""

    recorded: int
    repeated: int
    unknown_customer: int
    recorded_differently: int
    outcomes: list[OutcomeName]


class RowProblem(BaseModel):
    row: int = Field(description="As a spreadsheet counts: 1 is the row of the names.")
    field: str
    problem: str


class PurchaseImport(BaseModel):
    """``problems`` name rows that do not fit; the others are recorded, unless it is a preview."""

    is_preview: bool
    rows: int
    recorded: int
    repeated: int
    unknown_customer: int
    recorded_differently: int
    problems: list[RowProblem]


class PurchaseCorrection(Request):
    """What is left out stays. Whose it is and when cannot be corrected: void it, record it anew."""

    reason: ChangeReason
    amount_minor: AmountMinor | None = None
    currency: Currency | None = None
    category: Annotated[Name, StringConstraints(max_length=60)] | None = None
    alcohol_units: AlcoholUnits | None = None


class PurchaseVoid(Request):
    reason: ChangeReason


class ReceiptVoid(Request):
    """A whole receipt, or the ``line`` of it that is named."""

    till: TillName
    receipt: TillName
    line: LineNumber | None = None
    venue_id: UUID | None = None
    reason: ChangeReason


class VoidedLines(BaseModel):
    voided: int


class Purchase(BaseModel):
    id: UUID
    venue_id: UUID
    till: str
    receipt: str
    line: int
    occurred_at: AwareDatetime
    amount_minor: int
    currency: str
    category: str
    alcohol_units: float
    is_voided: bool


class PurchasePage(BaseModel):
    items: list[Purchase]
    next_cursor: str | None


class Sum(BaseModel):
    amount_minor: int
    currency: str


class Spent(BaseModel):
    """``money`` has one sum a currency."""

    purchases: int
    money: list[Sum]
    alcohol_units: float


class Favourite(BaseModel):
    category: str
    times: int


class Consumption(BaseModel):
    """``care`` asks staff to offer water and keep an eye (*watch*), or to look after them (*care*).
    It is never a sanction. ``units_in_window`` are those of the last ``window_hours``."""

    care: CareName | None
    units_in_window: float
    window_hours: float
    tonight: Spent
    last_30_days: Spent
    favourites: list[Favourite] = Field(description="Bought most often in 180 days.")


class Thresholds(BaseModel):
    window_hours: float
    watch_units: float
    care_units: float


class ConsumptionPolicy(Thresholds):
    """``version`` 0 is what the product came with."""

    version: int


class NewConsumptionPolicy(Request):
    """In force at once, for the whole chain. ``version`` is the one that was read."""

    version: int = Field(ge=0, le=1_000_000)
    window_hours: float = Field(ge=0.5, le=24)
    watch_units: AlcoholUnits
    care_units: AlcoholUnits
    reason: ChangeReason

    @model_validator(mode="after")
    def _rises(self) -> "NewConsumptionPolicy":
        if not 0 < self.watch_units < self.care_units:
            raise ValueError("care_units must be more than watch_units, and that more than 0")
        return self
