"""A client of the Language Server Protocol (3.17), as small as the tests need it, over stdio."""

from __future__ import annotations

import itertools
import json
import os
import queue
import shutil
import subprocess
import threading
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

FOLDER: Final = Path(__file__).parent
SERVER: Final = FOLDER / "node_modules" / "yaml-language-server" / "bin" / "yaml-language-server"
PATIENCE: Final = 30.0
"""Seconds that an answer may take on a busy machine."""

SETTINGS: Final[dict[str, Any]] = {
    "yaml": {
        "validate": True,
        "hover": True,
        "completion": True,
        "schemaStore": {"enable": False},
        "yamlVersion": "1.2",
    },
    "http": {"proxy": "http://127.0.0.1:9", "proxyStrictSSL": True},
}
"""What an editor would hand on. Nobody listens at port 9: all there is comes from the disk."""


def missing() -> str:
    """Return what the server lacks to be run; nothing if it can be."""
    if not shutil.which("node"):
        return "needs node"
    return "" if SERVER.is_file() else "needs yaml-language-server: `make editors` gets it"


class LanguageServer:
    """A running yaml-language-server."""

    def __enter__(self) -> Self:
        self._numbers = itertools.count(1)
        self._answers: dict[int, queue.Queue[dict[str, Any]]] = {}
        self._diagnostics: queue.Queue[dict[str, Any]] = queue.Queue()
        self._process = subprocess.Popen(
            ["node", str(SERVER), "--stdio"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "HTTPS_PROXY": "http://127.0.0.1:9"},
        )
        self._reader = threading.Thread(target=self._read, name="language server's answers")
        self._reader.start()
        folder = {"uri": FOLDER.as_uri(), "name": "tests"}
        capabilities = {
            "textDocument": {
                "publishDiagnostics": {},
                "hover": {"contentFormat": ["markdown"]},
                "completion": {"completionItem": {"documentationFormat": ["markdown"]}},
            },
            "workspace": {"configuration": True, "workspaceFolders": True},
        }
        self.capabilities = self.ask(
            "initialize",
            processId=os.getpid(),
            rootUri=folder["uri"],
            workspaceFolders=[folder],
            capabilities=capabilities,
        )["capabilities"]
        self.tell("initialized")
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        try:
            self.ask("shutdown")
            self.tell("exit")
            self._process.wait(PATIENCE)
        finally:
            self._process.kill()
            self._process.wait()
            self._reader.join()
            for stream in (self._process.stdin, self._process.stdout):
                assert stream
                stream.close()

    def ask(self, method: str, **parameters: Any) -> Any:
        """Send a request and return its result."""
        number = next(self._numbers)
        self._answers[number] = queue.Queue()
        self._send({"id": number, "method": method, "params": parameters})
        answer = self._answers[number].get(timeout=PATIENCE)
        assert "error" not in answer, answer
        return answer["result"]

    def tell(self, method: str, **parameters: Any) -> None:
        self._send({"method": method, "params": parameters})

    def open(self, path: Path, text: str) -> list[dict[str, Any]]:
        """Show the server a document, as if it stood at the path, and return its diagnostics."""
        document = {"uri": path.as_uri(), "languageId": "yaml", "version": 1, "text": text}
        self.tell("textDocument/didOpen", textDocument=document)
        while True:
            found = self._diagnostics.get(timeout=PATIENCE)
            if found["uri"] == path.as_uri():
                return list(found["diagnostics"])

    def at(self, method: str, path: Path, line: int, character: int) -> Any:
        """Ask about a place, both numbers from 0."""
        return self.ask(
            f"textDocument/{method}",
            textDocument={"uri": path.as_uri()},
            position={"line": line, "character": character},
        )

    def _send(self, message: dict[str, Any]) -> None:
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        stream = self._process.stdin
        assert stream
        stream.write(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))
        stream.flush()

    def _read(self) -> None:
        stream = self._process.stdout
        assert stream
        length = 0
        while header := stream.readline():
            name, _, value = header.partition(b":")
            if name.lower() == b"content-length":
                length = int(value)
            elif not header.strip():
                self._receive(json.loads(stream.read(length)))

    def _receive(self, message: dict[str, Any]) -> None:
        method = message.get("method")
        if method is None:
            self._answers[message["id"]].put(message)
        elif method == "textDocument/publishDiagnostics":
            self._diagnostics.put(message["params"])
        elif method == "workspace/configuration":
            items = message["params"]["items"]
            self._send(
                {"id": message["id"], "result": [SETTINGS.get(each["section"]) for each in items]}
            )
        elif "id" in message:
            self._send({"id": message["id"], "result": None})
