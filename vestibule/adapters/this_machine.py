"""Whether an address stays on this machine, where nobody listens in between."""

from ipaddress import ip_address


def is_this_machine(host: str | None) -> bool:
    """A name may lead anywhere: only ``localhost`` is taken at its word."""
    if host == "localhost":
        return True
    try:
        return ip_address(host or "").is_loopback
    except ValueError:
        return False
