"""The sites that videos are published to, each a folder of its own."""
