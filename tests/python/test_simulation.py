"""A simulation from Python: stepped, broken, rewound, forked; one seed, one trace."""

import subprocess
from pathlib import Path

import pytest

import kafkascope as ks
from kafkascope.flights import flights

ROOT = Path(__file__).parents[2]


@pytest.fixture
def sim() -> ks.Simulation:
    return ks.Simulation(seed=7)


def test_clients_are_the_same_as_in_a_real_run(sim: ks.Simulation) -> None:
    sim.create_topic("flights", partitions=3)
    with sim.producer(value_serializer=ks.JsonSerializer()) as producer:
        sent = [producer.send("flights", {"n": n}, key=b"JFK") for n in range(5)]
        assert [future.get().offset for future in sent] == [0, 1, 2, 3, 4]
    partition = sent[0].value.topic_partition
    with sim.consumer(
        "flights", auto_offset_reset="earliest", value_deserializer=ks.JsonDeserializer()
    ) as consumer:
        found = consumer.poll(timeout_ms=1000)
        assert [record.value["n"] for record in found[partition]] == [0, 1, 2, 3, 4]
        assert consumer.position(partition) == 5
        assert consumer.end_offsets([partition]) == {partition: 5}
        consumer.seek(partition, 3)
        assert [record.offset for record in consumer.poll(1000)[partition]] == [3, 4]
    with sim.admin() as admin:
        assert admin.list_topics() == ["flights"]


def test_time_is_virtual(sim: ks.Simulation) -> None:
    sim.run_for("1 d")
    assert sim.now == pytest.approx(86_400, abs=1)
    assert sim.time() == pytest.approx(1_700_086_400, abs=1)
    with pytest.raises(
        ValueError, match="duration '5 parsecs': expected a number and one of us, ms"
    ):
        sim.run_for("5 parsecs")


def test_a_call_is_stepped_turn_by_turn(sim: ks.Simulation) -> None:
    producer = sim.producer()
    producer.send("t", b"a").get()
    call = sim.call(producer.flush)
    producer_call = sim.call(producer.send, "t", b"b")
    threads = set()
    while not (call.done and producer_call.done):
        turn = sim.step()
        assert turn is not None
        threads.add(turn.thread)
    assert {"flush", "send"} <= threads
    call.result()
    assert producer_call.result().get().offset == 1


def test_runs_until_an_event(sim: ks.Simulation) -> None:
    producer = sim.producer()
    sent = producer.send("t", b"a")
    event = sim.run_until("RecordsAppended", partition="t-0")
    assert event is not None
    assert event.fields["last_offset"] == 0
    assert not sent.is_done
    kinds = [cause.kind for cause in sim.trace.why(event)]
    assert kinds[:3] == ["RecordsAppended", "RequestReceived", "RequestSent"]
    sim.run_until(lambda: sent.is_done)
    with pytest.raises(ks.errors.KafkaTimeoutError, match="no event LeaderElected"):
        sim.run_until("LeaderElected", limit="1 s")


def test_rewind_and_fork(sim: ks.Simulation) -> None:
    producer = sim.producer()
    for value in (b"a", b"b", b"c"):
        producer.send("t", value).get()
    digest = sim.trace.digest()
    fork = sim.fork()
    assert fork.trace.digest() == digest
    first = sim.trace.events("RecordsAppended")[0]
    earlier = sim.rewind(to=first)
    assert earlier.turns < sim.turns
    assert earlier.broker(1).partition("t", 0)["log_end_offset"] == 1
    assert fork.broker(1).partition("t", 0)["log_end_offset"] == 3
    assert earlier.producer(name="another").send("t", b"x").get().offset == 1
    assert sim.trace.digest() == digest


def test_a_crash_loses_what_was_not_synced(sim: ks.Simulation) -> None:
    producer = sim.producer(acks="all")
    producer.send("t", b"a").get()
    sim.broker(1).crash()
    with pytest.raises(ks.errors.InvalidRequestError, match="broker-1 has crashed or was stopped"):
        sim.broker(1).crash()
    sim.run_for("1 s")
    sim.broker(1).start()
    assert "LogRecovered" in {event.kind for event in sim.trace.events(node="broker-1")}
    producer.send("t", b"b").get()


