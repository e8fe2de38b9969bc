"""kafkascope: a whole Kafka in C++20 that a person can run, read and take apart from Python.

    import kafkascope as ks

    with ks.LocalCluster() as cluster:                    # a real broker, on real sockets, in this process
        producer = ks.KafkaProducer(bootstrap_servers=cluster.bootstrap_servers)
        producer.send("flights", key=b"JFK", value=b"...").get(timeout=5)

    sim = ks.Simulation(seed=7)                           # the same code in virtual time
    sim.producer().send("flights", key=b"JFK", value=b"...").get()
    sim.step()

Names are loaded when they are first used, so that `import kafkascope` stays quick.
"""

from __future__ import annotations

__version__ = "0.1.0"

# As typing.TYPE_CHECKING, to type checkers too; without loading typing into a process that only runs a broker.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from kafkascope import errors, log, protocol, purgatory, record, viz
    from kafkascope.admin import KafkaAdminClient
    from kafkascope.cluster import LocalCluster
    from kafkascope.consumer import KafkaConsumer
    from kafkascope.interceptor import ConsumerInterceptor, ProducerInterceptor
    from kafkascope.leader_selector import (
        PartitionElection,
        PartitionLeaderSelector,
        SelectedLeader,
    )
    from kafkascope.live_log import UnifiedLog
    from kafkascope.log import open as open_log
    from kafkascope.producer import KafkaProducer
    from kafkascope.serializer import (
        Deserializer,
        JsonDeserializer,
        JsonSerializer,
        Serializer,
        StringDeserializer,
        StringSerializer,
    )
    from kafkascope.simulation import Simulation
    from kafkascope.structs import (
        ConsumerRecord,
        NewTopic,
        OffsetAndMetadata,
        OffsetAndTimestamp,
        ProducerRecord,
        RecordMetadata,
        TopicPartition,
    )
    from kafkascope.zookeeper import ZooKeeperServer
    from kafkascope.zookeeper_client import ZooKeeperClient

_HOMES = {
    "ConsumerInterceptor": "interceptor",
    "ConsumerRecord": "structs",
    "Deserializer": "serializer",
    "JsonDeserializer": "serializer",
    "JsonSerializer": "serializer",
    "KafkaAdminClient": "admin",
    "KafkaConsumer": "consumer",
    "KafkaProducer": "producer",
    "LocalCluster": "cluster",
    "NewTopic": "structs",
    "OffsetAndMetadata": "structs",
    "OffsetAndTimestamp": "structs",
    "PartitionElection": "leader_selector",
    "PartitionLeaderSelector": "leader_selector",
    "ProducerInterceptor": "interceptor",
    "ProducerRecord": "structs",
    "RecordMetadata": "structs",
    "SelectedLeader": "leader_selector",
    "Serializer": "serializer",
    "Simulation": "simulation",
    "StringDeserializer": "serializer",
    "StringSerializer": "serializer",
    "TopicPartition": "structs",
    "UnifiedLog": "live_log",
    "ZooKeeperClient": "zookeeper_client",
    "ZooKeeperServer": "zookeeper",
    "open_log": "log",
}
_MODULES = ("errors", "log", "protocol", "purgatory", "record", "viz")

__all__ = [
    "ConsumerInterceptor",
    "ConsumerRecord",
    "Deserializer",
    "JsonDeserializer",
    "JsonSerializer",
    "KafkaAdminClient",
    "KafkaConsumer",
    "KafkaProducer",
    "LocalCluster",
    "NewTopic",
    "OffsetAndMetadata",
    "OffsetAndTimestamp",
    "PartitionElection",
    "PartitionLeaderSelector",
    "ProducerInterceptor",
    "ProducerRecord",
    "RecordMetadata",
    "SelectedLeader",
    "Serializer",
    "Simulation",
    "StringDeserializer",
    "StringSerializer",
    "TopicPartition",
    "UnifiedLog",
    "ZooKeeperClient",
    "ZooKeeperServer",
    "errors",
    "log",
    "open_log",
    "protocol",
    "purgatory",
    "record",
    "viz",
]


def __getattr__(name: str) -> Any:
    import importlib

    if name in _MODULES:
        return importlib.import_module(f"kafkascope.{name}")
    if name in _HOMES:
        home = importlib.import_module(f"kafkascope.{_HOMES[name]}")
        value = getattr(home, {"open_log": "open"}.get(name, name))
        globals()[name] = value
        return value
    raise AttributeError(f"module 'kafkascope' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*__all__, "__version__"])
