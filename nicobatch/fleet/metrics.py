"""The fleet's status in Prometheus' text format, whose words are read by machines."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from nicobatch.fleet.status import STATES, AccountState, FleetStatus


def exposition(status: FleetStatus) -> str:
    """Return the lines that Prometheus reads, each ended."""
    return "".join(f"{line}\n" for line in _metrics(status))


def _metrics(status: FleetStatus) -> Iterator[str]:
    sites = sorted({each.owner.site for each in status.accounts})
    yield from _family("accounts", "Accounts, by what holds of them.")
    standing = Counter((each.owner.site, each.standing) for each in status.accounts)
    for site in sites:
        for each in AccountState:
            yield _sample("accounts", standing[site, each], site=site, state=each.value)
    yield from _family("videos", "Videos, by what became of them.")
    for site in sites:
        for state in STATES:
            yield _sample("videos", status.videos.get((site, state), 0), site=site, state=state)
    yield from _family("oldest_due_seconds", "How long the oldest waiting video has waited.")
    for site in sites:
        ages = (each.oldest or 0.0 for each in status.accounts if each.owner.site == site)
        yield _sample("oldest_due_seconds", round(max(ages), 3), site=site)
    yield from _family("parked_addresses", "Addresses from which a site is not to be asked.")
    for site in sites:
        yield _sample("parked_addresses", status.addresses.get(site, 0), site=site)


def _family(name: str, words: str) -> Iterator[str]:
    yield f"# HELP nicobatch_fleet_{name} {words}"
    yield f"# TYPE nicobatch_fleet_{name} gauge"


def _sample(name: str, value: float, **labels: str) -> str:
    """Return one line; sites and states have no letter that would need a backslash."""
    told = ",".join(f'{label}="{text}"' for label, text in labels.items())
    return f"nicobatch_fleet_{name}{{{told}}} {value}"
