"""Publish videos to niconico from YAML manifests."""

__version__ = "0.1.0"
