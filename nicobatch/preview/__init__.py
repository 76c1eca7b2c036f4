"""The preview: one HTML page of what will be published, which loads nothing and runs nothing."""

from nicobatch.preview.entries import Entry, Page
from nicobatch.preview.page import MARK, is_page, render

__all__ = ["MARK", "Entry", "Page", "is_page", "render"]
