"""zookeeper-server-start: a standalone ZooKeeper from a zookeeper.properties file."""

from __future__ import annotations

from collections.abc import Sequence

from kafkascope import _core
from kafkascope.cli.properties import start_from_properties
from kafkascope.cli.serve import catch_signals, end, wait_for_end


def main(arguments: Sequence[str] | None = None) -> None:
    """Runs until Ctrl-C, SIGTERM or its failure; what keeps it from going on is one line and exit status 1."""
    server = start_from_properties(
        "zookeeper-server-start",
        "zookeeper.properties",
        "a standalone ZooKeeper",
        lambda settings: _core.ZooKeeperServer(dict(settings)),
        arguments,
    )
    stop = catch_signals()
    print(f"ZooKeeper is ready: zookeeper.connect={server.host}:{server.port}", flush=True)
    failure = wait_for_end(stop, [server])
    server.shutdown()
    end(failure)


if __name__ == "__main__":
    main()
