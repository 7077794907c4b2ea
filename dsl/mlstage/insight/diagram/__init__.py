"""The architecture of a stack as a picture: from the graph alone, so of foreign infrastructure as well.

`diagram_of` says what is drawn; `mermaid`, `svg` and `data` write it. A new type of resource gets a box by one painter
in the file of its service; until then it is counted.
"""

from mlstage.insight.diagram.build import diagram_of
from mlstage.insight.diagram.model import Cluster, Diagram, Edge, Mark, Node

__all__ = ["Cluster", "Diagram", "Edge", "Mark", "Node", "diagram_of"]
