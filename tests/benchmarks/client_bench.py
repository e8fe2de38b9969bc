"""Our Python clients, confluent-kafka and kafka-python on one and the same broker: records per second, one at a time.

Each client runs in a process of its own, in turn, `--rounds` times; medians and ratios are printed.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import time
from importlib import import_module

TOPIC = "client-bench"
PARTITIONS = 6
CLIENTS = {"kafkascope": "kafkascope", "confluent": "confluent_kafka", "kafka-python": "kafka"}


def produce(client: str, bootstrap: str, count: int, value: bytes) -> float:
    started = time.perf_counter()
    module = import_module(CLIENTS[client])
    if client == "confluent":
        config = {
            "bootstrap.servers": bootstrap,
            "linger.ms": 5,
            "queue.buffering.max.messages": 10_000_000,
        }
        confluent = module.Producer(config)
        for _ in range(count):
            confluent.produce(TOPIC, value)
        if confluent.flush(120) != 0:
            raise RuntimeError("records were not acknowledged")
    else:
        producer = module.KafkaProducer(bootstrap_servers=bootstrap, linger_ms=5)
        send = producer.send
        for _ in range(count):
            send(TOPIC, value)
        producer.flush(120)
        producer.close()
    return time.perf_counter() - started


def consume(client: str, bootstrap: str, count: int) -> float:
    started, seen = time.perf_counter(), 0
    module = import_module(CLIENTS[client])
    partitions = [module.TopicPartition(TOPIC, index) for index in range(PARTITIONS)]
    if client == "confluent":
        config = {
            "bootstrap.servers": bootstrap,
            "group.id": "bench",
            "auto.offset.reset": "earliest",
            "queued.min.messages": 1_000_000,
        }
        consumer = module.Consumer(config)
        consumer.assign(partitions)
        while seen < count and consumer.poll(30) is not None:
            seen += 1
    else:
        consumer = module.KafkaConsumer(
            bootstrap_servers=bootstrap, auto_offset_reset="earliest", consumer_timeout_ms=30_000
        )
        consumer.assign(partitions)
        for _ in consumer:
            seen += 1
            if seen == count:
                break
    if seen < count:
        raise RuntimeError(f"{seen} of {count} records, then silence")
    seconds = time.perf_counter() - started
    consumer.close()
    return seconds


def run_one(verb: str, client: str, bootstrap: str, count: int, size: int) -> None:
    if verb == "produce":
        seconds = produce(client, bootstrap, count, b"x" * size)
    else:
        seconds = consume(client, bootstrap, count)
    print(json.dumps(count / seconds))


def run_all(count: int, slow_count: int, size: int, rounds: int) -> None:
    from kafkascope import KafkaAdminClient, LocalCluster, NewTopic

    rates: dict[tuple[str, str], list[float]] = {}
    for _ in range(rounds):
        with LocalCluster() as cluster:
            with KafkaAdminClient(bootstrap_servers=cluster.bootstrap_servers) as admin:
                admin.create_topics([NewTopic(TOPIC, PARTITIONS, 1)])
            for verb in ("produce", "consume"):
                for client in CLIENTS:
                    records = slow_count if client == "kafka-python" else count
                    one = f"{verb},{client},{cluster.bootstrap_servers},{records}"
                    command = [sys.executable, __file__, "--size", str(size), "--one", one]
                    done = subprocess.run(command, check=True, stdout=subprocess.PIPE)
                    rates.setdefault((verb, client), []).append(json.loads(done.stdout))
    for (verb, client), values in rates.items():
        median = statistics.median(values)
        ratio = median / statistics.median(rates[verb, "confluent"])
        print(f"{verb:8} {client:14} {median:12,.0f} records/s   {ratio:6.2f} x confluent")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=1_000_000)
    parser.add_argument("--slow-count", type=int, default=50_000, help="records for kafka-python")
    parser.add_argument("--size", type=int, default=100)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--one", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        verb, client, bootstrap, count = options.one.split(",")
        run_one(verb, client, bootstrap, int(count), options.size)
    else:
        run_all(options.count, options.slow_count, options.size, options.rounds)


if __name__ == "__main__":
    main()
