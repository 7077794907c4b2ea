"""The real engine, and a small project on it."""

from tests.engine_support import engine, project

__all__ = ["engine", "project"]
