"""Pictures of costs, advice and simulated days: each function gives a figure, `svg` its text, `save` writes a file.

Only this package imports matplotlib, and only when it draws.
"""

from mlstage.insight.plots.costs import cost_by_workload
from mlstage.insight.plots.days import simulated_day
from mlstage.insight.plots.pareto import Choice, cost_against_latency
from mlstage.insight.plots.style import save, svg

__all__ = ["Choice", "cost_against_latency", "cost_by_workload", "save", "simulated_day", "svg"]
