"""Picture: an SVG with its alt text and the table of the same facts, in the form every notebook host shows."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass, field
from html import escape


@dataclass(frozen=True)
class Picture:
    """What a drawing function returns. `svg` is a whole document, `alt` one sentence, `rows` the facts."""

    svg: str
    alt: str
    header: Sequence[str] = ()
    rows: Sequence[Sequence[object]] = field(default=(), repr=False)

    def _repr_html_(self) -> str:
        return self.html()

    def html(self) -> str:
        """An `<img>` of a data URL and a folded table; no inline SVG, no script, no style sheet."""
        data = base64.b64encode(self.svg.encode()).decode()
        image = f'<img src="data:image/svg+xml;base64,{data}" alt="{escape(self.alt)}" style="max-width:100%">'
        return image + self._table()

    def _table(self) -> str:
        if not self.rows:
            return ""
        head = "".join(f"<th>{escape(name)}</th>" for name in self.header)
        body = "".join(
            "<tr>" + "".join(f"<td>{escape(str(cell))}</td>" for cell in row) + "</tr>"
            for row in self.rows
        )
        return f"<details><summary>the same as a table</summary><table><tr>{head}</tr>{body}</table></details>"

    def save(self, path: str) -> None:
        """Writes the SVG to a file."""
        with open(path, "w", encoding="utf-8") as file:
            file.write(self.svg)
