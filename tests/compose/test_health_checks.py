"""Each service's health check can fail, and tells so; and it recovers with its service."""

import pytest

from tests.compose.stack import Stack
from tests.compose.test_hardening import RUNNING

pytestmark = pytest.mark.timeout(900)

PRODUCT = ("api", "web", "worker", "scheduler")
STOP_OTHERS = """
import os, signal
for name in filter(str.isdigit, os.listdir("/proc")):
    if int(name) not in (1, os.getpid()):
        os.kill(int(name), signal.SIGSTOP)
"""
GO_ON = STOP_OTHERS.replace("SIGSTOP", "SIGCONT")


def stop_in_its_tracks(stack: Stack, service: str) -> None:
    """The container runs, its processes do nothing: what a hang looks like from outside."""
    for container in stack.compose("ps", "--quiet", service).stdout.split():
        if service in PRODUCT:
            stack.engine.docker("exec", container, "python", "-S", "-c", STOP_OTHERS)
        stack.engine.docker("kill", "--signal=STOP", container)


def go_on(stack: Stack, service: str) -> None:
    for container in stack.compose("ps", "--quiet", service).stdout.split():
        stack.engine.docker("kill", "--signal=CONT", container)
        if service in PRODUCT:
            stack.engine.docker("exec", container, "python", "-S", "-c", GO_ON)


def test_hung_service_is_unhealthy_until_it_goes_on(stack: Stack) -> None:
    """All at once, as each takes its three checks."""
    for service in RUNNING:
        stack.wait_for_health(service, "healthy")
    try:
        for service in RUNNING:
            stop_in_its_tracks(stack, service)
        for service in RUNNING:
            stack.wait_for_health(service, "unhealthy", within_s=150)
    finally:
        for service in RUNNING:
            go_on(stack, service)
    for service in RUNNING:
        stack.wait_for_health(service, "healthy", within_s=150)


def test_api_without_its_database_is_unhealthy_and_says_why(stack: Stack) -> None:
    stack.engine.docker("pause", stack.container("postgres"))
    try:
        stack.wait_for_health("api", "unhealthy", within_s=120)
        stack.wait_for_health("web", "unhealthy", within_s=120)
        assert stack.health("entry") == "healthy"
    finally:
        stack.engine.docker("unpause", stack.container("postgres"))
    for service in ("api", "web"):
        stack.wait_for_health(service, "healthy", within_s=120)
