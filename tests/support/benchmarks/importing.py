"""What it takes to bring in a channel, to plan it, and to change some of its videos."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Final

from tests.support.benchmarks.measure import Cost, limit, nicobatch, run, table
from tests.support.benchmarks.server import sandbox, user_session

EDITS: Final = 50
"""Videos whose titles are changed."""
FEWER: Final = 4
"""How many times as few videos the other channel has, to which the costs are to be linear."""
GOAL: Final = 1.3
"""Cost of a video more, in that of the smaller channel's."""


def measure(count: int) -> None:
    """Measure a channel of `count` videos and one of a part of them, and print."""
    few, many = _costs(count // FEWER), _costs(count)
    rows = {f"{name}, {count // FEWER:,} videos": cost for name, cost in few.items()}
    rows |= {f"{name}, {count:,} videos": cost for name, cost in many.items()}
    verdicts = [
        limit(
            f"CPU of {name}, a video more",
            (many[name].cpu - few[name].cpu) / (count - count // FEWER) * 1000,
            few[name].cpu / (count // FEWER) * 1000 * GOAL,
            " ms",
        )
        for name in few
    ]
    table(f"A channel that was there, {EDITS} titles changed", rows, verdicts)


def _costs(count: int) -> dict[str, Cost]:
    from tests.support.channel import Channel

    env = {"NICOBATCH_USER_SESSION": user_session()}
    with tempfile.TemporaryDirectory(prefix="nicobatch-channel-") as name:
        folder = Path(name)
        channel = Channel(folder / "site")
        for index in range(count):
            channel.put(index)
        (folder / "site" / ".gitignore").write_text("*\n", "utf-8")
        with sandbox(instant=True, state=channel.folder) as origin:
            where = ("--api-origin", origin)
            manifests = folder / "niconico"

            def once(*words: str | Path) -> Cost:
                return run(nicobatch(*words, *where), env=env)

            brought = once("import", "-o", manifests)
            again = once("import", "-o", manifests)
            planned = once("plan", manifests, "--exit-code")
            for path in manifests.glob("*.yaml"):
                text = path.read_text("utf-8")
                for index in range(EDITS):
                    text = text.replace(f"第{index}回\n", f"その{index}\n")
                path.write_text(text, "utf-8")
            sent = once("publish", manifests)
            once("plan", manifests, "--exit-code")
        edits = sum(channel.get(each)["received"].get("edit", 0) for each in range(count))
        assert edits == EDITS
    return {"import": brought, "import again": again, "plan": planned, "publish": sent}
