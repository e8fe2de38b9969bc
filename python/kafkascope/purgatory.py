"""Where requests wait: the timing wheel that ends their time, and the purgatories of a running broker.

>>> timer = SystemTimer(tick_ms=1, wheel_size=20)
>>> fetch = timer.add("fetch flights-0", delay_ms=500)     # beyond the first wheel: the second one takes it
>>> timer.advance_clock(500)
['fetch flights-0']
"""

from __future__ import annotations

from typing import Any

from kafkascope import _core
from kafkascope.viz import Picture, draw_timing_wheel

__all__ = ["DelayedOperationPurgatory", "SystemTimer", "TimerTask"]

TimerTask = _core.TimerTask


class SystemTimer:
    """The broker's timer, over a clock that stands still until `advance_clock` moves it. Draws its wheels.

    Args:
        tick_ms: milliseconds that a bucket of the finest wheel spans.
        wheel_size: buckets in a wheel. A wheel above it has a tick as long as this whole wheel.
    """

    def __init__(self, tick_ms: int = 1, wheel_size: int = 20) -> None:
        if tick_ms < 1 or wheel_size < 1:
            raise ValueError(f"tick_ms={tick_ms}, wheel_size={wheel_size}: both must be 1 or more")
        self._core = _core.SystemTimer(tick_ms, wheel_size)

    def add(self, name: str, delay_ms: int) -> TimerTask:
        """A task that is due in `delay_ms`; its `cancel()` takes it out again."""
        if delay_ms < 0:
            raise ValueError(f"delay_ms={delay_ms}: must be 0 or more")
        return self._core.add(name, delay_ms)

    def advance_clock(self, ms: int) -> list[str]:
        """Moves the clock on, and returns the names of the tasks that became due, in their order."""
        if ms < 0:
            raise ValueError(f"ms={ms}: time does not go back")
        return self._core.advance_clock(ms)

    @property
    def now_ms(self) -> int:
        """The clock, which starts at 0."""
        return int(self.to_dict()["now_ms"])

    def __len__(self) -> int:
        return int(self.to_dict()["size"])

    def to_dict(self) -> dict[str, Any]:
        """now_ms, size, and levels, each with tick_ms, wheel_size, current_time_ms and buckets with tasks."""
        return self._core.to_dict()

    def picture(self) -> Picture:
        """The wheels, finest first."""
        return draw_timing_wheel(self.to_dict())

    def _repr_html_(self) -> str:
        return self.picture().html()

    def __repr__(self) -> str:
        return f"<SystemTimer at {self.now_ms} ms, {len(self)} waiting>"


class DelayedOperationPurgatory:
    """What waited in a purgatory of a running broker when it was looked at. Draws its timer."""

    def __init__(self, facts: dict[str, Any]) -> None:
        self._facts = facts

    @property
    def name(self) -> str:
        """Its name: "Fetch" or "Produce"."""
        return str(self._facts["name"])

    @property
    def watchers(self) -> dict[str, list[str]]:
        """Key to the operations that are watched under it."""
        return dict(self._facts["watchers"])

    def __len__(self) -> int:
        return int(self._facts["delayed"])

    def to_dict(self) -> dict[str, Any]:
        """name, watched, delayed, watchers, timer."""
        return self._facts

    def picture(self) -> Picture:
        """The wheels of its timer."""
        return draw_timing_wheel(self._facts["timer"])

    def _repr_html_(self) -> str:
        return self.picture().html()

    def __repr__(self) -> str:
        return f"<DelayedOperationPurgatory {self.name}, {len(self)} waiting>"
