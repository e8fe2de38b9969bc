"""Real Kafka clients that others wrote, each behind the same two calls."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import tempfile
from abc import ABC, abstractmethod
from collections.abc import Iterable
from importlib.util import find_spec
from pathlib import Path

from record import Record, from_line, to_line

HERE = Path(__file__).parent
CACHE = Path(os.environ.get("KAFKASCOPE_CACHE", HERE.parent.parent / ".cache" / "interop"))
TIMEOUT_S = 60


class Client(ABC):
    """One client library. `absent` says why it cannot run here, or is empty."""

    name: str
    null_value = True

    @property
    def absent(self) -> str:
        return ""

    @abstractmethod
    def produce(self, bootstrap: str, topic: str, codec: str, records: Iterable[Record]) -> None:
        """Sends the records to partition 0 as they come, and waits until each is acknowledged."""

    @abstractmethod
    def consume(self, bootstrap: str, topic: str, count: int) -> list[Record]:
        """Reads `count` records of partition 0 from the beginning, without a group."""


class KafkaPython(Client):
    name = "kafka-python"

    @property
    def absent(self) -> str:
        return "" if find_spec("kafka") else "kafka-python is not installed"

    def produce(self, bootstrap: str, topic: str, codec: str, records: Iterable[Record]) -> None:
        from kafka import KafkaProducer

        producer = KafkaProducer(
            bootstrap_servers=bootstrap,
            acks="all",
            linger_ms=20,
            compression_type=None if codec == "none" else codec,
        )
        futures = [
            producer.send(
                topic,
                r.value,
                r.key,
                headers=list(r.headers),
                partition=0,
                timestamp_ms=r.timestamp,
            )
            for r in records
        ]
        producer.flush(TIMEOUT_S)
        for future in futures:
            future.get(TIMEOUT_S)
        producer.close()

    def consume(self, bootstrap: str, topic: str, count: int) -> list[Record]:
        from kafka import KafkaConsumer, TopicPartition

        consumer = KafkaConsumer(
            bootstrap_servers=bootstrap,
            auto_offset_reset="earliest",
            consumer_timeout_ms=TIMEOUT_S * 1000,
        )
        consumer.assign([TopicPartition(topic, 0)])
        found: list[Record] = []
        for record in consumer:
            found.append(Record(record.key, record.value, tuple(record.headers), record.timestamp))
            if len(found) == count:
                break
        consumer.close()
        return found


class Confluent(Client):
    name = "confluent-kafka"

    @property
    def absent(self) -> str:
        return "" if find_spec("confluent_kafka") else "confluent-kafka is not installed"

    def produce(self, bootstrap: str, topic: str, codec: str, records: Iterable[Record]) -> None:
        from confluent_kafka import Producer

        failures: list[str] = []
        producer = Producer(
            {
                "bootstrap.servers": bootstrap,
                "compression.type": codec,
                "linger.ms": 20,
                "acks": "all",
                "enable.idempotence": True,
            }
        )
        for r in records:
            producer.produce(
                topic, r.value, r.key, 0, headers=list(r.headers), timestamp=r.timestamp,
                on_delivery=lambda error, _: failures.append(str(error)) if error else None,
            )  # fmt: skip
        left = producer.flush(TIMEOUT_S)
        assert left == 0 and not failures, f"{left} unsent, {failures[:3]}"

    def consume(self, bootstrap: str, topic: str, count: int) -> list[Record]:
        from confluent_kafka import Consumer, TopicPartition

        consumer = Consumer(
            {"bootstrap.servers": bootstrap, "group.id": "unused", "enable.auto.commit": False}
        )
        consumer.assign([TopicPartition(topic, 0, 0)])
        found: list[Record] = []
        while len(found) < count:
            message = consumer.poll(TIMEOUT_S)
            assert message is not None, f"{len(found)} of {count} records, then silence"
            assert message.error() is None, message.error()
            headers = tuple(message.headers() or ())
            found.append(Record(message.key(), message.value(), headers, message.timestamp()[1]))
        consumer.close()
        return found


class AioKafka(Client):
    name = "aiokafka"

    @property
    def absent(self) -> str:
        return "" if find_spec("aiokafka") else "aiokafka is not installed"

    def produce(self, bootstrap: str, topic: str, codec: str, records: Iterable[Record]) -> None:
        from aiokafka import AIOKafkaProducer

        async def send_all() -> None:
            producer = AIOKafkaProducer(
                bootstrap_servers=bootstrap, acks="all", linger_ms=20, enable_idempotence=True,
                compression_type=None if codec == "none" else codec,
            )  # fmt: skip
            left = iter(records)
            async with producer:
                futures = []
                while r := await asyncio.to_thread(next, left, None):
                    sent = await producer.send(
                        topic,
                        r.value,
                        r.key,
                        partition=0,
                        timestamp_ms=r.timestamp,
                        headers=list(r.headers),
                    )
                    futures.append(sent)
                await asyncio.wait_for(asyncio.gather(*futures), TIMEOUT_S)

        asyncio.run(send_all())

    def consume(self, bootstrap: str, topic: str, count: int) -> list[Record]:
        from aiokafka import AIOKafkaConsumer, TopicPartition

        async def read_all() -> list[Record]:
            found: list[Record] = []
            consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap, auto_offset_reset="earliest")
            async with consumer:
                consumer.assign([TopicPartition(topic, 0)])
                while len(found) < count:
                    r = await asyncio.wait_for(consumer.getone(), TIMEOUT_S)
                    found.append(Record(r.key, r.value, tuple(r.headers), r.timestamp))
            return found

        return asyncio.run(read_all())


class Kcat(Client):
    """Sends line by line: a value with a line break or of no bytes is beyond it, and all share the wall clock."""

    name = "kcat"
    null_value = False

    @property
    def absent(self) -> str:
        return "" if shutil.which("kcat") else "kcat is not installed (Debian package kcat)"

    def produce(self, bootstrap: str, topic: str, codec: str, records: Iterable[Record]) -> None:
        for r in records:
            headers = [
                word for name, value in r.headers for word in ("-H", f"{name}={value.decode()}")
            ]
            line = b"%s\t%s\n" % (r.key or b"", r.value or b"")
            command = [
                "kcat",
                "-P",
                "-b",
                bootstrap,
                "-t",
                topic,
                "-p",
                "0",
                "-z",
                codec,
                "-K",
                "\t",
                *headers,
            ]
            subprocess.run(command, input=line, check=True, timeout=TIMEOUT_S)

    def consume(self, bootstrap: str, topic: str, count: int) -> list[Record]:
        command = [
            "kcat", "-C", "-b", bootstrap, "-t", topic, "-p", "0", "-o", "beginning", "-c", str(count), "-q",
            "-f", r"%T\x01%K\x01%k\x01%S\x01%s\x01%h\x02",
        ]  # fmt: skip
        output = subprocess.run(
            command, check=True, timeout=TIMEOUT_S, stdout=subprocess.PIPE
        ).stdout
        return [_kcat_record(row) for row in output.split(b"\x02") if row]


def _kcat_record(row: bytes) -> Record:
    time, key_size, key, value_size, value, headers = row.split(b"\x01")
    pairs = tuple(
        (name.decode(), data)
        for name, _, data in (item.partition(b"=") for item in headers.split(b",") if item)
    )
    return Record(
        None if key_size == b"-1" else key, None if value_size == b"-1" else value, pairs, int(time)
    )


class Program(Client):
    """A client in another language: a program of ours over its library, fed with lines of hex."""

    def command(self) -> list[str]:
        raise NotImplementedError

    def produce(self, bootstrap: str, topic: str, codec: str, records: Iterable[Record]) -> None:
        self._run("produce", bootstrap, topic, codec, stdin=(to_line(r) for r in records))

    def consume(self, bootstrap: str, topic: str, count: int) -> list[Record]:
        output = self._run("consume", bootstrap, topic, str(count))
        return [from_line(line) for line in output.splitlines()]

    def _run(self, *arguments: str, stdin: Iterable[str] = ()) -> str:
        with tempfile.TemporaryFile("w+") as output, tempfile.TemporaryFile("w+") as errors:
            process = subprocess.Popen(
                [*self.command(), *arguments],
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=errors,
                text=True,
                bufsize=1,
            )
            assert process.stdin is not None
            with process, process.stdin:
                try:
                    for line in stdin:
                        process.stdin.write(line + "\n")
                    process.stdin.close()
                    process.wait(TIMEOUT_S * 2)
                finally:
                    process.kill()
            errors.seek(0)
            assert process.returncode == 0, errors.read()[-2000:]
            output.seek(0)
            return output.read()


class FranzGo(Program):
    name = "franz-go"

    @property
    def absent(self) -> str:
        return "" if shutil.which("go") else "no Go toolchain"

    def command(self) -> list[str]:
        binary = CACHE / "franz-go-client"
        source = HERE / "go" / "main.go"
        if not binary.exists() or binary.stat().st_mtime < source.stat().st_mtime:
            CACHE.mkdir(parents=True, exist_ok=True)
            subprocess.run(
                ["go", "build", "-o", str(binary), "."], cwd=HERE / "go", check=True, timeout=600
            )
        return [str(binary)]


class Java(Program):
    """kafka-clients of one version, brought from Maven Central once."""

    def __init__(self, version: str) -> None:
        self.version = version
        self.name = f"kafka-clients-{version}"

    @property
    def absent(self) -> str:
        missing = [tool for tool in ("java", "javac", "mvn") if not shutil.which(tool)]
        return f"not installed: {', '.join(missing)}" if missing else ""

    def command(self) -> list[str]:
        home = CACHE / f"java-{self.version}"
        jars = home / "libs"
        if not (home / "Client.class").exists():
            home.mkdir(parents=True, exist_ok=True)
            maven = [
                "mvn",
                "-B",
                "-q",
                f"-Dkafka.version={self.version}",
                f"-DoutputDirectory={jars}",
            ]
            subprocess.run(
                [*maven, "dependency:copy-dependencies"], cwd=HERE / "java", check=True, timeout=600
            )
            source = HERE / "java" / "Client.java"
            subprocess.run(
                ["javac", "-cp", f"{jars}/*", "-d", str(home), str(source)], check=True, timeout=300
            )
        return ["java", "-Xmx256m", "-XX:TieredStopAtLevel=1", "-cp", f"{home}:{jars}/*", "Client"]


ALL = [KafkaPython(), Confluent(), AioKafka(), Kcat(), FranzGo(), Java("3.9.1"), Java("4.4.0")]
