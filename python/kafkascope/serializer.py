"""Serializers and deserializers: between a program's objects and the bytes of a record's key and value."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any

Headers = list[tuple[str, bytes]]


class Serializer(ABC):
    """Turns keys or values into bytes. A plain function of one argument does as well."""

    @abstractmethod
    def serialize(self, topic: str, headers: Headers | None, data: Any) -> bytes | None:
        """The bytes for `data`; None stays None (a tombstone in a compacted topic)."""

    def close(self) -> None:  # noqa: B027  (nothing to close is the usual case)
        """Called once when the client closes."""


class Deserializer(ABC):
    """Turns bytes into keys or values. A plain function of one argument does as well."""

    @abstractmethod
    def deserialize(self, topic: str, headers: Headers | None, data: bytes | None) -> Any:
        """The object for `data`."""

    def close(self) -> None:  # noqa: B027  (nothing to close is the usual case)
        """Called once when the client closes."""


class StringSerializer(Serializer):
    """str to bytes (Kafka's StringSerializer)."""

    def __init__(self, encoding: str = "utf-8") -> None:
        self.encoding = encoding

    def serialize(self, topic: str, headers: Headers | None, data: str | None) -> bytes | None:
        return None if data is None else data.encode(self.encoding)


class StringDeserializer(Deserializer):
    """Bytes to str."""

    def __init__(self, encoding: str = "utf-8") -> None:
        self.encoding = encoding

    def deserialize(self, topic: str, headers: Headers | None, data: bytes | None) -> str | None:
        return None if data is None else data.decode(self.encoding)


class JsonSerializer(Serializer):
    """Anything that `json` takes, to compact UTF-8 bytes."""

    def serialize(self, topic: str, headers: Headers | None, data: Any) -> bytes | None:
        if data is None:
            return None
        return json.dumps(data, separators=(",", ":"), ensure_ascii=False).encode()


class JsonDeserializer(Deserializer):
    """UTF-8 JSON to objects."""

    def deserialize(self, topic: str, headers: Headers | None, data: bytes | None) -> Any:
        return None if data is None else json.loads(data)


SerializerLike = Serializer | Callable[[Any], "bytes | None"] | None
DeserializerLike = Deserializer | Callable[["bytes | None"], Any] | None
