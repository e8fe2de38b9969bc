"""Three simulated brokers from Python: an election step by step, failovers, rewound and forked."""

from __future__ import annotations

import pytest

import kafkascope as ks

TOPIC = "t"


@pytest.fixture
def sim() -> ks.Simulation:
    made = ks.Simulation(seed=7, brokers=3, config={"replica.lag.time.max.ms": 5000})
    made.create_topic(TOPIC, partitions=1, replication_factor=3)
    return made


def partition(sim: ks.Simulation) -> dict[str, object]:
    """As a client is told."""
    with sim.admin() as admin:
        told = admin.describe_topics([TOPIC])[0]["partitions"][0]
    return {
        "leader": told["leader_id"],
        "replicas": told["replica_nodes"],
        "isr": told["isr_nodes"],
    }


def leader(sim: ks.Simulation) -> int:
    found = partition(sim)["leader"]
    assert isinstance(found, int)
    return found


def controller(sim: ks.Simulation) -> int:
    [owner] = [s for s in sim.zookeeper.sessions() if "/controller" in s["ephemerals"]]
    [registered] = [p for p in owner["ephemerals"] if p.startswith("/brokers/ids/")]
    return int(registered.rpartition("/")[2])


def test_an_election_step_by_step(sim: ks.Simulation) -> None:
    first = leader(sim)
    producer = sim.producer(acks="all")
    assert producer.send(TOPIC, b"a").get().offset == 0
    sim.broker(first).crash()
    elected = sim.run_until("LeaderElected", partition=f"{TOPIC}-0")
    assert elected is not None
    assert elected.fields["leader"] != first
    assert elected.fields["leader_epoch"] >= 1
    assert elected.fields["why"] == "OfflinePartitionLeaderSelector"
    became = sim.run_until("BecameLeader", partition=f"{TOPIC}-0")
    assert became is not None
    assert became.node == f"broker-{elected.fields['leader']}"
    assert "RequestReceived" in {cause.kind for cause in sim.trace.why(became)}
    assert producer.send(TOPIC, b"b").get().offset == 1
    sim.broker(first).start()
    sim.run_until("IsrExpanded", partition=f"{TOPIC}-0")
    assert sim.broker(first).partition(TOPIC, 0)["log_end_offset"] == 2


def test_a_controller_failover(sim: ks.Simulation) -> None:
    before = controller(sim)
    sim.broker(before).crash()
    elected = sim.run_until("ControllerElected")
    assert elected is not None
    assert elected.fields["broker"] != before
    assert elected.fields["epoch"] == 2
    assert elected.node == f"broker-{elected.fields['broker']}"
    sim.run_for("1 s")
    assert controller(sim) == elected.fields["broker"]


def test_a_lost_session_is_made_anew(sim: ks.Simulation) -> None:
    other = next(id for id in (1, 2, 3) if id != controller(sim))
    before = sim.zookeeper.get(f"/brokers/ids/{other}")
    sim.zookeeper.expire_session(other)
    registered = sim.run_until("BrokerRegistered", broker=other)
    assert registered is not None
    assert before is not None
    assert registered.fields["epoch"] > before["czxid"]
    sim.run_for("1 s")
    sim.zookeeper.expire_session(other)
    sim.run_for("10 s")
    assert sorted(partition(sim)["isr"]) == [1, 2, 3]  # type: ignore[call-overload]


def test_an_isr_shrinks_and_grows(sim: ks.Simulation) -> None:
    follower = next(id for id in (1, 2, 3) if id not in (leader(sim), controller(sim)))
    producer = sim.producer(acks="all")
    producer.send(TOPIC, b"0").get()  # from now on it knows the leader
    sim.broker(follower).pause()
    sent = producer.send(TOPIC, b"a")
    shrunk = sim.run_until("IsrShrunk", partition=f"{TOPIC}-0", limit="2 min")
    assert shrunk is not None
    sim.run_until(lambda: sent.is_done)
    sim.broker(follower).resume()
    sim.run_until("IsrExpanded", partition=f"{TOPIC}-0", limit="2 min")


