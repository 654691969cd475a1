"""What Celery and kombu log is shown from WARNING on, unless their level was set before."""

import logging


def quieten() -> None:
    for name in ("celery", "kombu"):
        if logging.getLogger(name).level == logging.NOTSET:
            logging.getLogger(name).setLevel(logging.WARNING)
