"""Our Python clients, confluent-kafka and kafka-python on one and the same broker, one record a call.

    python tests/benchmarks/client_bench.py [--count N] [--size BYTES] [--rounds N]

Each client runs in a process of its own, in turn, on a topic of its own. A run is timed from the first call to the
last acknowledgement, or from assign() to the last record; importing and connecting come before. Consumers read each
record's value. Medians and the medians of each round's ratio go to the screen and into build/bench.json.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import time
from importlib import import_module

from results import Figures, Target

PARTITIONS = 6
OURS = "kafkascope"
CLIENTS = {OURS: "kafkascope", "confluent-kafka": "confluent_kafka", "kafka-python": "kafka"}
TARGETS = {"produce, records/s": Target(1, at_least=True), "consume, records/s": Target(1, True)}


class Stopwatch:
    """Wall-clock and CPU seconds of this process since it was made."""

    def __init__(self) -> None:
        self._wall, self._cpu = time.perf_counter(), time.process_time()

    def read(self) -> tuple[float, float]:
        return time.perf_counter() - self._wall, time.process_time() - self._cpu


def produce(client: str, bootstrap: str, topic: str, count: int, size: int) -> dict[str, float]:
    module, value = import_module(CLIENTS[client]), b"x" * size
    if client == "confluent-kafka":
        config = {
            "bootstrap.servers": bootstrap,
            "linger.ms": 5,
            "queue.buffering.max.messages": 10_000_000,
            "queue.buffering.max.kbytes": 2_000_000,
        }
        producer = module.Producer(config)
        producer.list_topics(topic, 30)
        send = producer.produce
    else:
        producer = module.KafkaProducer(bootstrap_servers=bootstrap, linger_ms=5)
        producer.partitions_for(topic)
        send = producer.send
    watch = Stopwatch()
    for _ in range(count):
        send(topic, value)
    called_s, _ = watch.read()
    unsent = producer.flush(120)
    wall_s, used_s = watch.read()
    if client == "confluent-kafka" and unsent != 0:
        raise RuntimeError(f"{unsent} records were not acknowledged")
    return figures("produce", count, wall_s, used_s) | {"produce, calls/s": count / called_s}


def consume(client: str, bootstrap: str, topic: str, count: int, size: int) -> dict[str, float]:
    module = import_module(CLIENTS[client])
    if client == "confluent-kafka":
        partitions = [module.TopicPartition(topic, index, 0) for index in range(PARTITIONS)]
        config = {
            "bootstrap.servers": bootstrap,
            "group.id": "bench",
            "enable.auto.commit": False,
            "queued.min.messages": 1_000_000,
        }
        consumer = module.Consumer(config)
        consumer.list_topics(topic, 30)
        watch = Stopwatch()
        consumer.assign(partitions)
        found = 0
        while found < count and (message := consumer.poll(30)) is not None:
            found += len(message.value()) == size
    else:
        partitions = [module.TopicPartition(topic, index) for index in range(PARTITIONS)]
        consumer = module.KafkaConsumer(
            bootstrap_servers=bootstrap, auto_offset_reset="earliest", consumer_timeout_ms=30_000
        )
        watch = Stopwatch()
        consumer.assign(partitions)
        found = 0
        for record in consumer:
            found += len(record.value) == size
            if found == count:
                break
    wall_s, used_s = watch.read()
    if found < count:
        raise RuntimeError(f"{client}: {found} of {count} records, then silence")
    return figures("consume", count, wall_s, used_s)


def figures(verb: str, count: int, wall_s: float, cpu_s: float) -> dict[str, float]:
    return {
        f"{verb}, records/s": count / wall_s,
        f"{verb}, client CPU us/record": cpu_s / count * 1e6,
        f"{verb}, client MiB": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


VERBS = {"produce": produce, "consume": consume}


def run_all(count: int, slow_count: int, size: int, rounds: int) -> Figures:
    from kafkascope import KafkaAdminClient, LocalCluster, NewTopic

    found = Figures()
    with (
        LocalCluster() as cluster,
        KafkaAdminClient(bootstrap_servers=cluster.bootstrap_servers) as admin,
    ):
        for number in range(rounds):
            for client in CLIENTS:
                admin.create_topics([NewTopic(f"{client}-{number}", PARTITIONS, 1)])
            for verb in VERBS:
                for client in CLIENTS:
                    records = slow_count if client == "kafka-python" else count
                    arguments = [verb, client, cluster.bootstrap_servers, f"{client}-{number}"]
                    command = [sys.executable, __file__, *arguments, str(records), str(size)]
                    done = subprocess.run(command, check=True, stdout=subprocess.PIPE)
                    for figure, value in json.loads(done.stdout).items():
                        found.add(figure, client, value)
            admin.delete_topics([f"{client}-{number}" for client in CLIENTS])
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=1_000_000)
    parser.add_argument("--slow-count", type=int, default=50_000, help="records for kafka-python")
    parser.add_argument("--size", type=int, default=100)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    found = run_all(options.count, options.slow_count, options.size, options.rounds)
    others = [client for client in CLIENTS if client != OURS]
    for other in others:
        found.print_table(OURS, other, TARGETS if other == others[0] else {})
    found.save(f"python clients, {options.size} B", OURS, others, TARGETS)


if __name__ == "__main__":
    if len(sys.argv) > 1 and sys.argv[1] in VERBS:
        verb, client, bootstrap, topic, count, size = sys.argv[1:]
        print(json.dumps(VERBS[verb](client, bootstrap, topic, int(count), int(size))))
    else:
        main()
