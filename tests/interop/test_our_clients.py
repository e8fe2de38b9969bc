"""Our producer, consumer and admin client against Apache Kafka 3.9."""

from __future__ import annotations

from collections.abc import Iterator

import apache_kafka
import pytest
from apache_kafka import ApacheKafka
from clients import KafkaPython
from record import CODECS, Record, sample

import kafkascope as ks


@pytest.fixture(scope="module")
def apache() -> Iterator[str]:
    if apache_kafka.absent():
        pytest.skip(apache_kafka.absent())
    with ApacheKafka() as running:
        yield running.bootstrap_servers


@pytest.mark.parametrize("codec", CODECS)
def test_records_reach_apache_kafka_and_come_back(apache: str, codec: str) -> None:
    topic = f"ours-{codec}"
    with ks.KafkaAdminClient(bootstrap_servers=apache) as admin:
        admin.create_topics([ks.NewTopic(topic, 1, 1)])
    with ks.KafkaProducer(
        bootstrap_servers=apache, compression_type=codec, linger_ms=20
    ) as producer:
        futures = [
            producer.send(topic, r.value, r.key, headers=list(r.headers), timestamp_ms=r.timestamp)
            for r in sample()
        ]
        assert [future.get(30).offset for future in futures] == list(range(len(futures)))
    assert KafkaPython().consume(apache, topic, len(sample())) == sample()
    assert read(apache, topic, len(sample())) == sample()


def read(bootstrap: str, topic: str, count: int) -> list[Record]:
    found: list[Record] = []
    with ks.KafkaConsumer(
        topic, bootstrap_servers=bootstrap, auto_offset_reset="earliest", consumer_timeout_ms=30_000
    ) as consumer:
        for record in consumer:
            found.append(Record(record.key, record.value, tuple(record.headers), record.timestamp))
            if len(found) == count:
                break
    return found


def test_admin_client_changes_a_topic(apache: str) -> None:
    from kafkascope.admin import ConfigResource

    with ks.KafkaAdminClient(bootstrap_servers=apache) as admin:
        admin.create_topics([ks.NewTopic("changed", 1, 1)])
        admin.create_partitions({"changed": 3})
        admin.alter_configs([ConfigResource("topic", "changed", {"retention.ms": "1234"})])
        described = admin.describe_configs([ConfigResource("topic", "changed", ["retention.ms"])])
        assert described["changed"]["retention.ms"]["value"] == "1234"
        assert len(admin.describe_topics(["changed"])[0]["partitions"]) == 3
        admin.delete_topics(["changed"])
