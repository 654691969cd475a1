"""The table of ``docs/privacy/retention.md``, from the clocks there are (``make privacy-docs``)."""

import sys
from pathlib import Path

from vestibule.domain.jurisdiction import FRANCE
from vestibule.domain.retention import CLOCKS, Kept, as_shipped, bounds, maximum_of
from vestibule.settings import Settings

DOCUMENT = Path(__file__).parents[1] / "docs" / "privacy" / "retention.md"
_BEGIN, _END = "<!-- clocks -->\n", "\n<!-- end of clocks -->"
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
        why = f"{maximum.weight.value}: {maximum.source}" if maximum else "policy: GDPR 5(1)(e)"
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


def written(document: str) -> str:
    before, _, rest = document.partition(_BEGIN)
    _, _, after = rest.partition(_END)
    return f"{before}{_BEGIN}{table()}{_END}{after}"


if __name__ == "__main__":
    DOCUMENT.write_text(written(DOCUMENT.read_text()))
    sys.exit(0)
