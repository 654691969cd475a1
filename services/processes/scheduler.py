"""What is done by the clock. Several copies may run; the one that leads does the work."""

import signal
import threading
from types import FrameType

import structlog

from services.heartbeat import beat
from services.logged_settings import logged_settings
from services.observing import observing
from services.worker.schedule import Schedule, Upkeep
from vestibule.records.leadership import Leadership
from vestibule.settings import Settings
from vestibule.wiring_distributed import ROUND_PATIENCE_S, open_service

NAME = "scheduler"
_log = structlog.get_logger(__name__)


def scheduler() -> None:
    """Run the scheduler; of several copies one does the work (distributed mode)."""
    run_scheduler(logged_settings())


def run_scheduler(settings: Settings) -> None:
    """Go round until a signal asks to stop."""
    stopping = threading.Event()

    def stop(_signal: int, _frame: FrameType | None) -> None:
        stopping.set()

    for asked in (signal.SIGTERM, signal.SIGINT):
        signal.signal(asked, stop)
    with (
        observing(settings, "scheduler"),
        open_service(settings, patience_s=ROUND_PATIENCE_S) as installation,
    ):
        leadership = Leadership(installation.runtime.database)
        schedule = Schedule(installation.runtime, upkeep=Upkeep())
        led = False
        try:
            while not stopping.is_set():
                leads = leadership.is_mine()
                if leads != led:
                    _log.info("scheduler.leads" if leads else "scheduler.waits")
                    led = leads
                if leads:
                    schedule.go_round_once()
                else:
                    schedule.wait_for_turn()
                beat(settings, NAME)
                stopping.wait(schedule.interval_s)
        finally:
            leadership.give_up()
