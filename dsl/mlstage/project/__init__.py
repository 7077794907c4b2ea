"""A project's specs from file to graph, with everything that is wrong with them in one list."""

from mlstage.project.part import CompiledStack
from mlstage.project.root import ProjectError, find_root
from mlstage.project.study import Study, study

__all__ = ["CompiledStack", "ProjectError", "Study", "find_root", "study"]
