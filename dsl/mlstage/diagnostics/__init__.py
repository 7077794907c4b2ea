"""What went wrong, where in the author's own file, and what to write instead."""

from mlstage.diagnostics.model import Diagnostic, Related, Severity, Where, exit_code, in_order
from mlstage.diagnostics.render import FORMATS, render

__all__ = ["FORMATS", "Diagnostic", "Related", "Severity", "Where", "exit_code", "in_order", "render"]
