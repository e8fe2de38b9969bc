"""Pictures draw from plain dicts, as well-formed SVG with alt text and the same facts as a table."""

from __future__ import annotations

import base64
import re
import xml.etree.ElementTree as ET
from typing import Any

import pytest

from kafkascope.viz import Picture, draw_batch, draw_frame, draw_log, draw_timing_wheel

LOG: dict[str, Any] = {
    "topic": "flights",
    "partition": 0,
    "log_start_offset": 0,
    "high_watermark": 15,
    "log_end_offset": 20,
    "segments": [
        {
            "base_offset": 0,
            "next_offset": 20,
            "size_bytes": 2000,
            "batches": [
                {
                    "base_offset": 0,
                    "last_offset": 9,
                    "position": 0,
                    "size_bytes": 900,
                    "codec": "none",
                },
                {
                    "base_offset": 10,
                    "last_offset": 19,
                    "position": 900,
                    "size_bytes": 1100,
                    "codec": "zstd",
                },
            ],
            "index_entries": [{"offset": 10, "position": 900}],
        }
    ],
}
FIELDS = [
    {"name": "base_offset", "begin": 0, "end": 8, "value": 0, "hex": "00" * 8},
    {"name": "<script>", "begin": 8, "end": 12, "value": "&", "hex": "00000031"},
]
BATCH: dict[str, Any] = {
    "magic": 2,
    "base_offset": 0,
    "last_offset": 9,
    "codec": "none",
    "fields": FIELDS,
}
FRAME: dict[str, Any] = {
    "name": "ProduceRequest", "type": "v9", "begin": 0, "end": 12, "value": "", "hex": "",
    "children": [{**field, "type": "int64", "children": []} for field in FIELDS],
}  # fmt: skip
WHEEL: dict[str, Any] = {
    "now_ms": 7,
    "size": 2,
    "levels": [
        {
            "tick_ms": 1,
            "wheel_size": 20,
            "current_time_ms": 7,
            "buckets": [{"index": 9, "expiration_ms": 9, "tasks": ["fetch-1", "fetch-2"]}],
        }
    ],
}

PICTURES = {
    "log": draw_log(LOG),
    "batch": draw_batch(BATCH),
    "frame": draw_frame(FRAME),
    "timing wheel": draw_timing_wheel(WHEEL),
}


@pytest.fixture(params=PICTURES.values(), ids=PICTURES.keys())
def picture(request: pytest.FixtureRequest) -> Picture:
    found: Picture = request.param
    return found


def test_is_well_formed_with_title_and_description(picture: Picture) -> None:
    root = ET.fromstring(picture.svg)
    assert root.get("role") == "img"
    names = [child.tag.rpartition("}")[2] for child in root]
    assert names[:3] == ["title", "desc", "rect"], (
        "a title, a description, then an opaque background"
    )


def test_reaches_a_notebook_as_an_image_with_alt_text_and_a_table(picture: Picture) -> None:
    html = picture._repr_html_()
    found = re.search(r'src="data:image/svg\+xml;base64,([^"]+)" alt="([^"]+)"', html)
    assert found
    assert base64.b64decode(found[1]).decode() == picture.svg
    assert "<details>" in html
    assert "<script" not in html and "<svg" not in html
    for cell in picture.rows[0]:
        assert str(cell) in html or "&" in html


def test_empty_things_draw_too() -> None:
    assert ET.fromstring(draw_log({**LOG, "segments": []}).svg) is not None
    assert ET.fromstring(draw_timing_wheel({"now_ms": 0, "size": 0, "levels": []}).svg) is not None


def test_log_tells_committed_batches_from_others() -> None:
    svg = draw_log(LOG).svg
    assert "offsets 10 to 19, 1100 bytes, zstd" in svg
    assert svg.count('stroke="#dc2626"') == 2, (
        "the high watermark is marked once, and in the legend"
    )


def test_log_with_everything_committed_marks_its_end() -> None:
    assert draw_log({**LOG, "high_watermark": 20}).svg.count('stroke="#dc2626"') == 2
    assert draw_log({**LOG, "high_watermark": None}).svg.count('stroke="#dc2626"') == 1


def test_many_batches_are_drawn_together() -> None:
    batches = [
        {"base_offset": i, "last_offset": i, "position": i, "size_bytes": 1, "codec": "none"}
        for i in range(10_000)
    ]
    segment = {**LOG["segments"][0], "size_bytes": 10_000, "batches": batches}
    svg = draw_log({**LOG, "segments": [segment] * 100}).svg
    assert "the last 24 of 100 segments" in svg
    assert svg.count("<rect") < 24 * 300
