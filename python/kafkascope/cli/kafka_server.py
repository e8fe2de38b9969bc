"""kafka-server-start: one broker from a server.properties file."""

from __future__ import annotations

from collections.abc import Sequence

from kafkascope import _core
from kafkascope.cli.properties import start_from_properties
from kafkascope.cli.serve import serve_broker


def main(arguments: Sequence[str] | None = None) -> None:
    """Runs until Ctrl-C, SIGTERM or its failure; what keeps it from going on is one line and exit status 1."""
    serve_broker(
        start_from_properties(
            "kafka-server-start",
            "server.properties",
            "a broker",
            lambda settings: _core.Broker(dict(settings)),
            arguments,
        )
    )


if __name__ == "__main__":
    main()
