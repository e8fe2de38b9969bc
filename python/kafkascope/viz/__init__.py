"""Pictures of Kafka's mechanisms: one module a kind, each drawing from a plain dict.

A picture reaches a notebook as an `<img>` of an SVG data URL with alt text, and a `<details>` table of the same
facts: the one form that untrusted notebooks, nbconvert, Sphinx and marimo all show.
"""

from kafkascope.viz.batch import draw_batch
from kafkascope.viz.compaction import draw_compaction
from kafkascope.viz.controller import draw_controller
from kafkascope.viz.frame import draw_frame
from kafkascope.viz.log import draw_log
from kafkascope.viz.partition import draw_partition
from kafkascope.viz.picture import Picture
from kafkascope.viz.sequence import draw_sequence
from kafkascope.viz.timing_wheel import draw_timing_wheel

__all__ = [
    "Picture",
    "draw_batch",
    "draw_compaction",
    "draw_controller",
    "draw_frame",
    "draw_log",
    "draw_partition",
    "draw_sequence",
    "draw_timing_wheel",
]
