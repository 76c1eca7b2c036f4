"""A store that speaks S3, by moto: `make peers` installs it apart."""

from __future__ import annotations

import contextlib
import re
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import obstore
import pytest
from obstore.store import S3Store

_ROOT: Final = Path(__file__).parents[2] / "build" / "peers"
_PYTHON: Final = _ROOT / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
BUCKET: Final = "clips"


@dataclass(frozen=True)
class Shelf:
    """One bucket in the store."""

    url: str

    @property
    def environment(self) -> dict[str, str]:
        """Return by which variables programs find the store."""
        return {
            "AWS_ENDPOINT_URL": self.url,
            "AWS_REGION": "us-east-1",
            "AWS_ACCESS_KEY_ID": "testing",
            "AWS_SECRET_ACCESS_KEY": "testing",
        }

    def put(self, key: str, content: bytes) -> str:
        """Keep the file, and return its address."""
        config = {name.lower(): value for name, value in self.environment.items()}
        store = S3Store(BUCKET, config=config, client_options={"allow_http": True})  # type: ignore[arg-type]
        obstore.put(store, key, content)
        return f"s3://{BUCKET}/{key}"


@contextlib.contextmanager
def serving() -> Iterator[Shelf]:
    """Serve an empty store as long as the context; skip the test where there is none."""
    if not _PYTHON.exists():
        pytest.skip("`make peers` was not run")
    command = [str(_PYTHON), "-u", "-m", "moto.server", "-H", "127.0.0.1", "-p", "0"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL) as server:
        assert server.stderr
        told = iter(server.stderr.readline, b"")
        found = (re.search(rb"http://127\.0\.0\.1:\d+", line) for line in told)
        url = next(each[0].decode() for each in found if each)
        request = urllib.request.Request(f"{url}/{BUCKET}", method="PUT")
        with urllib.request.urlopen(request):
            yield Shelf(url)
        server.kill()
