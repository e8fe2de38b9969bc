"""`kafkascope start` and `kafkascope server`: brokers that run until Ctrl-C or SIGTERM."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from kafkascope.cli.serve import catch_signals, end, serve, wait_for_end
from kafkascope.errors import KafkaConfigurationError


def start(
    brokers: Annotated[int, typer.Option(help="How many brokers.")] = 1,
    ports: Annotated[
        str, typer.Option(help="One port a broker, comma-separated; free ones by default.")
    ] = "",
    data_dir: Annotated[
        Path | None,
        typer.Option(help="Where the logs live; an empty temporary directory by default."),
    ] = None,
    config: Annotated[
        list[str] | None,
        typer.Option(help="A broker setting, key=value. May be given several times."),
    ] = None,
    processes: Annotated[
        bool, typer.Option(help="A process for each broker, so that kill -9 is real.")
    ] = False,
) -> None:
    """Start brokers and keep them running until Ctrl-C."""
    from kafkascope.broker_process import BrokerProcess
    from kafkascope.cluster import LocalCluster

    settings = dict(_pair(item) for item in config or [])
    with LocalCluster(
        brokers, processes=processes, ports=_ports(ports), data_dir=data_dir, config=settings
    ) as cluster:
        stop = catch_signals()
        print(f"kafkascope is ready: bootstrap.servers={cluster.bootstrap_servers}")
        print(f"data: {cluster.data_dir}")
        pids = [
            f"broker {b.broker_id} {b.pid}" for b in cluster.brokers if isinstance(b, BrokerProcess)
        ]
        if pids:
            print("pids: " + ", ".join(pids))
        print(f"try:  kcat -b {cluster.bootstrap_servers} -L", flush=True)
        failure = wait_for_end(stop, cluster.brokers)
    end(failure)


def server(
    properties: Annotated[
        Path, typer.Argument(exists=True, dir_okay=False, help="A server.properties file.")
    ],
) -> None:
    """Start one broker from a server.properties file and keep it running until Ctrl-C."""
    serve(str(properties))


def _pair(item: str) -> tuple[str, str]:
    key, equals, value = item.partition("=")
    if not equals:
        raise KafkaConfigurationError(f"--config {item}: expected key=value")
    return key, value


def _ports(text: str) -> list[int]:
    try:
        return [int(port) for port in text.split(",") if port]
    except ValueError:
        raise KafkaConfigurationError(
            f"--ports {text}: expected numbers, such as 9092,9093"
        ) from None
