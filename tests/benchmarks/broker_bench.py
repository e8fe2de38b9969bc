"""Our broker and Apache Kafka 3.9, side by side in one run, driven by the same third-party client (confluent-kafka).

    make bench        prints a table of medians and ratios, and writes build/bench.json

Kafka is warmed with `--warm-up` seconds of load before anything is counted, since its JVM compiles as it goes.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from confluent_kafka import Consumer, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic

sys.path.insert(0, str(Path(__file__).parent.parent / "interop"))
from apache_kafka import ApacheKafka, free_port, wait_for_port, write_properties

PARTITIONS = 6
TICKS_PER_S = os.sysconf("SC_CLK_TCK")


@dataclass
class Broker:
    """A running broker as the bench sees it: an address and a process."""

    name: str
    bootstrap: str
    pid: int
    start_s: float
    stop: Callable[[], None]

    def cpu_s(self) -> float:
        """User and system seconds that the process has used."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / TICKS_PER_S

    def resident_mib(self) -> float:
        for line in Path(f"/proc/{self.pid}/status").read_text().splitlines():
            if line.startswith("VmRSS"):
                return int(line.split()[1]) / 1024
        raise RuntimeError(f"no VmRSS for process {self.pid}")


def start_kafkascope() -> Broker:
    home = Path(tempfile.mkdtemp(prefix="kafkascope-bench-"))
    port = free_port()
    path = write_properties(
        home / "server.properties",
        {
            "broker.id": "1",
            "listeners": f"PLAINTEXT://127.0.0.1:{port}",
            "log.dirs": str(home / "data"),
        },
    )
    started = time.monotonic()
    process = subprocess.Popen(
        [sys.executable, "-m", "kafkascope", "server", str(path)], stdout=subprocess.DEVNULL
    )
    wait_for_port(port, process)

    def stop() -> None:
        process.terminate()
        process.wait(30)
        shutil.rmtree(home)

    return Broker("kafkascope", f"127.0.0.1:{port}", process.pid, time.monotonic() - started, stop)


def start_apache() -> Broker:
    kafka = ApacheKafka()
    return Broker("Apache Kafka 3.9", kafka.bootstrap_servers, kafka.pid, kafka.start_s, kafka.stop)


def create(broker: Broker, topic: str, partitions: int = PARTITIONS) -> None:
    admin = AdminClient({"bootstrap.servers": broker.bootstrap})
    for future in admin.create_topics([NewTopic(topic, partitions, 1)]).values():
        future.result(30)


