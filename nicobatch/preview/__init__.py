"""The preview: one HTML page of what will be published, which loads nothing and runs nothing."""

from nicobatch.preview.entries import Preview, PreviewedVideo
from nicobatch.preview.page import MARK, is_page, render

__all__ = ["MARK", "Preview", "PreviewedVideo", "is_page", "render"]
