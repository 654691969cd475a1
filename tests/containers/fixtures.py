"""What the tiers with containers share: an engine or a loud skip, and words in the summary."""

import pytest

from tests.containers import images
from tests.containers.engine import Engine, NoEngineError, the_engine

NO_CONTAINERS = "NO CONTAINERS were run"


def engine_or_skip() -> Engine:
    """An engine and images for it, or a skip that the summary repeats in red."""
    try:
        engine = the_engine()
    except NoEngineError as error:
        pytest.skip(f"{NO_CONTAINERS}: {error}.")
    reason = images.reason_against(engine)
    if reason is not None:
        pytest.skip(f"{NO_CONTAINERS}: {reason}.")
    return engine


def only_where_pulled(engine: Engine, server: str) -> None:
    """Skip what a stand-in cannot show; the summary repeats it in red."""
    source = images.source_of_images(engine)
    if isinstance(source, images.StandIns):
        pytest.skip(f"NOT RUN against {server}: its image cannot be pulled ({source.reason}).")


def tell(terminalreporter: pytest.TerminalReporter, tier: str) -> None:
    """Say what ran, against what, and what did not."""
    skipped = terminalreporter.stats.get("skipped", [])
    reasons = sorted({str(report.longrepr[2]) for report in skipped if tier in report.nodeid})
    for reason in reasons:
        terminalreporter.write_line(f"{tier}: {reason}", red=True, bold=True)
    ran = [
        report
        for outcome in ("passed", "failed")
        for report in terminalreporter.stats.get(outcome, [])
        if tier in report.nodeid
    ]
    if not ran or not the_engine.cache_info().currsize:
        return
    engine = the_engine()
    source = images.source_of_images(engine)
    terminalreporter.write_line(f"{tier}: {engine.words}, {source.words}.", yellow=True)
    if isinstance(source, images.StandIns):
        for server, words in images.SERVERS.items():
            terminalreporter.write_line(f"    {server}: {words}")
