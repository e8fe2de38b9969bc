"""Clients that others wrote produce and consume every codec with keys, headers and timestamps."""

from __future__ import annotations

import uuid

import pytest
from clients import ALL, Client
from record import CODECS, Record, sample


@pytest.fixture(params=ALL, ids=lambda client: client.name)
def client(request: pytest.FixtureRequest) -> Client:
    chosen: Client = request.param
    if chosen.absent:
        pytest.skip(chosen.absent)
    return chosen


def a_topic(client: Client, codec: str) -> str:
    return f"{client.name}-{codec}-{uuid.uuid4().hex[:6]}"


@pytest.mark.parametrize("codec", CODECS)
def test_reads_what_it_wrote(bootstrap: str, client: Client, codec: str) -> None:
    records = records_for(client)
    topic = a_topic(client, codec)
    client.produce(bootstrap, topic, codec, records)
    assert comparable(client, client.consume(bootstrap, topic, len(records))) == comparable(
        client, records
    )


def records_for(client: Client) -> list[Record]:
    """kcat sends one record a process and cannot send tombstones or bytes that are not text: it gets fewer."""
    if client.null_value:
        return sample()
    return [Record(b"k%d" % i, b"value %d" % i, (("origin", b"JFK"),), 0) for i in range(4)]


def comparable(client: Client, records: list[Record]) -> list[Record]:
    return records if client.null_value else [record._replace(timestamp=0) for record in records]


def test_librdkafka_lists_topics(bootstrap: str) -> None:
    """Its request has bytes behind the last field (docs/decisions/0006)."""
    admin = pytest.importorskip("confluent_kafka.admin")
    client = admin.AdminClient({"bootstrap.servers": bootstrap})
    client.create_topics([admin.NewTopic("listed", 2, 1)])["listed"].result(10)
    assert len(client.list_topics(timeout=10).topics["listed"].partitions) == 2
