"""`make audit`: secrets in what is tracked, known flaws in what is installed."""

import os
import sys

from tests.audit import dependencies, secrets


def main() -> int:
    leaks = secrets.found()
    for words in leaks:
        sys.stdout.write(f"looks like a secret: {words}\n")
    reports = [dependencies.audited(name) for name in dependencies.FILES]
    sys.stdout.write(dependencies.told(reports) + "\n")
    required = os.environ.get(dependencies.REQUIRED) == "required"
    return 1 if leaks else dependencies.status(reports, required=required)


if __name__ == "__main__":
    sys.exit(main())
