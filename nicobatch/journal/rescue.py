"""Where a receipt is kept that can't be written to its place."""

from __future__ import annotations

import contextlib
import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import platformdirs

from nicobatch import disk
from nicobatch.language import _

if TYPE_CHECKING:
    from nicobatch.receipt import Receipt


def keep(path: Path, content: bytes, receipt: Receipt) -> str:
    """Keep a receipt that tells of something on the site where it can be kept; return the hint."""
    if receipt.remote is None:
        return _(
            "make room, or let the folder be written to;"
            " --journal DIR keeps the receipts in another one"
        )
    for folder in (platformdirs.user_state_path("nicobatch"), Path(tempfile.gettempdir())):
        with contextlib.suppress(OSError):
            folder.mkdir(parents=True, exist_ok=True)
            handle, copy = tempfile.mkstemp(dir=folder, prefix=f"{path.stem}-", suffix=path.suffix)
            with os.fdopen(handle, "wb") as file:
                file.write(content)
                file.flush()
                disk.sync(handle)
            disk.sync_folder(folder)
            return _(
                "its newest state was saved as {copy}: move it there before the next run"
            ).format(copy=copy)
    return _("write down the video's address, as no receipt could be saved: {url}").format(
        url=receipt.remote.url
    )
