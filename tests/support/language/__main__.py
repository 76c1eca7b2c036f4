"""Bring the catalogues up to date: `make messages`. Says what is still to be translated."""

from __future__ import annotations

import sys

from tests.support.language import catalogue

missing = [each for domain in catalogue.SOURCES for each in catalogue.update(domain)]
for language, message in missing:
    sys.stdout.write(f"to be translated ({language}): {message!r}\n")
sys.exit(bool(missing))
