"""Stacks on one page of HTML: side by side, drawn, compared, priced and judged, with the source of every figure."""

from mlstage.insight.report.material import Material, Stack, WaiverNote
from mlstage.insight.report.page import page

__all__ = ["Material", "Stack", "WaiverNote", "page"]
