"""The `kafkascope` command."""

from kafkascope.cli.main import app, main

__all__ = ["app", "main"]
