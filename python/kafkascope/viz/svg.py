"""The few SVG shapes that all pictures are made of: one palette, one font, an opaque background."""

from __future__ import annotations

from html import escape

INK = "#1f2937"
FAINT = "#6b7280"
LINE = "#d1d5db"
PAPER = "#ffffff"
FILLS = ("#bfdbfe", "#bbf7d0", "#fde68a", "#fecaca", "#ddd6fe", "#a5f3fc", "#fed7aa", "#e5e7eb")
ACCENT = "#dc2626"
CHARACTER_WIDTH = 6.7  # of the 11 px monospace font


class Svg:
    """A drawing under construction. Units are pixels; the origin is the top left corner."""

    def __init__(self, width: float, height: float, title: str, description: str = "") -> None:
        self._size = (round(width, 1), round(height, 1))
        self._title = title
        self._description = description or title
        self._parts: list[str] = []

    def rect(
        self,
        x: float,
        y: float,
        width: float,
        height: float,
        fill: str = PAPER,
        stroke: str = INK,
        tip: str = "",
    ) -> None:
        """A box; `tip` shows when the pointer rests on it."""
        title = f"<title>{escape(tip)}</title>" if tip else ""
        self._parts.append(
            f'<rect x="{x:.1f}" y="{y:.1f}" width="{max(width, 0.5):.1f}" height="{height:.1f}" rx="2" '
            f'fill="{fill}" stroke="{stroke}" stroke-width="0.8">{title}</rect>'
        )

    def line(
        self, x1: float, y1: float, x2: float, y2: float, stroke: str = INK, dashed: bool = False
    ) -> None:
        """A straight line."""
        dash = ' stroke-dasharray="4 3"' if dashed else ""
        self._parts.append(
            f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{stroke}" stroke-width="1"{dash}/>'
        )

    def circle(
        self, x: float, y: float, radius: float, fill: str = PAPER, stroke: str = INK
    ) -> None:
        """A circle around (x, y)."""
        self._parts.append(
            f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius:.1f}" fill="{fill}" stroke="{stroke}"/>'
        )

    def path(self, commands: str, fill: str = PAPER, stroke: str = INK, tip: str = "") -> None:
        """Any outline, in SVG's path notation."""
        title = f"<title>{escape(tip)}</title>" if tip else ""
        self._parts.append(
            f'<path d="{commands}" fill="{fill}" stroke="{stroke}" stroke-width="0.8">{title}</path>'
        )

    def text(
        self,
        x: float,
        y: float,
        words: str,
        anchor: str = "start",
        color: str = INK,
        bold: bool = False,
    ) -> None:
        """A line of text whose baseline is at y."""
        weight = ' font-weight="bold"' if bold else ""
        self._parts.append(
            f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{color}"{weight}>{escape(words)}</text>'
        )

    def fitted(self, x: float, y: float, width: float, words: str, color: str = INK) -> None:
        """Text in the middle of a box of this width, cut to what fits; nothing where not even three letters do."""
        room = int((width - 4) / CHARACTER_WIDTH)
        if room < min(len(words), 3):
            return
        shown = words if len(words) <= room else words[: room - 1] + "…"
        self.text(x + width / 2, y, shown, anchor="middle", color=color)

    def render(self) -> str:
        """The whole document."""
        width, height = self._size
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" role="img" width="{width}" height="{height}" '
            f'viewBox="0 0 {width} {height}" font-family="ui-monospace, Menlo, Consolas, monospace" font-size="11">'
            f"<title>{escape(self._title)}</title><desc>{escape(self._description)}</desc>"
            f'<rect width="{width}" height="{height}" fill="{PAPER}"/>{"".join(self._parts)}</svg>'
        )
