"""generate.py SCHEMA_DIR OUTPUT_DIR: writes the C++ of all messages; files that would not change are left alone."""

from __future__ import annotations

import sys
from pathlib import Path

import api_keys
import emit
import notation

FILES = ("rpc", "coordinator-records", "metadata-records", "streams")
TABLE_FILES = 16


def main(schemas: Path, output: Path) -> None:
    messages = [
        message
        for name in FILES
        for message in notation.parse((schemas / f"{name}.txt").read_text())
    ]
    for message in messages:
        _write(output / "messages" / f"{emit.snake(message.name)}.h", emit.header(message))
    for index in range(TABLE_FILES):
        _write(output / f"tables_{index}.cpp", emit.source(messages[index::TABLE_FILES]))
    _write(output / "registry.cpp", emit.registry(messages))
    _write(
        output / "api_key_table.h", api_keys.table((schemas / "api-keys.txt").read_text(), messages)
    )


def _write(path: Path, text: str) -> None:
    if not path.exists() or path.read_text() != text:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
