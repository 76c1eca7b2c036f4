"""A network in between, far and narrow, for one server: `python -m tests.support.benchmarks.relay`.

Each direction of each connection is a line of its own. A block waits until the line's rate lets it
on, then travels for the delay, as many at a time as have been let on. Connecting takes no time.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
from dataclasses import dataclass
from typing import Final

HOST: Final = "127.0.0.1"
BLOCK: Final = 1 << 14
"""Bytes that travel together."""
SLACK: Final = 0.02
"""Seconds; what a line did not use of its rate is kept for so long, as timers come late."""
ON_THE_WAY: Final = 1024
"""Blocks a line holds at most, where the receiver does not take them."""


@dataclass(frozen=True, slots=True)
class _Line:
    """One direction of a connection."""

    delay: float
    """Seconds."""
    rate: float
    """Bytes a second."""

    async def carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Hand on everything until the end, and the end."""
        travelling = asyncio.Queue[tuple[float, bytes]](ON_THE_WAY)
        await asyncio.gather(self._let_on(reader, travelling), _arrive(travelling, writer))

    async def _let_on(
        self, reader: asyncio.StreamReader, travelling: asyncio.Queue[tuple[float, bytes]]
    ) -> None:
        clock = asyncio.get_running_loop().time
        free_at, block = 0.0, b"-"
        while block:
            block = await reader.read(BLOCK)
            free_at = max(free_at, clock() - SLACK) + len(block) / self.rate
            await asyncio.sleep(free_at - clock())
            await travelling.put((clock() + self.delay, block))


async def _arrive(
    travelling: asyncio.Queue[tuple[float, bytes]], writer: asyncio.StreamWriter
) -> None:
    clock = asyncio.get_running_loop().time
    block = b"-"
    while block:
        due, block = await travelling.get()
        await asyncio.sleep(due - clock())
        writer.write(block)
        await writer.drain()
    writer.write_eof()


async def _serve(port: int, server: int, line: _Line) -> None:
    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await asyncio.open_connection(HOST, server, limit=BLOCK)
        with contextlib.suppress(ConnectionError):
            await asyncio.gather(line.carry(reader, far_writer), line.carry(far_reader, writer))
        far_writer.close()
        writer.close()

    listener = await asyncio.start_server(connected, HOST, port, limit=BLOCK)
    await listener.serve_forever()


def main() -> None:
    """Relay until the process is ended."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--to", type=int, required=True, help="the server's port")
    parser.add_argument("--delay", type=float, required=True, help="seconds, each way")
    parser.add_argument("--rate", type=float, required=True, help="bytes a second, each line")
    options = parser.parse_args()
    asyncio.run(_serve(options.port, options.to, _Line(options.delay, options.rate)))


if __name__ == "__main__":
    main()
