"""Our clients against our broker, on real sockets: what a Python program sees."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Iterator

import pytest

import kafkascope as ks
from kafkascope import errors


@pytest.fixture(scope="module")
def cluster() -> Iterator[ks.LocalCluster]:
    with ks.LocalCluster(config={"num.partitions": 3}) as running:
        yield running


@pytest.fixture
def topic(request: pytest.FixtureRequest) -> str:
    return "".join(c if c.isalnum() else "-" for c in str(request.node.name))[:80]


def read(
    cluster: ks.LocalCluster, topic: str, count: int, **configs: object
) -> list[ks.ConsumerRecord]:
    found: list[ks.ConsumerRecord] = []
    with ks.KafkaConsumer(
        topic, bootstrap_servers=cluster.bootstrap_servers, auto_offset_reset="earliest", **configs
    ) as consumer:
        deadline = time.monotonic() + 20
        while len(found) < count:
            assert time.monotonic() < deadline, f"{len(found)} of {count} records"
            for records in consumer.poll(timeout_ms=1000).values():
                found += records
    return found


@pytest.mark.parametrize("codec", ["none", "gzip", "snappy", "lz4", "zstd"])
def test_round_trip(cluster: ks.LocalCluster, topic: str, codec: str) -> None:
    with ks.KafkaProducer(
        bootstrap_servers=cluster.bootstrap_servers, compression_type=codec
    ) as producer:
        sent = [
            producer.send(
                topic, b"value %d" % i, key=b"k", headers=[("h", b"\x00")], timestamp_ms=1000 + i
            ).get(10)
            for i in range(5)
        ]
    assert [metadata.offset for metadata in sent] == [0, 1, 2, 3, 4]
    found = read(cluster, topic, 5)
    assert [record.value for record in found] == [b"value %d" % i for i in range(5)]
    assert found[0].key == b"k"
    assert found[0].headers == [("h", b"\x00")]
    assert found[0].timestamp == 1000
    assert found[0].serialized_value_size == 7
    assert isinstance(found[0], ks.ConsumerRecord)


def test_serializers_partitioner_and_nulls(cluster: ks.LocalCluster, topic: str) -> None:
    with ks.KafkaProducer(
        bootstrap_servers=cluster.bootstrap_servers,
        value_serializer=ks.JsonSerializer(),
        key_serializer=lambda key: str(key).encode(),
        partitioner=lambda _key, every, _available: every[-1],
    ) as producer:
        metadata = producer.send(topic, {"dest": "IAH"}, key=7).get(10)
        producer.send(topic, None, key=8).get(10)
    assert metadata.partition == 2
    found = read(cluster, topic, 2, value_deserializer=ks.JsonDeserializer())
    assert [(record.key, record.value) for record in found] == [
        (b"7", {"dest": "IAH"}),
        (b"8", None),
    ]


def test_callbacks_run_before_flush_returns(cluster: ks.LocalCluster, topic: str) -> None:
    seen: list[int] = []
    failures: list[Exception] = []
    with ks.KafkaProducer(bootstrap_servers=cluster.bootstrap_servers) as producer:
        for i in range(20):
            future = producer.send(topic, b"%d" % i, partition=0)
            future.add_callback(lambda metadata: seen.append(metadata.offset)).add_errback(
                failures.append
            )
        producer.flush(20)
        assert seen == list(range(20))
        assert not failures
        assert future.succeeded() and future.is_done and future.exception is None


def test_positions(cluster: ks.LocalCluster, topic: str) -> None:
    partition = ks.TopicPartition(topic, 0)
    with ks.KafkaProducer(bootstrap_servers=cluster.bootstrap_servers) as producer:
        for i in range(10):
            producer.send(topic, b"%d" % i, partition=0, timestamp_ms=1000 * i)
    with ks.KafkaConsumer(bootstrap_servers=cluster.bootstrap_servers) as consumer:
        consumer.assign([partition])
        assert consumer.beginning_offsets([partition]) == {partition: 0}
        assert consumer.end_offsets([partition]) == {partition: 10}
        assert consumer.offsets_for_times({partition: 4500})[partition].offset == 5  # type: ignore[union-attr]
        consumer.seek(partition, 7)
        assert consumer.position(partition) == 7
        values = [r.value for records in consumer.poll(5000).values() for r in records]
        assert values == [b"7", b"8", b"9"]
        consumer.seek_to_beginning(partition)
        assert consumer.position(partition) == 0
        consumer.pause(partition)
        assert consumer.paused() == {partition}
        assert consumer.poll(50) == {}
        consumer.resume(partition)
        assert len(consumer.poll(5000, max_records=2)[partition]) == 2
        assert consumer.partitions_for_topic(topic) == {0, 1, 2}
        assert consumer.partitions_for_topic("no-such-topic-here") in (None, {0, 1, 2})
        assert topic in consumer.topics()


def test_admin(cluster: ks.LocalCluster, topic: str) -> None:
    from kafkascope.admin import ConfigResource

    with ks.KafkaAdminClient(bootstrap_servers=cluster.bootstrap_servers) as admin:
        admin.create_topics([ks.NewTopic(topic, 2, 1, topic_configs={"retention.ms": "1000"})])
        with pytest.raises(errors.TopicAlreadyExistsError):
            admin.create_topics([ks.NewTopic(topic, 2, 1)])
        admin.create_partitions({topic: 4})
        described = admin.describe_topics([topic])[0]
        assert [p["partition_index"] for p in described["partitions"]] == [0, 1, 2, 3]
        resource = ConfigResource("topic", topic, {"retention.ms": "2000"})
        admin.alter_configs([resource])
        configs = admin.describe_configs([ConfigResource("topic", topic)])
        assert configs[topic]["retention.ms"]["value"] == "2000"
        assert admin.describe_cluster()["brokers"][0]["node_id"] == 1
        with ks.KafkaProducer(bootstrap_servers=cluster.bootstrap_servers) as producer:
            for _ in range(3):
                producer.send(topic, b"x", partition=1).get(10)
        partition = ks.TopicPartition(topic, 1)
        assert admin.delete_records({partition: 2})[partition]["low_watermark"] == 2
        assert admin.list_partition_offsets({partition: -2})[partition]["offset"] == 2
        assert any(r["topic"] == topic for d in admin.describe_log_dirs() for r in d["replicas"])
        admin.delete_topics([topic])
        assert topic not in admin.list_topics()


def test_nobody_listens_is_said_at_once() -> None:
    started = time.monotonic()
    with pytest.raises(
        errors.NoBrokersAvailable, match=r"127\.0\.0\.1:1\b.*refused.*kafkascope start"
    ):
        ks.KafkaProducer(bootstrap_servers="127.0.0.1:1")
    assert time.monotonic() - started < 4


def test_unknown_key_names_the_nearest() -> None:
    with pytest.raises(errors.KafkaConfigurationError, match="did you mean linger_ms"):
        ks.KafkaProducer(bootstrap_servers="127.0.0.1:1", linger_mss=5)
    with pytest.raises(errors.KafkaConfigurationError, match=r"did you mean linger\.ms"):
        ks.KafkaProducer(bootstrap_servers="127.0.0.1:1", config={"linger.mss": 5})


def test_text_without_a_serializer_is_refused_before_any_network(cluster: ks.LocalCluster) -> None:
    with (
        ks.KafkaProducer(bootstrap_servers=cluster.bootstrap_servers) as producer,
        pytest.raises(
            TypeError, match=r"value: expected bytes.*got str.*value_serializer=JsonSerializer"
        ),
    ):
        producer.send("t", "text")


@pytest.mark.parametrize(
    ("arguments", "keywords", "words"),
    [
        ((), {}, "missing 1 required positional argument: 'topic'"),
        ((5, b"x"), {}, "topic: expected str; got int"),
        (("t", b"x"), {"foo": 1}, "unexpected keyword argument 'foo'"),
        (("t", b"x"), {"value": b"y"}, "multiple values for argument 'value'"),
        (("t", b"x"), {"partition": "a"}, "partition: expected int or None; got str"),
        (("t", b"x"), {"headers": [1]}, "headers: expected a sequence of"),
        (("t", *[None] * 6), {}, "from 1 to 6 positional arguments but 7 were given"),
    ],
)
def test_arguments_that_are_no_record(
    cluster: ks.LocalCluster, arguments: tuple[object, ...], keywords: dict[str, object], words: str
) -> None:
    with (
        ks.KafkaProducer(bootstrap_servers=cluster.bootstrap_servers) as producer,
        pytest.raises(TypeError, match=words),
    ):
        producer.send(*arguments, **keywords)  # type: ignore[arg-type]


def test_a_future_outlives_its_producer(cluster: ks.LocalCluster, topic: str) -> None:
    producer = ks.KafkaProducer(bootstrap_servers=cluster.bootstrap_servers)
    future = producer.send(topic, b"v", partition=1)
    producer.close()
    del producer
    assert future.get(timeout=5).partition == 1
    with pytest.raises(TypeError, match="cannot create"):
        type(future)()


def test_a_loop_goes_on_where_the_last_one_was_left(cluster: ks.LocalCluster, topic: str) -> None:
    with ks.KafkaProducer(bootstrap_servers=cluster.bootstrap_servers) as producer:
        for number in range(5):
            producer.send(topic, b"%d" % number, partition=0)
    with ks.KafkaConsumer(
        topic,
        bootstrap_servers=cluster.bootstrap_servers,
        auto_offset_reset="earliest",
        consumer_timeout_ms=5000,
    ) as consumer:
        first = next(consumer).offset
        found = [first]
        for record in consumer:
            found.append(record.offset)
            if record.offset == 2:
                break
        for record in consumer:
            found.append(record.offset)
            if record.offset == 4:
                consumer.close()
    assert found == [0, 1, 2, 3, 4]


def test_a_group_is_refused_with_its_reason(cluster: ks.LocalCluster) -> None:
    with pytest.raises(errors.KafkaConfigurationError, match="groups are not available"):
        ks.KafkaConsumer("t", bootstrap_servers=cluster.bootstrap_servers, group_id="g")


@pytest.fixture
def ctrl_c() -> Iterator[None]:
    """SIGINT raises KeyboardInterrupt, also where a shell's background job has it ignored."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("ctrl_c")
