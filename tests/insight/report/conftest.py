"""A small project, for every test of this folder."""

from tests.project_support import project

__all__ = ["project"]
