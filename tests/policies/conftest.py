"""The engine and its projects, for every test of this folder."""

from tests.engine_support import engine, project

__all__ = ["engine", "project"]
