"""Graph to graph, one concern each."""
