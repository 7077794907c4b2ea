"""mlstage: a typed language for machine-learning environments on AWS."""

from mlstage._version import __version__
from mlstage.spec.environment import Environment
from mlstage.spec.model import Model
from mlstage.spec.per_stage import PerStage, per_stage
from mlstage.spec.purchase import OnDemand, SavingsPlan, Spot
from mlstage.spec.scaling import Autoscale, ConcurrentRequests, CpuUtilization, InvocationsPerInstance
from mlstage.spec.stages import Network, OwnNetwork, Stage
from mlstage.spec.targets import SageMaker
from mlstage.spec.waivers import Waiver, waive
from mlstage.spec.working_hours import WorkingHours
from mlstage.spec.workloads import BatchInference, Notebook, RealtimeEndpoint, Training

__all__ = [
    "Autoscale",
    "BatchInference",
    "ConcurrentRequests",
    "CpuUtilization",
    "Environment",
    "InvocationsPerInstance",
    "Model",
    "Network",
    "Notebook",
    "OnDemand",
    "OwnNetwork",
    "PerStage",
    "RealtimeEndpoint",
    "SageMaker",
    "SavingsPlan",
    "Spot",
    "Stage",
    "Training",
    "Waiver",
    "WorkingHours",
    "__version__",
    "per_stage",
    "waive",
]
