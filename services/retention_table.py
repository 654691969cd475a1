"""The table of ``docs/privacy/retention.md``, from the clocks there are (``make privacy-docs``)."""

import sys
from pathlib import Path

from vestibule.domain.jurisdiction import FRANCE
from vestibule.domain.retention import CLOCKS, Kept, as_shipped, bounds, maximum_of
from vestibule.records.clockless import CLOCKLESS
from vestibule.settings import Settings

DOCUMENT = Path(__file__).parents[1] / "docs" / "privacy" / "retention.md"
_NAMES = {
    Kept.VISIT: "visits",
    Kept.PURCHASE: "purchases",
    Kept.INCIDENT: "incidents, with people, history and attachments",
    Kept.DISMISSED_INCIDENT: "incidents that were dismissed",
    Kept.ALERT: "alerts at the door",
    Kept.PROPOSAL: "proposals that became no entry",
    Kept.ENTRY: "entries of the watchlist, with proposal, decisions and appeals",
    Kept.APPEAL: "appeals",
    Kept.TEMPLATE: "faces (templates and crops) of guests who no longer come",
    Kept.CUSTOMER: "whole files of guests who have had nothing to do with the chain for long",
    Kept.CONSENT: "consents that were withdrawn or expired",
    Kept.CONSENT_PROOF: "what shows a consent: signatures, scans, typed names",
    Kept.OFFER: "offers that are over, redeemed or taken back",
    Kept.DATA_REQUEST: "requests about data that are closed, with their steps",
    Kept.LINK: "links to guests' own pages that ended",
    Kept.ENROLMENT: "how a photo was taken for enrolment: checks, who asked, what came of it",
    Kept.JOB: "jobs that ended, with their faults",
    Kept.SESSION: "sessions of staff that ended: device, times",
    Kept.IMPORT: "lists of customers that were imported: counts and faults, no content",
    Kept.AUDIT: "entries of the audit log",
    Kept.BACKUP: "backups",
}
_BY_SETTING = {
    "photo_retention_hours": ("photos and their faces", "hours", "the upload"),
    "hold_minutes": ("held faces of people who matched nobody", "minutes", "the photo"),
    "not_them_days": ("answers “Not them”, by hash and place of a face", "days", "the answer"),
}


def table() -> str:
    lines = [
        "| what | as shipped | may be set to | from | the most comes from |",
        "|---|---|---|---|---|",
    ]
    days, allowed = as_shipped().days, bounds()
    for kind in Kept:
        maximum = maximum_of(FRANCE, kind)
        why = f"{maximum.weight.value}: {maximum.source}"
        span = f"{allowed[kind].least} to {allowed[kind].most} days"
        begins = CLOCKS[kind].begins
        lines.append(f"| {_NAMES[kind]} | {days[kind]} days | {span} | {begins} | {why} |")
    for name, (what, unit, begins) in _BY_SETTING.items():
        field = Settings.model_fields[name]
        span = " to ".join(
            str(getattr(bound, edge))
            for edge in ("ge", "le")
            for bound in field.metadata
            if hasattr(bound, edge)
        )
        variable = f"`VESTIBULE_{name.upper()}`"
        lines.append(
            f"| {what} | {field.default} {unit} | {span} {unit}: {variable} | {begins} | policy |"
        )
    return "\n".join(lines)


def reasons() -> str:
    """Tables without a clock of their own, together where they have one reason."""
    tables: dict[str, list[str]] = {}
    for name, reason in CLOCKLESS.items():
        tables.setdefault(reason, []).append(f"`{name}`")
    rows = [f"| {', '.join(names)} | {reason} |" for reason, names in tables.items()]
    return "\n".join(["| tables | why |", "|---|---|", *rows])


def written(document: str) -> str:
    for name, made in (("clocks", table()), ("tables without a clock", reasons())):
        begin, end = f"<!-- {name} -->\n", f"\n<!-- end of {name} -->"
        before, _, rest = document.partition(begin)
        _, _, after = rest.partition(end)
        document = f"{before}{begin}{made}{end}{after}"
    return document


if __name__ == "__main__":
    DOCUMENT.write_text(written(DOCUMENT.read_text()))
    sys.exit(0)
