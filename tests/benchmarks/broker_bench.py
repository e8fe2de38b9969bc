"""Our broker beside Apache Kafka 3.9, in turns in one run, driven by one third-party client (confluent-kafka).

    python tests/benchmarks/broker_bench.py [--megabytes N] [--rounds N] [--warm-up SECONDS]

Both brokers run at once, each on its own port and directory, both warmed (Kafka by `--warm-up` seconds of load, since
its JVM compiles as it goes). Then each figure is taken from one and from the other, round after round, so that what
slows the machine down slows both. Medians, the medians of each round's ratio and the targets go to the screen and into
build/bench.json.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections.abc import Callable

from brokers import OURS, THEIRS, Broker, start_apache, start_kafkascope
from confluent_kafka import Consumer, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic
from results import Figures, Target

PARTITIONS = 6
QUIET = {"log_level": 2}  # a broker that stops is no news here
SIZES = (100, 1024)
TARGETS = {
    "start to first acknowledged, s": Target(1 / 30),
    "memory idle, MiB": Target(1 / 20),
    "memory after load, MiB": Target(1 / 20),
    "produce 1024 B, broker CPU s/GB": Target(1 / 5),
    "consume 1024 B, broker CPU s/GB": Target(1 / 5),
    "latency p99, ms": Target(1 / 5),
}


def create(broker: Broker, topic: str, partitions: int = PARTITIONS) -> None:
    admin = AdminClient({"bootstrap.servers": broker.bootstrap, **QUIET})
    for future in admin.create_topics([NewTopic(topic, partitions, 1)]).values():
        future.result(30)


def delete(broker: Broker, topic: str) -> None:
    admin = AdminClient({"bootstrap.servers": broker.bootstrap, **QUIET})
    for future in admin.delete_topics([topic]).values():
        future.result(30)


def produce(broker: Broker, topic: str, size: int, count: int) -> float:
    """Seconds to send `count` records of `size` bytes in large batches, all acknowledged."""
    config = {
        "bootstrap.servers": broker.bootstrap,
        **QUIET,
        "acks": "all",
        "linger.ms": 20,
        "batch.size": 1_000_000,
        "batch.num.messages": 100_000,
        "queue.buffering.max.messages": 1_000_000,
        "queue.buffering.max.kbytes": 1_000_000,
    }
    producer = Producer(config)
    value = os.urandom(size)
    started = time.perf_counter()
    for _ in range(count):
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
    config = {
        "bootstrap.servers": broker.bootstrap,
        **QUIET,
        "group.id": "bench",
        "enable.auto.commit": False,
        "queued.min.messages": 1_000_000,
        "queued.max.messages.kbytes": 2_000_000,
        "fetch.message.max.bytes": 4_000_000,
    }
    consumer = Consumer(config)
    consumer.assign([TopicPartition(topic, index, 0) for index in range(PARTITIONS)])
    started, seen = time.perf_counter(), 0
    while seen < count:
        messages = consumer.consume(min(10_000, count - seen), 30)
        if not messages:
            raise RuntimeError(f"{broker.name}: {seen} of {count} records, then silence")
        seen += len(messages)
    seconds = time.perf_counter() - started
    consumer.close()
    return seconds


def latencies_ms(broker: Broker, rounds: int) -> list[float]:
    """From produce() to the record in a consumer's hands, one record at a time; sorted."""
    topic = f"latency-{time.monotonic_ns()}"
    create(broker, topic, 1)
    producer = Producer(
        {"bootstrap.servers": broker.bootstrap, "acks": "all", "linger.ms": 0, **QUIET}
    )
    # Without commits close() does not wait for a group coordinator.
    reader = {"group.id": "latency", "enable.auto.commit": False}
    consumer = Consumer({"bootstrap.servers": broker.bootstrap, **reader, **QUIET})
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
    delete(broker, topic)
    return sorted(found[50:])


def first_acknowledged_s(start: Callable[[], Broker]) -> float:
    """From launching the broker's process to its acknowledgement of a record."""
    broker = start()
    retry = {"reconnect.backoff.ms": 10, "topic.metadata.refresh.fast.interval.ms": 10}
    producer = Producer({"bootstrap.servers": broker.bootstrap, "acks": "all", **retry, **QUIET})
    producer.produce("first", b"record")
    if producer.flush(60) != 0:
        raise RuntimeError(f"{broker.name}: the first record was not acknowledged")
    seconds = time.monotonic() - broker.launched
    broker.stop()
    return seconds


def back_memory(megabytes: float) -> None:
    """Touches as much memory as a run's files will take, and frees it: a virtual machine's first touch of a page can
    cost more than all that a broker does, and would hide it."""
    with tempfile.NamedTemporaryFile() as file:
        for _ in range(int(megabytes)):
            file.write(bytes(1_000_000))


def throughput(broker: Broker, size: int, count: int, found: Figures) -> None:
    """One round: a topic is filled, read back and deleted."""
    topic = f"bench-{size}-{time.monotonic_ns()}"
    create(broker, topic)
    megabytes = size * count / 1e6
    verbs = {
        "produce": lambda: produce(broker, topic, size, count),
        "consume": lambda: consume(broker, topic, count),
    }
    for verb, run in verbs.items():
        back_memory(megabytes * 3 if verb == "produce" else 0)
        cpu = broker.cpu_s()
        seconds = run()
        found.add(f"{verb} {size} B, MB/s", broker.name, megabytes / seconds)
        used = (broker.cpu_s() - cpu) / (megabytes / 1000)
        found.add(f"{verb} {size} B, broker CPU s/GB", broker.name, used)
    delete(broker, topic)


def warm_up(broker: Broker, seconds: float) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        throughput(broker, 1024, 100_000, Figures())
        latencies_ms(broker, 100)


def measure(found: Figures, megabytes: int, rounds: int, warm_up_s: float) -> None:
    for _ in range(rounds):
        for start, name in ((start_kafkascope, OURS), (start_apache, THEIRS)):
            found.add("start to first acknowledged, s", name, first_acknowledged_s(start))
    brokers = [start_kafkascope(), start_apache()]
    try:
        for broker, seconds in zip(brokers, (2.0, warm_up_s), strict=True):
            found.add("memory idle, MiB", broker.name, broker.resident_mib())
            warm_up(broker, seconds)
        for _ in range(rounds):
            for size in SIZES:
                count = megabytes * 1_000_000 // size // (4 if size < 1000 else 1)
                for broker in brokers:
                    throughput(broker, size, count, found)
            for broker in brokers:
                latencies = latencies_ms(broker, 2000)
                found.add("latency p50, ms", broker.name, latencies[len(latencies) // 2])
                found.add("latency p99, ms", broker.name, latencies[len(latencies) * 99 // 100])
        for broker in brokers:
            found.add("memory after load, MiB", broker.name, broker.resident_mib())
    finally:
        for broker in brokers:
            broker.stop()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--megabytes", type=int, default=500, help="per measurement at 1 KiB")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument(
        "--warm-up", type=float, default=40, help="seconds of load before Kafka is measured"
    )
    options = parser.parse_args()
    found = Figures()
    measure(found, options.megabytes, options.rounds, options.warm_up)
    found.print_table(OURS, THEIRS, TARGETS)
    found.save("broker", OURS, [THEIRS], TARGETS)


if __name__ == "__main__":
    main()
