"""What the records of Kafka's own topics say, as kafka-dump-log prints it."""

from __future__ import annotations

import base64
import json
import re
import struct
from collections.abc import Callable
from typing import Any

from kafkascope import _core
from kafkascope.errors import KafkaError
from kafkascope.protocol import decode
from kafkascope.record import Record

__all__ = [
    "Decoder",
    "compact_json",
    "metadata_decoder",
    "offsets_decoder",
    "string_decoder",
    "transaction_decoder",
]

Decoder = Callable[[Record], tuple[str | None, str | None]]
"""A record -> what is printed of its key and of its value."""


def _text(data: bytes | None) -> str | None:
    return None if data is None else data.decode("utf-8", "replace")


def compact_json(value: dict[str, Any]) -> str:
    """As Kafka's tools print messages."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def _versioned(name: str, data: bytes) -> tuple[int, dict[str, Any]]:
    (version,) = struct.unpack_from(">h", data)
    return version, decode(name, version, data[2:])


def string_decoder(record: Record) -> tuple[str | None, str | None]:
    """Keys and values as UTF-8."""
    return _text(record.key), _text(record.value)


# Of __consumer_offsets, by the version of the key.
_GROUP_RECORDS = {
    0: "OffsetCommit",
    1: "OffsetCommit",
    2: "GroupMetadata",
    3: "ConsumerGroupMetadata",
    4: "ConsumerGroupPartitionMetadata",
    5: "ConsumerGroupMemberMetadata",
    6: "ConsumerGroupTargetAssignmentMetadata",
    7: "ConsumerGroupTargetAssignmentMember",
    8: "ConsumerGroupCurrentMemberAssignment",
}


def _open_members(group: dict[str, Any]) -> None:
    """The subscription and assignment of a consumer's member are messages of their own."""
    if group.get("protocolType") != "consumer":
        return
    for member in group.get("members", []):
        for field, name in (("subscription", "Subscription"), ("assignment", "Assignment")):
            try:
                data = base64.b64decode(member[field])
                member[field] = _versioned(f"ConsumerProtocol{name}", data)[1]
            except (KafkaError, struct.error):
                pass  # somebody else's bytes stay as they are


def offsets_decoder(record: Record) -> tuple[str | None, str | None]:
    """Records of __consumer_offsets.

    Raises:
        ValueError: a record without a key.
    """
    if record.key is None:
        raise ValueError(f"the message at offset {record.offset} has no key: no record of offsets")
    try:
        (kind,) = struct.unpack_from(">h", record.key)
        if kind not in _GROUP_RECORDS:
            return f"Unknown record type {kind} at offset {record.offset}, skipping.", None
        key = decode(f"{_GROUP_RECORDS[kind]}Key", kind, record.key[2:])
        text = compact_json({"type": str(kind), "data": key})
        if record.value is None:
            return text, "<DELETE>"
        version, value = _versioned(f"{_GROUP_RECORDS[kind]}Value", record.value)
        if kind == 2:
            _open_members(value)
        return text, compact_json({"version": str(version), "data": value})
    except (KafkaError, struct.error) as error:
        return f"Error at offset {record.offset}, skipping. {error}", None


_TXN_STATES = (
    "Empty",
    "Ongoing",
    "PrepareCommit",
    "PrepareAbort",
    "CompleteCommit",
    "CompleteAbort",
    "Dead",
    "PrepareEpochFence",
)


def transaction_decoder(record: Record) -> tuple[str | None, str | None]:
    """Records of __transaction_state."""
    _, key = _versioned("TransactionLogKey", record.key or b"")
    text = f"transaction_metadata::transactionalId={key['transactionalId']}"
    if record.value is None:
        return text, "<DELETE>"
    _, value = _versioned("TransactionLogValue", record.value)
    partitions = ",".join(
        f"{topic['topic']}-{partition}"
        for topic in value["transactionPartitions"] or []
        for partition in topic["partitionIds"]
    )
    return text, (
        f"producerId:{value['producerId']},producerEpoch:{value['producerEpoch']},"
        f"state={_TXN_STATES[value['transactionStatus']]},partitions=[{partitions}],"
        f"txnLastUpdateTimestamp={value['transactionLastUpdateTimestampMs']},"
        f"txnTimeoutMs={value['transactionTimeoutMs']}"
    )


def _unsigned_varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
        shift += 7


def metadata_decoder(record: Record) -> tuple[str | None, str | None]:
    """Records of __cluster_metadata."""
    data = record.value or b""
    try:
        frame, at = _unsigned_varint(data, 0)
        if frame != 1:
            return (
                None,
                f"Error at {record.offset}, skipping. Could not deserialize frame version {frame}",
            )
        kind, at = _unsigned_varint(data, at)
        version, at = _unsigned_varint(data, at)
        name = _core.protocol_metadata_records()[kind]
        value = decode(name, version, data[at:])
    except (KafkaError, LookupError) as error:
        return None, f"Error at {record.offset}, skipping. {error}"
    kind_name = re.sub(r"(?<!^)(?=[A-Z])", "_", name).upper()
    return None, compact_json({"type": kind_name, "version": version, "data": value})