def test_a_crash_comes_at_any_change_of_the_disk() -> None:
    for changes in range(6):
        sim = ks.Simulation(seed=3, config={"log.flush.interval.messages": 1})
        producer = sim.producer()
        assert producer.send("t", b"synced", partition=0).get().offset == 0
        producer.send("t", b"under way", partition=0)
        sim.broker(1).crash(after_disk_changes=changes)
        sim.broker(1).start()
        assert sim.broker(1).partition("t", 0)["log_end_offset"] in (1, 2)
        with pytest.raises(ks.errors.KafkaTimeoutError, match="did not come to disk change 1000"):
            sim.broker(1).crash(after_disk_changes=999, limit="1 s")
        assert sim.broker(1).running


def test_a_clock_stands_still(sim: ks.Simulation) -> None:
    sim.broker(1).clock_rate(0)
    sim.create_topic("t", config={"message.timestamp.type": "LogAppendTime"})
    producer = sim.producer()
    first = producer.send("t", b"a").get().timestamp
    sim.run_for("1 h")
    assert producer.send("t", b"b").get().timestamp == first
    sim.broker(1).clock_rate(1)
    sim.run_for("1 h")
    assert producer.send("t", b"c").get().timestamp >= first + 3_600_000


def test_a_stopped_broker_keeps_everything(sim: ks.Simulation) -> None:
    producer = sim.producer()
    producer.send("t", b"a").get()
    sim.broker(1).restart()
    assert sim.broker(1).partition("t", 0)["log_end_offset"] == 1


def test_a_cut_delays_what_is_under_way(sim: ks.Simulation) -> None:
    producer = sim.producer()
    producer.send("t", b"a").get()
    sim.network.partition([1], ["producer-1"])
    sent = producer.send("t", b"b")
    sim.run_for("5 s")
    assert not sent.is_done
    sim.network.heal()
    assert sent.get().offset == 1


def test_a_disk_that_fails_is_told(sim: ks.Simulation) -> None:
    producer = sim.producer()
    producer.send("t", b"a").get()
    disk = sim.broker(1).disk
    assert "t-0" in disk.list("/data")
    log = "/data/t-0/00000000000000000000.log"
    assert b"a" in disk.read(log)
    disk.fail("write", log, count=1)
    with pytest.raises(ks.errors.KafkaStorageError):
        sim.producer(retries=0, acks=1, enable_idempotence=False).send("t", b"b").get()
    assert sim.trace.events("DiskFailed")[0].fields["path"] == log


def test_a_log_is_seen_through_crash_and_recovery(sim: ks.Simulation) -> None:
    producer = sim.producer()
    for i in range(5):
        producer.send("t", str(i).encode()).get()
    live = sim.broker(1).log("t", 0)
    assert live.high_watermark == 5
    assert [record.value for batch in live for record in batch] == [b"0", b"1", b"2", b"3", b"4"]
    digest = sim.trace.digest()
    sim.broker(1).crash()
    left = sim.broker(1).disk.log("/data/t-0")
    assert left.log_end_offset <= 5
    assert left._repr_html_().startswith("<img ")
    assert live.log_end_offset == 5, "a snapshot stays what it was"
    assert digest != sim.trace.digest(), "the crash is in the trace"
    before = sim.trace.digest()
    sim.broker(1).disk.log("/data/t-0")
    assert sim.trace.digest() == before, "looking is not"


def test_a_process_that_dies_keeps_its_writes(sim: ks.Simulation) -> None:
    sim.producer().send("t", b"a").get()
    sim.broker(1).crash(power_loss=False)
    sim.broker(1).start()
    assert sim.broker(1).partition("t", 0)["log_end_offset"] == 1


def test_a_slow_link_delays(sim: ks.Simulation) -> None:
    producer = sim.producer()
    producer.send("t", b"a").get()
    sim.network.link("producer-1", 1, bytes_per_second=1000)
    before = sim.now
    producer.send("t", b"x" * 5000).get()
    assert 5 < sim.now - before < 7


