"""kafkascope.protocol: messages as dicts and as byte trees, held against bytes that Apache Kafka encoded."""

from __future__ import annotations

import gzip
import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from kafkascope import errors, protocol

VECTORS = Path(__file__).parent.parent / "data" / "vectors" / "rpc.jsonl.gz"


def vectors(name: str) -> list[dict[str, Any]]:
    with gzip.open(VECTORS, "rt") as lines:
        return [
            v
            for v in map(json.loads, lines)
            if v["name"] == name and "unknownTaggedFields" not in v
        ]


@pytest.mark.parametrize("name", ["ProduceRequest", "FetchResponse", "MetadataResponse"])
def test_vectors_both_ways(name: str) -> None:
    found = vectors(name)
    assert len(found) > 20
    for vector in found:
        data = bytes.fromhex(vector["hex"])
        assert protocol.decode(name, vector["version"], data) == vector["json"]
        assert protocol.encode(name, vector["version"], vector["json"]) == data


def test_dissection_names_every_byte() -> None:
    body = protocol.encode(
        "ApiVersionsRequest", 3, {"clientSoftwareName": "me", "clientSoftwareVersion": "1"}
    )
    header = bytes.fromhex("00120003000000010002") + b"me\x00"
    tree = protocol.dissect(header + body)
    leaves: list[tuple[int, int]] = []

    def walk(node: dict[str, Any]) -> None:
        if not node["children"]:
            leaves.append((node["begin"], node["end"]))
        for child in node["children"]:
            walk(child)

    walk(tree.to_dict())
    assert leaves[0][0] == 0 and leaves[-1][1] == len(header + body)
    assert all(end == begin for (_, end), (begin, _) in pairwise(leaves))
    assert "clientSoftwareName" in str(tree)
    assert tree._repr_html_().startswith("<img src=")


def test_a_response_says_what_it_answers() -> None:
    body = protocol.encode("HeartbeatResponse", 4, {"throttleTimeMs": 0, "errorCode": 27})
    text = str(protocol.dissect(bytes(4) + b"\x00" + body, response_to=("Heartbeat", 4)))
    assert "errorCode: int16 27" in text


def test_mistakes_are_named() -> None:
    with pytest.raises(errors.InvalidRequestError, match="no message is called Nonsense"):
        protocol.encode("Nonsense", 0, {})
    with pytest.raises(errors.UnsupportedVersionError, match="expected 0 to 11"):
        protocol.encode("ProduceRequest", 99, {})
    with pytest.raises(errors.InvalidRequestError, match="acks: 70000 is not between"):
        protocol.encode("ProduceRequest", 9, {"acks": 70000})
    with pytest.raises(errors.InvalidRequestError, match="has no such field"):
        protocol.encode("ProduceRequest", 9, {"akcs": 1})
    with pytest.raises(errors.InvalidRequestError, match="at byte"):
        protocol.decode("MetadataRequest", 1, b"\x00\x00\x03\xe8")
    with pytest.raises(TypeError, match="base64"):
        protocol.encode("ProduceRequest", 9, {"transactionalId": b"x"})
