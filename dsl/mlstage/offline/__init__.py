"""Run Pulumi programs without AWS: the real engine, a stand-in AWS provider, and state in the project's own folder."""

from mlstage.offline.engine import Engine, find_engine
from mlstage.offline.environment import offline_environment
from mlstage.offline.errors import OfflineError, ToolMissing
from mlstage.offline.run import run_pulumi

__all__ = ["Engine", "OfflineError", "ToolMissing", "find_engine", "offline_environment", "run_pulumi"]
