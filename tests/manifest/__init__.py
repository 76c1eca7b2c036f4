"""Tests of `nicobatch.manifest`."""
