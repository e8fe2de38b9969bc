"""Shared by the tests of a cluster: waiting, what clients see of its partitions, a writer whose values are counted."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

SHORT_SESSIONS = {"zookeeper.session.timeout.ms": 2000, "min.insync.replicas": 2}


def wait_until(what: str, condition: Callable[[], bool], seconds: float = 60) -> None:
    """Asks until it holds."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, f"not within {seconds} s: {what}"
        threading.Event().wait(0.02)


class Topic:
    """A topic with three replicas, as librdkafka sees it."""

    def __init__(
        self,
        bootstrap: str,
        name: str,
        partitions: int = 3,
        create: bool = True,
        replicas: list[list[int]] | None = None,
    ) -> None:
        from confluent_kafka.admin import AdminClient, NewTopic

        self.bootstrap, self.name, self.count = bootstrap, name, partitions
        self._admin = AdminClient({"bootstrap.servers": bootstrap, "log_level": 0})
        if create:
            new = (
                NewTopic(name, partitions, replica_assignment=replicas)
                if replicas
                else NewTopic(name, partitions, 3)
            )
            self._admin.create_topics([new])[name].result(30)
        self.await_in_sync()

    def partitions(self) -> dict[int, Any]:
        """By number; each has leader and isrs. Nothing while no broker answers."""
        from confluent_kafka import KafkaException

        try:
            return dict(self._admin.list_topics(self.name, timeout=5).topics[self.name].partitions)
        except KafkaException:
            return {}

    def leader(self, partition: int) -> int:
        """-1 when there is none, or nobody says."""
        found = self.partitions().get(partition)
        return -1 if found is None else int(found.leader)

    def controller(self) -> int:
        """Of the cluster."""
        return int(self._admin.list_topics(self.name, timeout=5).controller_id)

    def await_in_sync(self) -> None:
        """Until all partitions are led and have their three replicas in the ISR."""

        def in_sync() -> bool:
            found = self.partitions()
            return len(found) == self.count and all(
                one.leader > 0 and len(one.isrs) == 3 for one in found.values()
            )

        wait_until(f"{self.name} in sync", in_sync)

    def elect_preferred_leaders(self) -> None:
        """Of all partitions."""
        from confluent_kafka import ElectionType, TopicPartition

        partitions = [TopicPartition(self.name, p) for p in range(self.count)]
        self._admin.elect_leaders(ElectionType.PREFERRED, partitions).result(30)

    def end(self, partition: int) -> int:
        """The high watermark; -1 while librdkafka has not heard of the newest leader."""
        from confluent_kafka import KafkaException, TopicPartition
        from confluent_kafka.admin import OffsetSpec

        self.partitions()  # list_offsets alone never asks again for leaders that it knows
        asked = {TopicPartition(self.name, partition): OffsetSpec.latest()}
        (answer,) = self._admin.list_offsets(asked).values()
        try:
            return int(answer.result(30).offset)
        except KafkaException:
            return -1

    def read(self) -> list[list[bytes]]:
        """All values, by partition, in order."""
        from confluent_kafka import Consumer, KafkaError, TopicPartition

        consumer = Consumer(
            {
                "bootstrap.servers": self.bootstrap,
                "group.id": "unused",
                "enable.auto.commit": False,
                "enable.partition.eof": True,
            }
        )
        consumer.assign([TopicPartition(self.name, p, 0) for p in range(self.count)])
        values: list[list[bytes]] = [[] for _ in range(self.count)]
        ended: set[int] = set()
        while len(ended) < self.count:
            messages = consumer.consume(10_000, timeout=1)
            for message in messages:
                if message.error() is None:
                    values[message.partition()].append(message.value())
                else:
                    assert message.error().code() == KafkaError._PARTITION_EOF, message.error()
                    ended.add(message.partition())
        consumer.close()
        return values


class IdempotentWriter:
    """librdkafka's idempotent producer in a thread: 0, 1, 2 ... to each partition until it is closed."""

    WINDOW = 200  # unacknowledged a partition

    def __init__(self, topic: Topic) -> None:
        from confluent_kafka import Producer

        self.sent = [0] * topic.count
        self.acknowledged = [0] * topic.count
        self.failures: list[str] = []
        self._topic = topic
        self._producer = Producer(
            {
                "bootstrap.servers": topic.bootstrap,
                "enable.idempotence": True,
                "acks": "all",
                "linger.ms": 2,
                "batch.num.messages": 20,  # so that several batches are under way
                "log_level": 0,
            }
        )
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def await_more(self, partition: int, more: int = 1) -> None:
        """Until the partition has acknowledged so many more than all that was sent by now."""
        goal = self.sent[partition] + more
        wait_until(
            f"partition {partition} acknowledges {goal}; failures {self.failures[:3]}",
            lambda: self.acknowledged[partition] >= goal,
        )

    def close(self) -> None:
        """Waits until all is acknowledged."""
        self._stop.set()
        self._thread.join()
        left = self._producer.flush(60)
        assert left == 0 and not self.failures, f"{left} unsent, {self.failures[:3]}"
        assert self.acknowledged == self.sent

    def _run(self) -> None:
        while not self._stop.is_set():
            for partition in range(self._topic.count):
                if self.sent[partition] - self.acknowledged[partition] < self.WINDOW:
                    value = b"%d" % self.sent[partition]
                    self._producer.produce(
                        self._topic.name, value, partition=partition, on_delivery=self._delivered
                    )
                    self.sent[partition] += 1
            self._producer.poll(0.002)

    def _delivered(self, error: Any, message: Any) -> None:
        if error is None:
            self.acknowledged[message.partition()] += 1
        else:
            self.failures.append(str(error))


def assert_counted(values: list[list[bytes]], sent: list[int]) -> None:
    """Each partition has 0, 1, 2 ... once each and in order; says how many are lost and double otherwise."""
    for partition, (found, count) in enumerate(zip(values, sent, strict=True)):
        numbers = [int(value) for value in found]
        lost = count - len(set(numbers))
        double = len(numbers) - len(set(numbers))
        assert numbers == list(range(count)), (
            f"partition {partition}: {count} sent, {lost} lost, {double} double"
        )


def assert_replicas_are_the_same(data: Path, topic: Topic) -> None:
    """Byte for byte, in the log directories broker-1, -2 and -3."""
    for partition in range(topic.count):
        logs = [
            b"".join(
                file.read_bytes()
                for file in sorted(
                    (data / f"broker-{i}" / f"{topic.name}-{partition}").glob("*.log")
                )
            )
            for i in (1, 2, 3)
        ]
        assert logs[0] and logs[0] == logs[1] == logs[2], (
            f"partition {partition}: {[len(log) for log in logs]} bytes"
        )