def test_rewound_and_forked_runs_are_the_same() -> None:
    sim = ks.Simulation(seed=11, brokers=3, policy="random")
    sim.create_topic(TOPIC, partitions=2, replication_factor=3)
    producer = sim.producer(acks="all")
    producer.send(TOPIC, b"a", partition=0).get()
    sim.broker(leader(sim)).crash()
    elected = sim.run_until("LeaderElected", partition=f"{TOPIC}-0")
    assert elected is not None
    sim.run_for("1 s")
    fork = sim.fork()
    assert fork.trace.digest() == sim.trace.digest()
    again = sim.rewind(to=elected)
    assert again.trace.events()[elected.id - 1] == elected
    for run in (sim, fork):
        run.run_for("30 s")
    assert fork.trace.digest() == sim.trace.digest()
    assert again.turns < sim.turns


def test_one_seed_is_one_run() -> None:
    def digest(seed: int) -> str:
        sim = ks.Simulation(seed=seed, brokers=3, policy="pct")
        sim.create_topic(TOPIC, replication_factor=3)
        sim.run_for("5 s")
        return sim.trace.digest()

    assert digest(1) == digest(1) != digest(2)


def test_one_broker_has_no_zookeeper() -> None:
    with pytest.raises(ValueError, match="without ZooKeeper: use brokers=2 or more"):
        ks.Simulation().zookeeper  # noqa: B018
    with pytest.raises(ValueError, match="brokers=0: expected at least 1"):
        ks.Simulation(brokers=0)
    with pytest.raises(ValueError, match="broker 4: this simulation has 1 to 3"):
        ks.Simulation(brokers=3).broker(4)
    with pytest.raises(ks.errors.KafkaConfigurationError, match=r"did you mean broker\.rack"):
        ks.Simulation(brokers=2, broker_config={1: {"broker.rak": "a"}})


def test_the_controller_is_seen(sim: ks.Simulation) -> None:
    active = controller(sim)
    seen = sim.broker(active).controller
    assert (seen.is_active, seen.active_controller_id, seen.epoch) == (True, active, 1)
    assert seen.state == "Idle"
    assert seen.partition_state_machine == {(TOPIC, 0): "OnlinePartition"}
    replicas = {(TOPIC, 0, id): "OnlineReplica" for id in (1, 2, 3)}
    assert seen.replica_state_machine == replicas
    assert [broker["broker"] for broker in seen.context["live_brokers"]] == [1, 2, 3]
    other = next(id for id in (1, 2, 3) if id != active)
    assert not sim.broker(other).controller.is_active
    assert "waits for" in repr(sim.broker(other).controller)
    sim.broker(other).crash()
    watched = sim.broker(active)
    lost = TOPIC, 0, other
    sim.run_until(
        lambda: watched.controller.replica_state_machine[lost] == "OfflineReplica", limit="1 min"
    )
    picture = sim.broker(active).controller.picture()
    assert "OfflineReplica" in picture.svg
    assert len(picture.rows) == 1
    with pytest.raises(ks.errors.IllegalStateError, match="stands alone, without a controller"):
        ks.Simulation().broker(1).controller  # noqa: B018


def test_a_partition_over_all_brokers(sim: ks.Simulation) -> None:
    producer = sim.producer(acks=1)
    producer.send(TOPIC, b"a").get()
    seen = sim.partition(TOPIC, 0)
    assert seen.leader == leader(sim)
    assert sorted(seen.in_sync_replica_ids) == [1, 2, 3]
    ends = {one["broker"]: one["log_end_offset"] for one in seen.replicas}
    assert ends[seen.leader] == 1
    sim.run_for("5 s")
    behind = sim.partition(TOPIC, 0)
    assert [
        (one["high_watermark"], one["log_end_offset"], one["lag"]) for one in behind.replicas
    ] == [(1, 1, 0)] * 3
    assert "HW 1, LEO 1" in behind.picture().svg
    follower = next(id for id in (1, 2, 3) if id != seen.leader)
    [thread] = sim.broker(follower).fetchers()["threads"]
    assert thread["leader"] == seen.leader
    assert thread["partitions"][0]["fetch_offset"] == 1
    sim.broker(follower).crash()
    [down] = [one for one in sim.partition(TOPIC, 0).replicas if one["broker"] == follower]
    assert down["log_end_offset"] is None
    with pytest.raises(
        ks.errors.UnknownTopicOrPartitionError, match="no broker that runs holds none-0"
    ):
        sim.partition("none", 0)