def test_ctrl_c_ends_a_poll(cluster: ks.LocalCluster, topic: str) -> None:
    with ks.KafkaConsumer(topic, bootstrap_servers=cluster.bootstrap_servers) as consumer:
        consumer.poll(0)
        interrupted_at = []

        def interrupt() -> None:
            interrupted_at.append(time.monotonic())
            signal.raise_signal(signal.SIGINT)

        timer = threading.Timer(0.2, interrupt)
        timer.start()
        with pytest.raises(KeyboardInterrupt):
            consumer.poll(20_000)
        assert time.monotonic() - interrupted_at[0] < 0.5
        timer.join()


def test_wakeup_from_another_thread(cluster: ks.LocalCluster, topic: str) -> None:
    with ks.KafkaConsumer(topic, bootstrap_servers=cluster.bootstrap_servers) as consumer:
        timer = threading.Timer(0.1, consumer.wakeup)
        timer.start()
        started = time.monotonic()
        assert consumer.poll(20_000) == {}
        assert time.monotonic() - started < 10
        timer.join()


def test_data_survives_a_restart(tmp_path_factory: pytest.TempPathFactory) -> None:
    data = tmp_path_factory.mktemp("data")
    for expected in (0, 1):
        with (
            ks.LocalCluster(data_dir=data) as cluster,
            ks.KafkaProducer(bootstrap_servers=cluster.bootstrap_servers) as producer,
        ):
            assert producer.send("t", b"x").get(10).offset == expected


