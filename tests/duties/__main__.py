"""`python -m tests.duties` writes both tables anew; with reports of a run, holds them to it."""

import sys
from pathlib import Path

from tests.duties import threats
from tests.duties.marks import answers
from tests.duties.ran import outcomes, unproven
from tests.duties.table import DOCUMENT, document, duties


def main(reports: list[str]) -> int:
    found = answers()
    if not reports:
        DOCUMENT.write_text(document(found))
        threats.DOCUMENT.write_text(threats.document())
        return 0
    ran = outcomes(Path(report) for report in reports)
    # Of threats, a test that was skipped here (no container engine) is told by the run itself.
    wrong = unproven(found, ran)
    wrong += [words for words in unproven(threats.named(), ran) if "skipped" not in words]
    for words in wrong:
        sys.stdout.write(f"duty not proven: {words}\n")
    answered = {one.duty for one in found}
    unanswered = [duty.name for duty in duties() if duty.name not in answered]
    sys.stdout.write(f"{len(answered)} duties answered by {len(found)} tests that ran")
    sys.stdout.write(f"; open: {', '.join(unanswered)}\n" if unanswered else "\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
