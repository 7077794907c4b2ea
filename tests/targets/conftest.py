"""The real engine, and a small project on it, for the tests of this folder that run what targets make."""

from tests.engine_support import engine, project

__all__ = ["engine", "project"]