def test_inspection(cluster: ks.LocalCluster, topic: str) -> None:
    with ks.KafkaProducer(
        bootstrap_servers=cluster.bootstrap_servers, linger_ms=10_000
    ) as producer:
        producer.send(topic, b"waits", partition=0)
        inside = producer.to_dict()
        assert inside["accumulator"][0]["topic"] == topic
        assert inside["accumulator"][0]["batches"][0]["record_count"] == 1
        assert inside["buffer_pool"]["available_memory"] < inside["buffer_pool"]["total_memory"]
        producer.flush(10)
    described = cluster.broker(1).partition(topic, 0)
    assert described["leader"] == 1 and described["high_watermark"] == 1
    assert "kafka.server:type=BrokerTopicMetrics" in " ".join(cluster.broker(1).metrics())
    assert "kafka_server_brokertopicmetrics_messagesinpersec" in cluster.broker(1).prometheus()


def test_closed_things_say_so(cluster: ks.LocalCluster) -> None:
    producer = ks.KafkaProducer(bootstrap_servers=cluster.bootstrap_servers)
    producer.close()
    producer.close()
    with pytest.raises(errors.KafkaError, match="closed"):
        producer.send("t", b"x")
    with (
        ks.KafkaConsumer(bootstrap_servers=cluster.bootstrap_servers) as consumer,
        pytest.raises(errors.KafkaError, match="subscribe"),
    ):
        consumer.poll(0)
