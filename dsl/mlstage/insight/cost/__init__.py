"""What a graph costs, before it runs: from the graph alone, so of foreign infrastructure as well."""

from mlstage.insight.cost.book import PriceBook, Table
from mlstage.insight.cost.estimate import estimate
from mlstage.insight.cost.model import Amount, Estimate, Line, total

__all__ = ["Amount", "Estimate", "Line", "PriceBook", "Table", "estimate", "total"]
