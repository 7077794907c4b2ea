"""Every field of every kind of workload is either taken by a target or refused with a reason."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from pkgutil import walk_packages
from typing import get_args, get_type_hints

import pytest

import mlstage.targets
from mlstage.spec.workload import Workload
from mlstage.targets.fields import Fields


def _stated() -> Iterator[tuple[str, type[Workload], Fields]]:
    """Give what each module of a target says of its kind of workload's fields."""
    for found in walk_packages(mlstage.targets.__path__, "mlstage.targets."):
        module = import_module(found.name)
        for value in vars(module).values():
            if isinstance(value, Fields):
                yield found.name, get_args(get_type_hints(module.check)["workload"])[0], value
            elif isinstance(value, dict):
                yield from ((found.name, kind, one) for kind, one in value.items() if isinstance(one, Fields))


STATED = [pytest.param(kind, fields, id=f"{name[16:]}-{kind.__name__}") for name, kind, fields in _stated()]


def test_every_target_but_sagemaker_on_instances_states_its_fields() -> None:
    targets = {str(param.id).partition(".")[0] for param in STATED}
    assert targets >= {"ecs", "eks", "lambda_", "batch", "sagemaker"}


@pytest.mark.parametrize(("kind", "fields"), STATED)
def test_a_field_is_taken_or_refused(kind: type[Workload], fields: Fields) -> None:
    assert kind.model_fields.keys() - fields.takes - fields.refuses.keys() == set()
    assert fields.takes & fields.refuses.keys() == set()


@pytest.mark.parametrize(("kind", "fields"), STATED)
def test_no_field_is_named_that_is_not_there(kind: type[Workload], fields: Fields) -> None:
    insight = {"expects", "needs"}
    assert (fields.takes | fields.refuses.keys()) - insight - kind.model_fields.keys() == set()
