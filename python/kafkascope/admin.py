"""KafkaAdminClient: topics, partitions, configurations, log directories. Names and arguments are kafka-python's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import IntEnum
from typing import Any

from kafkascope import _core
from kafkascope.client import Client, bootstrap_failure, make_core, split_arguments
from kafkascope.errors import KafkaConfigurationError, for_code
from kafkascope.structs import NewTopic, TopicPartition

__all__ = ["ConfigResource", "ConfigResourceType", "KafkaAdminClient", "NewPartitions"]


class ConfigResourceType(IntEnum):
    """What a configuration belongs to."""

    TOPIC = 2
    BROKER = 4


class ConfigResource:
    """A topic or broker, with settings to change or the keys to read.

    Args:
        resource_type: ConfigResourceType, or "topic" or "broker".
        name: the topic's name, or the broker's id.
        configs: key -> new value (None deletes it), or a list of keys to read.
    """

    def __init__(
        self,
        resource_type: ConfigResourceType | str,
        name: str | int,
        configs: Mapping[str, str | None] | Sequence[str] | None = None,
    ) -> None:
        if isinstance(resource_type, str):
            try:
                resource_type = ConfigResourceType[resource_type.upper()]
            except KeyError:
                raise ValueError(
                    f"resource_type {resource_type!r}: expected 'topic' or 'broker'"
                ) from None
        self.resource_type = resource_type
        self.name = str(name)
        self.configs = configs

    def __repr__(self) -> str:
        return f"ConfigResource({self.resource_type.name}, {self.name!r})"


class NewPartitions:
    """A topic's new number of partitions, and the brokers of the added ones where they are to be chosen."""

    def __init__(self, total_count: int, new_assignments: list[list[int]] | None = None) -> None:
        self.total_count = total_count
        self.new_assignments = new_assignments


class KafkaAdminClient(Client):
    """Creates, changes and describes what a cluster holds.

    Every call raises the exception of the first failed item (`raise_errors=False` returns the codes instead), and
    KafkaTimeoutError when the brokers do not answer in time.

    >>> with KafkaAdminClient(bootstrap_servers="127.0.0.1:9092") as admin:
    ...     admin.create_topics([NewTopic("flights", num_partitions=6, replication_factor=1)])
    """

    def __init__(self, **configs: Any) -> None:
        own, settings = split_arguments("admin", configs, ())
        self._core: _core.Admin = make_core(_core.RealAdmin, _core.SimAdmin, own, settings)
        with bootstrap_failure(self._core):
            self._core.bootstrap()

    def create_topics(
        self,
        new_topics: Sequence[NewTopic],
        timeout_ms: int | None = None,
        validate_only: bool = False,
        raise_errors: bool = True,
    ) -> dict[str, dict[str, Any]]:
        """Creates topics; with `validate_only` only says whether it could.

        Returns:
            topic -> error_code, error_message.
        """
        topics = [
            (
                topic.name,
                topic.num_partitions,
                topic.replication_factor,
                topic.replica_assignments,
                topic.topic_configs,
            )
            for topic in new_topics
        ]
        return _checked(self._core.create_topics(topics, timeout_ms, validate_only), raise_errors)

    def delete_topics(
        self, topics: Sequence[str], timeout_ms: int | None = None, raise_errors: bool = True
    ) -> dict[str, dict[str, Any]]:
        """Deletes topics with all that is in them."""
        return _checked(self._core.delete_topics(list(topics), timeout_ms), raise_errors)

    def create_partitions(
        self,
        topic_partitions: Mapping[str, NewPartitions | int],
        timeout_ms: int | None = None,
        validate_only: bool = False,
        raise_errors: bool = True,
    ) -> dict[str, dict[str, Any]]:
        """Raises topics' numbers of partitions."""
        wanted = {
            topic: (new, None) if isinstance(new, int) else (new.total_count, new.new_assignments)
            for topic, new in topic_partitions.items()
        }
        return _checked(
            self._core.create_partitions(wanted, timeout_ms, validate_only), raise_errors
        )

    def delete_records(
        self, records_to_delete: Mapping[TopicPartition, int], timeout_ms: int | None = None
    ) -> dict[TopicPartition, dict[str, Any]]:
        """Forgets the records before an offset (-1: all of them).

        Returns:
            partition -> low_watermark (the first offset left), error_code.
        """
        found = self._core.delete_records(
            {p: offset for p, offset in records_to_delete.items()}, timeout_ms
        )
        return {
            TopicPartition(*partition): entry for partition, entry in _checked(found, True).items()
        }

    def list_topics(self) -> list[str]:
        """The names of all topics."""
        return self._core.list_topics()

    def describe_topics(self, topics: Sequence[str] | None = None) -> list[dict[str, Any]]:
        """Ids, partitions, leaders, replicas of these topics, or of all."""
        return self._core.describe_topics(None if topics is None else list(topics))

    def describe_cluster(self) -> dict[str, Any]:
        """cluster_id, controller_id and the brokers (node_id, host, port, rack)."""
        return self._core.describe_cluster()

    def describe_configs(
        self, config_resources: Sequence[ConfigResource], include_synonyms: bool = False
    ) -> dict[str, dict[str, dict[str, Any]]]:
        """Resource name -> key -> value, source, is_read_only, is_sensitive, type, documentation."""
        wanted = [
            (
                int(resource.resource_type),
                resource.name,
                None if resource.configs is None else list(resource.configs),
            )
            for resource in config_resources
        ]
        return self._core.describe_configs(wanted, include_synonyms)

    def alter_configs(
        self,
        config_resources: Sequence[ConfigResource],
        validate_only: bool = False,
        incremental: bool = True,
    ) -> dict[str, dict[str, Any]]:
        """Changes the named settings and leaves the others; with `incremental=False` the others go to defaults."""
        wanted = []
        for resource in config_resources:
            if not isinstance(resource.configs, Mapping):
                raise KafkaConfigurationError(
                    f"{resource}: configs must map keys to values, got {resource.configs!r}"
                )
            wanted.append((int(resource.resource_type), resource.name, dict(resource.configs)))
        return _checked(self._core.alter_configs(wanted, validate_only, incremental), True)

    def describe_log_dirs(self) -> list[dict[str, Any]]:
        """Each broker's log directories with the size of every partition in them."""
        return self._core.describe_log_dirs()

    def list_partition_offsets(
        self, topic_partition_specs: Mapping[TopicPartition, int], timeout_ms: int | None = None
    ) -> dict[TopicPartition, dict[str, Any]]:
        """Offsets by a time in milliseconds, or -2 earliest, -1 latest, -3 that of the largest timestamp."""
        found = self._core.list_offsets(
            {p: spec for p, spec in topic_partition_specs.items()}, timeout_ms
        )
        return {TopicPartition(*partition): entry for partition, entry in found.items()}

    def close(self) -> None:
        """Ends all connections. Idempotent."""
        if not self._closed:
            self._closed = True
            self._core.close(None)


def _checked(results: dict[Any, dict[str, Any]], raise_errors: bool) -> dict[Any, dict[str, Any]]:
    """The results, or the exception of the first that failed."""
    for name, result in results.items():
        if raise_errors and result["error_code"] != 0:
            raise for_code(result["error_code"])(
                f"{name}: {result.get('error_message') or 'failed'}"
            )
    return results