def test_a_broker_that_only_starts_says_so(sim: ks.Simulation) -> None:
    sim.zookeeper.crash()
    sim.broker(1).crash()
    sim.broker(1).start(wait=False)
    sim.run_for("1 s")
    with pytest.raises(ks.errors.InvalidRequestError, match="broker-1 does not serve now"):
        sim.broker(1).partition(TOPIC, 0)


class LastOfTheIsr(ks.PartitionLeaderSelector):
    """The other end of the list than Kafka's."""

    def select_leader(self, election: ks.PartitionElection) -> ks.SelectedLeader | None:
        isr = [broker for broker in election.isr if broker in election.online]
        return ks.SelectedLeader(isr[-1], isr) if isr else None


class Broken(ks.PartitionLeaderSelector):
    def select_leader(self, election: ks.PartitionElection) -> ks.SelectedLeader | None:
        raise LookupError(f"nobody for {election.topic}")


def test_a_selector_in_python_elects() -> None:
    sim = ks.Simulation(seed=5, brokers=3, leader_selectors={"offline": LastOfTheIsr()})
    sim.create_topic(TOPIC, replication_factor=3)
    sim.run_for("1 s")
    isr = sim.partition(TOPIC, 0).in_sync_replica_ids
    sim.broker(isr[0]).crash()
    elected = sim.run_until("LeaderElected", partition=f"{TOPIC}-0", why="LastOfTheIsr")
    assert elected is not None
    assert elected.fields["leader"] == isr[-1]
    assert sim.fork().trace.digest() == sim.trace.digest()


def test_a_selector_that_raises_is_told(capfd: pytest.CaptureFixture[str]) -> None:
    sim = ks.Simulation(seed=5, brokers=3, leader_selectors={"offline": Broken()})
    sim.create_topic(TOPIC, replication_factor=3)
    sim.run_for("1 s")
    sim.broker(sim.partition(TOPIC, 0).leader).crash()
    sim.run_for("30 s")
    assert sim.partition(TOPIC, 0).in_sync_replica_ids == []
    assert "leader selector Broken of t-0: LookupError: nobody for t" in capfd.readouterr().err
    with pytest.raises(ValueError, match="leader_selectors: 'online': expected 'offline'"):
        ks.Simulation(leader_selectors={"online": Broken()})
    with pytest.raises(TypeError, match="expected an object of a PartitionLeaderSelector"):
        ks.Simulation(leader_selectors={"offline": Broken})  # type: ignore[dict-item]


def test_an_election_as_a_sequence_diagram(sim: ks.Simulation) -> None:
    first, before = sim.partition(TOPIC, 0).leader, len(sim.trace)
    sim.broker(first).crash()
    elected = sim.run_until("LeaderElected", partition=f"{TOPIC}-0")
    became = sim.run_until("BecameLeader", partition=f"{TOPIC}-0")
    assert elected is not None
    assert became is not None
    picture = sim.trace.sequence(after=before, until=became.id)
    kinds = [row[2] for row in picture.rows]
    order = ["SessionExpired", "LeaderElected", "RequestSent", "RequestReceived", "BecameLeader"]
    rest = iter(kinds)
    assert all(kind in rest for kind in order)
    assert {"zookeeper", elected.node, became.node} <= {row[1] for row in picture.rows}
    alone = sim.trace.sequence("LeaderElected", after=elected.id - 1, until=elected.id)
    assert [row[2] for row in alone.rows] == ["LeaderElected"]
