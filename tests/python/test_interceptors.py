"""Interceptors written in Python, in the order of Kafka's."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Any

import pytest

import kafkascope as ks
from kafkascope import errors
from kafkascope.interceptor import Records


@pytest.fixture(scope="module")
def where() -> Iterator[str]:
    with ks.LocalCluster(config={"message.max.bytes": 1000}) as cluster:
        yield cluster.bootstrap_servers


class Stamp(ks.ProducerInterceptor):
    """Changes each value, and keeps what it hears."""

    def __init__(self, mark: str = "!") -> None:
        self.mark = mark
        self.heard: list[tuple[Any, Any]] = []
        self.closed = 0

    def on_send(self, record: ks.ProducerRecord) -> ks.ProducerRecord:
        return record._replace(value=record.value + self.mark)

    def on_acknowledgement(self, metadata: Any, exception: Any) -> None:
        self.heard.append((metadata, exception))

    def close(self) -> None:
        self.closed += 1


class Broken(ks.ProducerInterceptor):
    def on_send(self, record: ks.ProducerRecord) -> ks.ProducerRecord:
        raise RuntimeError("no")

    def on_acknowledgement(self, metadata: Any, exception: Any) -> None:
        raise RuntimeError("no")


class Forgetful(ks.ProducerInterceptor):
    def on_send(self, record: ks.ProducerRecord) -> ks.ProducerRecord:
        return None  # type: ignore[return-value]


class Shout(ks.ConsumerInterceptor):
    def on_consume(self, records: Records) -> Records:
        return {
            partition: [record._replace(value=record.value.upper()) for record in found]
            for partition, found in records.items()
        }


def test_each_sees_what_the_one_before_it_made(
    where: str, caplog: pytest.LogCaptureFixture
) -> None:
    first, second = Stamp("1"), Stamp("2")
    with (
        caplog.at_level(logging.WARNING, "kafkascope"),
        ks.KafkaProducer(
            bootstrap_servers=where,
            value_serializer=str.encode,
            interceptors=[first, Broken(), Forgetful(), second],
        ) as producer,
    ):
        sent = producer.send("seen", "v").get(timeout=10)
    assert first.heard == second.heard == [(sent, None)]
    assert (first.closed, second.closed) == (1, 1)
    words = caplog.text
    assert "Broken.on_send failed" in words and "Broken.on_acknowledgement failed" in words
    assert "on_send returned None; return the ProducerRecord" in words

    with ks.KafkaConsumer(
        "seen",
        bootstrap_servers=where,
        auto_offset_reset="earliest",
        consumer_timeout_ms=10_000,
        value_deserializer=bytes.decode,
        interceptor_classes=[Shout],
    ) as consumer:
        assert next(consumer).value == "V12"


def test_failures_are_acknowledged_once(where: str) -> None:
    watching = Stamp()
    with ks.KafkaProducer(
        bootstrap_servers=where, value_serializer=str.encode, interceptors=[watching]
    ) as producer:
        with pytest.raises(errors.KafkaError):
            producer.send("refused", "x" * 2000).get(timeout=10)
        producer.flush(10)
        with pytest.raises(errors.MessageSizeTooLargeError):
            producer.send("refused", "x" * 2_000_000)
    assert [type(error) for _, error in watching.heard] == [
        errors.MessageSizeTooLargeError,
        errors.MessageSizeTooLargeError,
    ]


def test_what_is_no_interceptor_is_refused() -> None:
    with pytest.raises(errors.KafkaConfigurationError, match="expected a ProducerInterceptor"):
        ks.KafkaProducer(bootstrap_servers="127.0.0.1:1", interceptors=[Shout()])
    with pytest.raises(errors.KafkaConfigurationError, match=r"no_such\.Thing"):
        ks.KafkaProducer(bootstrap_servers="127.0.0.1:1", interceptor_classes="no_such.Thing")
