"""Durations as people write them: "10 s", "500 ms"."""

from __future__ import annotations

import re

_UNITS = {"us": 1e-6, "ms": 1e-3, "s": 1.0, "min": 60.0, "h": 3600.0, "d": 86400.0}


def to_seconds(duration: float | str) -> float:
    """Seconds of a number (seconds already) or of a text with a unit.

    >>> to_seconds("500 ms")
    0.5
    """
    if isinstance(duration, str):
        match = re.fullmatch(r"\s*([0-9.]+)\s*([a-z]+)\s*", duration)
        if match is None or match[2] not in _UNITS:
            raise ValueError(
                f"duration {duration!r}: expected a number and one of {', '.join(_UNITS)}"
            )
        return float(match[1]) * _UNITS[match[2]]
    if duration < 0:
        raise ValueError(f"duration {duration}: expected 0 or more")
    return float(duration)
