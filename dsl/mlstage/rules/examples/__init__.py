"""Small builders for the examples of rules: plain resources, as any reader or target would give them."""

from mlstage.rules.examples.containers import machines, node_group, service, service_scaling, task
from mlstage.rules.examples.data import database, file_system, role_policy, volume
from mlstage.rules.examples.functions import function, function_url, lone_function, of_alias
from mlstage.rules.examples.kubernetes import autoscaler, claimed_volume, deployment, disruption_budget, node_pool
from mlstage.rules.examples.sagemaker import (
    REGISTRY,
    configuration,
    endpoint,
    model,
    notebook,
    realtime,
    scaling,
    serverless,
    training,
)
from mlstage.rules.examples.stacks import Without, alarm, in_production_stack, in_test_stack, stop_schedule

__all__ = [
    "REGISTRY",
    "Without",
    "alarm",
    "autoscaler",
    "claimed_volume",
    "configuration",
    "database",
    "deployment",
    "disruption_budget",
    "endpoint",
    "file_system",
    "function",
    "function_url",
    "in_production_stack",
    "in_test_stack",
    "lone_function",
    "machines",
    "model",
    "node_group",
    "node_pool",
    "notebook",
    "of_alias",
    "realtime",
    "role_policy",
    "scaling",
    "serverless",
    "service",
    "service_scaling",
    "stop_schedule",
    "task",
    "training",
    "volume",
]
