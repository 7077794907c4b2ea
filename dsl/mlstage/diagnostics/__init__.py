"""What went wrong, where in the author's own file, and what to write instead."""

from mlstage.diagnostics.model import Diagnostic, Kind, Related, Severity, Summary, Where, counted, exit_code, in_order
from mlstage.diagnostics.render import FORMATS, render

__all__ = [
    "FORMATS",
    "Diagnostic",
    "Kind",
    "Related",
    "Severity",
    "Summary",
    "Where",
    "counted",
    "exit_code",
    "in_order",
    "render",
]
