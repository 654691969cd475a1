"""Examples of ``purchase_schemas.py``."""

from typing import Any

_CUSTOMER = "6f0d5d0a-6a52-4b2e-9a63-0f4d7c2f4f10"
_SOLD = {
    "till": "bar-1",
    "receipt": "20261121-0412",
    "line": 1,
    "occurred_at": "2026-11-22T00:31:00Z",
    "amount_minor": 1250,
    "currency": "EUR",
    "category": "cocktail",
    "alcohol_units": "2.00",
    "customer_id": _CUSTOMER,
}
_PURCHASE = {
    "id": "5b4a3928-8888-4888-8888-00000000002f",
    "venue_id": "9a8b7c6d-5555-4555-8555-00000000002b",
    "till": "bar-1",
    "receipt": "20261121-0412",
    "line": 1,
    "occurred_at": "2026-11-22T00:31:00Z",
    "amount_minor": 1250,
    "currency": "EUR",
    "category": "cocktail",
    "alcohol_units": 2.0,
    "is_voided": False,
}
_COUNTS = {"recorded": 1, "repeated": 0, "unknown_customer": 1, "recorded_differently": 0}

PURCHASE_EXAMPLES: dict[str, Any] = {
    "SoldLine": _SOLD,
    "SoldLines": {"items": [_SOLD]},
    "RecordedPurchases": {**_COUNTS, "outcomes": ["recorded", "unknown_customer"]},
    "PurchaseImport": {
        "is_preview": False,
        "rows": 3,
        **_COUNTS,
        "problems": [
            {"row": 4, "field": "currency", "problem": "must be a currency of ISO 4217, as EUR"}
        ],
    },
    "PurchaseCorrection": {"reason": "Wrong size.", "amount_minor": 950, "alcohol_units": "1.50"},
    "PurchaseVoid": {"reason": "Sent back."},
    "ReceiptVoid": {"till": "bar-1", "receipt": "20261121-0412", "reason": "Cancelled."},
    "VoidedLines": {"voided": 2},
    "Purchase": _PURCHASE,
    "PurchasePage": {"items": [_PURCHASE], "next_cursor": None},
    "Consumption": {
        "care": "watch",
        "units_in_window": 6.5,
        "window_hours": 4.0,
        "tonight": {
            "purchases": 4,
            "money": [{"amount_minor": 4800, "currency": "EUR"}],
            "alcohol_units": 6.5,
        },
        "last_30_days": {
            "purchases": 11,
            "money": [{"amount_minor": 13200, "currency": "EUR"}],
            "alcohol_units": 14.5,
        },
        "favourites": [{"category": "cocktail", "times": 6}],
    },
    "ConsumptionPolicy": {
        "version": 1,
        "window_hours": 4.0,
        "watch_units": 6.0,
        "care_units": 10.0,
    },
    "NewConsumptionPolicy": {
        "version": 0,
        "window_hours": 4.0,
        "watch_units": "6.00",
        "care_units": "10.00",
        "reason": "Agreed with the medical officer.",
    },
}
