"""Waiting lines: Erlang's formulas for photos that come at random and servers that are alike.

M/M/c: arrivals independent of each other, times of service exponential, one line for all. Photos
of a night come in bursts, which the arrivals of a peak carry; times of photos vary less than
exponential ones, so what is calculated here waits longer than what is seen.
"""

import math

MOST_SERVERS = 1_000_000


def offered_load(arrivals_a_second: float, service_s: float) -> float:
    """In erlangs: how many servers would be busy all the time."""
    return arrivals_a_second * service_s


def erlang_b(servers: int, load: float) -> float:
    """The share of arrivals that find every server busy, where nobody waits. Load in erlangs."""
    if servers < 0 or load < 0:
        raise ValueError(f"servers {servers}, load {load}")
    blocked = 1.0
    for number in range(1, servers + 1):
        blocked = load * blocked / (number + load * blocked)
    return blocked


def erlang_c(servers: int, load: float) -> float:
    """The share of arrivals that have to wait, in one endless line. 1 where it never empties."""
    if load >= servers:
        return 1.0
    blocked = erlang_b(servers, load)
    return blocked / (1 - load / servers * (1 - blocked))


def share_waiting_longer(
    servers: int, arrivals_a_second: float, service_s: float, *, than_s: float
) -> float:
    """The share of arrivals that wait longer than that before anybody serves them."""
    load = offered_load(arrivals_a_second, service_s)
    if load >= servers:
        return 1.0
    return erlang_c(servers, load) * math.exp(-(servers - load) * than_s / service_s)


def mean_wait_s(servers: int, arrivals_a_second: float, service_s: float) -> float:
    """Before service begins, over all arrivals. Infinite where the line never empties."""
    load = offered_load(arrivals_a_second, service_s)
    if load >= servers:
        return math.inf
    return erlang_c(servers, load) * service_s / (servers - load)


def servers_for(
    arrivals_a_second: float, service_s: float, *, wait_s: float, but_for_share: float
) -> int:
    """The fewest servers with which at most that share of arrivals waits longer than ``wait_s``."""
    load = offered_load(arrivals_a_second, service_s)
    for servers in range(max(1, math.ceil(load)), MOST_SERVERS):
        beyond = share_waiting_longer(servers, arrivals_a_second, service_s, than_s=wait_s)
        if beyond <= but_for_share:
            return servers
    raise ValueError(f"more than {MOST_SERVERS} servers")
