"""What shells offer where a manifest, or a video of one, is named."""

from __future__ import annotations

import os
import re
from datetime import UTC, datetime
from typing import Final

import click
from click.shell_completion import CompletionItem

_SPECIAL: Final = re.compile(r"[\s'\"\\$`&;|<>()*?\[\]{}!~#]")
"""What a shell reads something into, and none of click's scripts puts in quotes."""


def offered(
    context: click.Context,  # noqa: ARG001 - click's shape
    parameter: click.Parameter,  # noqa: ARG001
    incomplete: str,
) -> list[CompletionItem]:
    """Return the ids of a manifest's videos behind its `#`, and files anywhere else."""
    hashes = (at for at, char in enumerate(incomplete) if char == "#")
    ends = [at for at in hashes if os.path.isfile(incomplete[:at])]  # noqa: PTH113 - as it is typed
    if not ends:
        return [CompletionItem(incomplete, type="file")]
    manifest, begun = incomplete[: ends[-1]], incomplete[ends[-1] + 1 :]
    fitting = (each for each in _ids(manifest) if each.startswith(begun))
    return [CompletionItem(f"{manifest}#{each}") for each in fitting if not _SPECIAL.search(each)]


def _ids(manifest: str) -> list[str]:
    from nicobatch import sites
    from nicobatch.manifest import load

    found = load([manifest], sites=sites.Described(), now=datetime.now(UTC).astimezone())
    return list(dict.fromkeys(each.id for each in found.videos))