def test_a_pause_holds_the_broker_still(sim: ks.Simulation) -> None:
    producer = sim.producer()
    producer.send("t", b"a").get()
    sim.broker(1).pause()
    sent = producer.send("t", b"b")
    sim.run_for("5 s")
    assert not sent.is_done
    assert "broker-1 / processor-0: its node is paused" in sim.threads()
    sim.broker(1).resume()
    assert sent.get().offset == 1


def test_callbacks_and_partitioners_are_called_inside(sim: ks.Simulation) -> None:
    sim.create_topic("t", partitions=4)
    asked = []

    def partitioner(key: bytes | None, all_partitions: list[int], available: list[int]) -> int:
        asked.append((key, all_partitions, available))
        return 2

    producer = sim.producer(partitioner=partitioner)
    told: list[ks.RecordMetadata] = []
    producer.send("t", b"a", key=b"k").add_callback(told.append)
    producer.flush()
    sim.run_for(1)
    assert [metadata.partition for metadata in told] == [2]
    assert asked == [(b"k", [0, 1, 2, 3], [0, 1, 2, 3])]
    sim.fork()
    assert len(told) == 1, "a replay does not tell again"


def test_a_partitioners_exception_comes_out(sim: ks.Simulation) -> None:
    def broken(*_: object) -> int:
        raise LookupError("no such partition")

    producer = sim.producer(partitioner=broken)
    with pytest.raises(ks.errors.KafkaError, match="LookupError: no such partition"):
        producer.send("t", b"a")


def test_what_cannot_be_is_said(sim: ks.Simulation) -> None:
    with pytest.raises(
        ValueError, match="policy 'chaos': expected 'round_robin', 'random' or 'pct'"
    ):
        ks.Simulation(policy="chaos")
    with pytest.raises(ks.errors.KafkaConfigurationError):
        ks.Simulation(config={"log.segment.bites": 1})
    sim.producer(name="p")
    with pytest.raises(ks.errors.InvalidRequestError, match="p is running"):
        sim.producer(name="p")
    with pytest.raises(ks.errors.NoBrokersAvailable):
        sim.producer(bootstrap_servers="broker-1:1")


def run_flights(seed: int) -> str:
    """The demo's first 10,000 departures through a simulated broker; the trace's digest."""
    sim = ks.Simulation(seed=seed)
    sim.create_topic("flights", partitions=6)
    producer = sim.producer(linger_ms=5)
    total = 10_000
    for flight in flights(total):
        producer.send("flights", flight.value, key=flight.origin, timestamp_ms=flight.timestamp_ms)
    producer.flush()
    consumer = sim.consumer("flights", auto_offset_reset="earliest")
    read = 0
    while read < total:
        for partition, records in consumer.poll(1000).items():
            assert records[0].offset == consumer.position(partition) - len(records)
            read += len(records)
    return sim.trace.digest()


def test_ten_thousand_flights_have_one_trace() -> None:
    assert run_flights(1) == run_flights(1)


def digest_in_python(seed: int) -> str:
    """The scenario of tests/simulation/digests.cpp, call for call."""
    sim = ks.Simulation(seed=seed, policy=["round_robin", "random", "pct"][seed % 3])
    sim.network.weather(partial=0.2)
    producer = sim.producer()
    for value in (b"a", b"b", b"c"):
        producer.send("t", value).get()
    sim.broker(1).crash()
    sim.run_for(1)
    sim.broker(1).start()
    producer.send("t", b"d").get()
    return sim.trace.digest()


def test_python_and_cpp_make_the_same_traces() -> None:
    digests = ROOT / "build/release/cpp/simulation/simulation_digests"
    if not digests.exists():
        pytest.skip(f"{digests} is not built")
    output = subprocess.run([digests, "50"], check=True, capture_output=True, text=True).stdout
    in_cpp = dict(line.split() for line in output.splitlines())
    assert len(set(in_cpp.values())) == 50
    assert {str(seed): digest_in_python(seed) for seed in range(1, 51)} == in_cpp
