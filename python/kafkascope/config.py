"""From keyword arguments to Kafka's configuration keys.

Every client takes Kafka's keys in snake_case (`linger_ms=5`), Kafka's own spelling (`**{"linger.ms": 5}`, or
`config={"linger.ms": 5}`), and the keys of kafka-python. A key that is refused says why.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from typing import Any

from kafkascope import _core
from kafkascope.errors import KafkaConfigurationError

# kafka-python's keys under other names than Kafka's.
_RENAMED = {
    "max_in_flight_requests_per_connection": "max.in.flight.requests.per.connection",
    "receive_buffer_bytes": "receive.buffer.bytes",
    "send_buffer_bytes": "send.buffer.bytes",
}

# kafka-python's keys that change nothing here, each with its reason.
_WITHOUT_EFFECT = {
    "api_version": "versions are negotiated with every broker",
    "kafka_client": "the network client is part of the C++ core",
    "selector": "the network thread is part of the C++ core",
    "socket_options": "TCP_NODELAY is always on",
    "metrics_enabled": "metrics are always kept; they cost one atomic addition",
    "bootstrap_timeout_ms": "the first call that needs a broker waits for it",
    "receive_message_max_bytes": "a response is bounded by fetch_max_bytes",
    "exclude_internal_topics": "a pattern never matches internal topics",
    "metric_group_prefix": "metrics carry Kafka's own names",
    "enable_incremental_fetch_sessions": "the broker decides",
}

_REFUSED = {
    "proxy_url": "proxies are not supported",
    "socks5_proxy": "proxies are not supported",
    "ssl_context": "TLS is not available yet",
    "ssl_cafile": "TLS is not available yet",
    "ssl_certfile": "TLS is not available yet",
    "ssl_keyfile": "TLS is not available yet",
}


def kafka_config(kind: str, arguments: Mapping[str, Any]) -> dict[str, str]:
    """Kafka's keys and string values for a client's keyword arguments.

    Args:
        kind: "producer", "consumer" or "admin".
        arguments: snake_case or dotted keys; `config` may hold a mapping of further ones.

    Raises:
        KafkaConfigurationError: an unknown key (with the nearest known one), or one that is refused.
    """
    known = _core.config_keys(kind)
    result: dict[str, str] = {}
    extra = arguments.get("config") or {}
    for name, value in [*((k, v) for k, v in arguments.items() if k != "config"), *extra.items()]:
        if name in _REFUSED and value is not None:
            raise KafkaConfigurationError(f"{name}: {_REFUSED[name]}")
        if name in _WITHOUT_EFFECT or name in _REFUSED:
            continue
        key = _RENAMED.get(name, name.replace("_", "."))
        if key not in known:
            raise KafkaConfigurationError(unknown_key(kind, name, known))
        if value is not None:
            result[key] = text(value)
    return result


def unknown_key(kind: str, name: str, known: Iterable[str]) -> str:
    """The sentence for a key that Kafka does not have."""
    snake = {key.replace(".", "_"): key for key in known}
    close = difflib.get_close_matches(name.replace(".", "_"), snake, n=1)
    hint = "" if not close else f"; did you mean {snake[close[0]] if '.' in name else close[0]}?"
    return f"{name}: no such {kind} configuration{hint}"


def text(value: Any) -> str:
    """A value in the spelling of a properties file."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (list, tuple, set)):
        return ",".join(text(item) for item in value)
    return str(value)