def produce(broker: Broker, topic: str, size: int, total_bytes: int) -> float:
    """Seconds to send total_bytes in records of `size`, all acknowledged."""
    producer = Producer(
        {
            "bootstrap.servers": broker.bootstrap,
            "acks": "all",
            "linger.ms": 20,
            "batch.size": 1_000_000,
            "batch.num.messages": 100_000,
            "queue.buffering.max.messages": 1_000_000,
            "queue.buffering.max.kbytes": 1_000_000,
        }
    )
    value = os.urandom(size)
    started = time.perf_counter()
    for _ in range(total_bytes // size):
        while True:
            try:
                producer.produce(topic, value)
                break
            except BufferError:
                producer.poll(0.01)
    if producer.flush(120) != 0:
        raise RuntimeError(f"{broker.name}: records were not acknowledged")
    return time.perf_counter() - started


def consume(broker: Broker, topic: str, count: int) -> float:
    """Seconds to read `count` records from the beginning of all partitions."""
    consumer = Consumer(
        {
            "bootstrap.servers": broker.bootstrap,
            "group.id": "bench",
            "enable.auto.commit": False,
            "queued.min.messages": 1_000_000,
            "fetch.message.max.bytes": 4_000_000,
            "check.crcs": False,
        }
    )
    consumer.assign([TopicPartition(topic, index, 0) for index in range(PARTITIONS)])
    started, seen = time.perf_counter(), 0
    while seen < count:
        messages = consumer.consume(10_000, 30)
        if not messages:
            raise RuntimeError(f"{broker.name}: {seen} of {count} records, then silence")
        seen += len(messages)
    seconds = time.perf_counter() - started
    consumer.close()
    return seconds


def latencies_ms(broker: Broker, rounds: int) -> list[float]:
    """From produce() to the record in a consumer's hands, one record at a time."""
    topic = f"latency-{time.monotonic_ns()}"
    create(broker, topic, 1)
    producer = Producer({"bootstrap.servers": broker.bootstrap, "acks": "all", "linger.ms": 0})
    consumer = Consumer(
        {"bootstrap.servers": broker.bootstrap, "group.id": "latency", "fetch.wait.max.ms": 500}
    )
    consumer.assign([TopicPartition(topic, 0, 0)])
    found = []
    for number in range(rounds + 50):
        started = time.perf_counter()
        producer.produce(topic, b"%d" % number, partition=0)
        producer.poll(0)
        message = consumer.poll(30)
        if message is None or message.error():
            raise RuntimeError(f"{broker.name}: no record after 30 s")
        found.append((time.perf_counter() - started) * 1000)
    consumer.close()
    producer.flush(10)
    return found[50:]


def first_acknowledged_s(start: Callable[[], Broker]) -> float:
    started = time.monotonic()
    broker = start()
    producer = Producer(
        {"bootstrap.servers": broker.bootstrap, "acks": "all", "reconnect.backoff.ms": 10}
    )
    producer.produce("first", b"record")
    if producer.flush(60) != 0:
        raise RuntimeError(f"{broker.name}: the first record was not acknowledged")
    seconds = time.monotonic() - started
    broker.stop()
    return seconds


def measure(broker: Broker, megabytes: int, rounds: int, warm_up_s: float) -> dict[str, float]:
    """All figures of one broker, medians of `rounds`."""
    figures: dict[str, float] = {
        "resident MiB, idle": broker.resident_mib(),
        "start s": broker.start_s,
    }
    warm_until = time.monotonic() + warm_up_s
    while time.monotonic() < warm_until:
        create(broker, topic := f"warm-{time.monotonic_ns()}")
        produce(broker, topic, 1024, 100_000_000)
        consume(broker, topic, 100_000_000 // 1024)
    for size, total in ((100, megabytes * 250_000), (1024, megabytes * 1_000_000)):
        samples: dict[str, list[float]] = {}
        for _ in range(rounds):
            create(broker, topic := f"bench-{size}-{time.monotonic_ns()}")
            for verb in ("produce", "consume"):
                cpu = broker.cpu_s()
                if verb == "produce":
                    seconds = produce(broker, topic, size, total)
                else:
                    seconds = consume(broker, topic, total // size)
                used = broker.cpu_s() - cpu
                samples.setdefault(f"{verb} {size} B, MB/s", []).append(total / seconds / 1e6)
                samples.setdefault(f"{verb} {size} B, CPU s/GB", []).append(used / (total / 1e9))
        figures.update({name: statistics.median(values) for name, values in samples.items()})
    found = sorted(latencies_ms(broker, 2000))
    figures["latency p50 ms"] = found[len(found) // 2]
    figures["latency p99 ms"] = found[int(len(found) * 0.99)]
    figures["resident MiB, after load"] = broker.resident_mib()
    return figures


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--megabytes", type=int, default=500, help="per measurement at 1 KiB")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument(
        "--warm-up", type=float, default=40, help="seconds of load before Kafka is measured"
    )
    parser.add_argument("--output", type=Path, default=Path("build/bench.json"))
    options = parser.parse_args()
    results: dict[str, dict[str, float]] = {}
    for start, warm_up in ((start_kafkascope, 2.0), (start_apache, options.warm_up)):
        to_first = statistics.median(first_acknowledged_s(start) for _ in range(3))
        broker = start()
        try:
            figures = measure(broker, options.megabytes, options.rounds, warm_up)
        finally:
            broker.stop()
        results[broker.name] = {"start to first acknowledged s": to_first, **figures}
    options.output.parent.mkdir(parents=True, exist_ok=True)
    options.output.write_text(json.dumps(results, indent=1))
    ours, theirs = results.values()
    print(f"{'':32} {'kafkascope':>12} {'Apache Kafka':>12} {'ratio':>8}")
    for name, value in ours.items():
        print(f"{name:32} {value:12.3f} {theirs[name]:12.3f} {value / theirs[name]:8.3f}")


if __name__ == "__main__":
    main()
