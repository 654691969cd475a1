"""What guests bought, and when staff is asked to take care of somebody. Nothing here is a sanction.

Money is a whole number of the currency's smallest unit and is never added across currencies.
Alcohol is a whole number of hundredths of a unit, a unit being 10 g of pure alcohol (the standard
drink of France and of the WHO's AUDIT manual, 2001, appendix C). Both add up exactly.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from enum import StrEnum

MOST_UNITS_HUNDREDTHS = 100_000
"""Of one line of a receipt: a thousand units are more than any table orders at once."""
MOST_MINOR = 10**12

_CODES = """
    AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BHD BIF BMD BND BOB BRL BSD
    BTN BWP BYN BZD CAD CDF CHF CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP
    ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HTG HUF IDR ILS
    INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR
    LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN
    NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD
    SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SYP SZL THB TJS TMT TND TOP TRY TTD
    TWD TZS UAH UGX USD UYU UZS VES VND VUV WST XAF XCD XOF XPF YER ZAR ZMW ZWG
"""
CURRENCIES = frozenset(_CODES.split())
"""ISO 4217, those that people pay with."""


class Care(StrEnum):
    """What staff is asked to do. Never a reason to refuse, and no points of the watchlist."""

    WATCH = "watch"
    """Offer water, keep an eye."""
    CARE = "care"
    """Offer water and a way home; look after them."""


@dataclass(frozen=True, slots=True)
class ConsumptionPolicy:
    """``watch`` and ``care`` are hundredths of units within the window; ``care`` is the larger."""

    window: timedelta
    watch_hundredths: int
    care_hundredths: int


DEFAULT_POLICY = ConsumptionPolicy(timedelta(hours=4), 600, 1000)
"""60 g is heavy episodic drinking (WHO, Global status report on alcohol and health 2018, 3.1)."""


@dataclass(frozen=True, slots=True)
class Drunk:
    """Alcohol that was bought at one moment, which has a zone."""

    at: datetime
    units_hundredths: int


def units_in_window(drunk: Iterable[Drunk], *, now: datetime, window: timedelta) -> int:
    """Hundredths of units from ``now - window``, that moment excluded, to ``now``.

    Moments are compared as moments: a change of the clocks neither adds an hour nor takes one.
    """
    since = now.timestamp() - window.total_seconds()
    return sum(
        one.units_hundredths for one in drunk if since < one.at.timestamp() <= now.timestamp()
    )


def care_for(units_hundredths: int, policy: ConsumptionPolicy) -> Care | None:
    if units_hundredths >= policy.care_hundredths:
        return Care.CARE
    return Care.WATCH if units_hundredths >= policy.watch_hundredths else None


def hundredths(units: Decimal) -> int:
    """Exactly. Raises ValueError for less than nothing, too much, or more than two decimals."""
    try:
        scaled = units * 100
        if scaled != scaled.to_integral_value() or not 0 <= scaled <= MOST_UNITS_HUNDREDTHS:
            raise ValueError("units of alcohol have at most two decimals and are not negative")
    except InvalidOperation as error:
        raise ValueError("that is no number of units") from error
    return int(scaled)


@dataclass(frozen=True, slots=True)
class Money:
    """``minor`` is a whole number of the smallest unit of ``currency``; less than 0 is a refund."""

    minor: int
    currency: str


def sums(amounts: Iterable[Money]) -> list[Money]:
    """One sum a currency, in the order of their codes."""
    found: dict[str, int] = {}
    for amount in amounts:
        found[amount.currency] = found.get(amount.currency, 0) + amount.minor
    return [Money(minor, currency) for currency, minor in sorted(found.items())]
