"""Typed views over the graph, so that rules speak of variants, jobs and volumes and never spell a property's name.

Links between resources are read from the resources themselves: a reference, or equal names. No view needs a tag of
mlstage's.
"""
