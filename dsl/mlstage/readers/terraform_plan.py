"""A Terraform plan (`terraform show -json PLAN`) as a graph, whoever wrote the configuration.

A plan holds the values that are known, marks those that are not, and lists what each property refers to. References are
followed through variables and outputs of modules; a value that is not known becomes a reference to where it comes from.
Of configuration in JSON, as mlstage writes it, a plan holds the templates themselves, so that nothing is lost but what
stands in locals: those are read from the root module when its folder is given.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from mlstage.graph import LOOK_UP, UNKNOWN, Graph, Resource, Value
from mlstage.graph.properties import Property, by_terraform_name
from mlstage.readers.errors import ReadError
from mlstage.readers.files import parse, read_text
from mlstage.readers.pulumi_stack import shared_tags
from mlstage.readers.terraform_groups import environment_of, grouped, with_workloads
from mlstage.readers.terraform_kubernetes import held, is_manifest
from mlstage.readers.terraform_leaves import Here, Leaf, Leaves
from mlstage.readers.terraform_module import Module, module_of
from mlstage.readers.terraform_names import document_paths, graph_properties, known_properties, with_documents
from mlstage.readers.terraform_scopes import Instance, Plan, Scope
from mlstage.rules.levels import tier_of

_HOW: Final = "save one with `terraform plan -out=FILE` and `terraform show -json FILE > plan.json`"

# Terraform raises the first number for what older readers would misread, the second for additions.
_MAJOR: Final = "1"


@dataclass(frozen=True, slots=True)
class PlanReading:
    """A graph, Terraform's address of each of its resources, and the configuration that it was planned from."""

    graph: Graph
    addresses: Mapping[str, str]
    configuration: Mapping[str, Any]


def read_plan_file(path: Path, tier: str = "", module: Path | None = None) -> PlanReading:
    """Read a plan from a file; `module` is the folder of its root module. Raises `ReadError` that names the file."""
    try:
        return read_plan(read_text(path, _HOW), tier, module)
    except ReadError as error:
        raise error.of(path.as_posix()) from error


def read_plan(text: str, tier: str = "", module: Path | None = None) -> PlanReading:
    """Read a plan from its JSON. Raises `ReadError`, also where planning itself failed."""
    return read_plan_document(parse(text, _HOW), tier, module)


def read_plan_document(document: Any, tier: str = "", module: Path | None = None) -> PlanReading:
    """Read a plan that was parsed already. Raises `ReadError`."""
    _refuse_other(document)
    try:
        return _PlanReader(document, module_of(module) if module else None).reading(tier)
    except RecursionError as error:
        raise ReadError("the plan is nested too deeply to be read", _HOW) from error
    except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
        if isinstance(error, ReadError):
            raise
        raise ReadError(f"the plan is not as Terraform writes it ({error!r})", _HOW) from error


def _refuse_other(document: Any) -> None:
    """Refuse what is no whole plan. Raises `ReadError` that says what it is instead."""
    if not isinstance(document, Mapping):
        raise ReadError("this is no plan of Terraform's: it must be an object", _HOW)
    version = document.get("format_version")
    if version is None and {"lineage", "serial"} <= document.keys():
        raise ReadError("this is Terraform's state and no plan", _HOW)
    if not isinstance(version, str):
        raise ReadError("this is no plan of Terraform's: it has no `format_version`", _HOW)
    if version.partition(".")[0] != _MAJOR:
        what = f"the plan's format is {version}, and mlstage reads {_MAJOR}.x, which Terraform 1.4 and newer write"
        raise ReadError(what, f"a Terraform whose plans mlstage reads, or a newer mlstage: {_HOW}")
    if "planned_values" not in document and "values" not in document:
        raise ReadError("this is a plan without `planned_values`", _HOW)
    if document.get("errored"):
        what = "the plan failed, so there is nothing whole to judge"
        raise ReadError(what, f"mend what `terraform plan` says, then {_HOW}")


class _PlanReader:
    def __init__(self, document: Mapping[str, Any], module: Module | None) -> None:
        self._document = document
        self._plan = Plan(document)
        self._leaves = Leaves(self._plan, module)

    def reading(self, tier: str) -> PlanReading:
        """Read everything that will be there once the plan is applied."""
        resources = tuple(self._resource(one) for one in self._plan.instances)
        environment, stack = environment_of(resources)
        resources = with_workloads(resources, environment)
        graph = Graph(
            resources,
            environment=environment,
            stack=stack,
            tier=tier or tier_of(stack, tags=shared_tags(Graph(resources))).name,
            region=self._region(),
            groups=grouped(resources),
            exports=dict(self._exports()),
        )
        addresses = {name: address for address, name in self._plan.names.items()}
        return PlanReading(graph, addresses, self._document.get("configuration") or {})

    def _resource(self, instance: Instance) -> Resource:
        scope = self._plan.scope(instance.prefix)
        configuration = scope.configuration(instance)
        here, info = Here(scope, instance.index), instance.info
        known = {} if is_manifest(instance.type) else known_properties(info)
        walk = _Walk(self._leaves, here, document_paths(info))
        expressions = configuration.get("expressions", {}) if configuration else None
        tree = dict(walk.block(instance.values, instance.unknown, instance.sensitive, expressions, known, ""))
        written = held(instance.type, instance.values, tree)
        props = dict(written) if written is not None else with_documents(graph_properties(tree, known), info)
        # What the provider adds to every resource counts as if it were written at each.
        tags = instance.values.get("tags_all")
        if isinstance(tags, Mapping) and tags:
            props["tags"] = dict(sorted(tags.items()))
        waits = tuple(self._leaves.names(configuration.get("depends_on", ()), here))
        name, type_name = self._plan.names[instance.address], info.name if info else _unknown_type(instance)
        return Resource(name, type_name, props, waits)

    def _region(self) -> str:
        providers = self._document.get("configuration", {}).get("provider_config", {})
        expression = providers.get("aws", {}).get("expressions", {}).get("region", {})
        if "constant_value" in expression and "references" not in expression:
            return str(expression["constant_value"])
        for reference in expression.get("references", ()):
            variable = self._document.get("variables", {}).get(reference.removeprefix("var."), {})
            if isinstance(value := variable.get("value"), str):
                return value
        return ""

    def _exports(self) -> Iterator[tuple[str, Value]]:
        here = Here(self._plan.scope(""))
        configured = here.scope.module.get("outputs", {})
        outputs = (self._document.get("planned_values") or self._document["values"]).get("outputs", {})
        for name in sorted(configured or outputs):
            planned = outputs.get(name, {})
            expression = configured.get(name, {}).get("expression", {})
            leaf = Leaf(planned.get("value"), "value" not in planned, planned.get("sensitive", False), expression)
            yield name, self._leaves.read(leaf, here)


@dataclass(frozen=True, slots=True)
class _Walk:
    """Goes through values, marks and expressions of one resource together."""

    leaves: Leaves
    here: Here
    documents: frozenset[str]

    def block(
        self,
        values: Mapping[str, Any],
        unknown: Any,
        sensitive: Any,
        expressions: Mapping[str, Any] | None,
        known: Mapping[str, Property],
        above: str,
    ) -> Iterator[tuple[str, Value]]:
        """Yield the properties that are set: those that the configuration has or, without one, all that can be set.

        Blocks that `dynamic` makes stand in no expression: they are there when the plan has some.
        """
        names = dict.fromkeys(expressions if expressions is not None else values)
        names |= dict.fromkeys(key for key, value in values.items() if value and key in known and known[key].nested)
        for name in names:
            one = known.get(name)
            if expressions is None and one is not None and not one.settable:
                continue
            marks = _marks(unknown, name), _marks(sensitive, name)
            expression = (expressions or {}).get(name, {})
            if isinstance(expression, list) or (one is not None and one.nested):
                yield name, self._blocks(values.get(name), marks, expression, one, f"{above}{name}")
            else:
                document = f"{above}{name}" in self.documents
                leaf = Leaf(values.get(name), *marks, expression, document, many=one is not None and one.many)
                yield name, self.leaves.read(leaf, self.here)

    def _blocks(self, values: Any, marks: tuple[Any, Any], expression: Any, one: Property | None, path: str) -> Value:
        unknown, sensitive = marks
        if unknown is True:
            return UNKNOWN
        items = [values] if isinstance(values, Mapping) else values or []
        written = expression if isinstance(expression, list) else [expression] if expression else []
        inside = by_terraform_name(one.inside) if one else {}
        order = _as_written(items, written)
        found: list[Value] = []
        for index in order or range(len(items)):
            item = items[index]
            here = written[len(found)] if order else _written_for(item, index, written, len(items))
            nested = unknown[index] if isinstance(unknown, list) and index < len(unknown) else {}
            secret = sensitive[index] if isinstance(sensitive, list) and index < len(sensitive) else {}
            found.append(dict(self.block(item, nested, secret, here, inside, f"{path}.")))
        return tuple(found)


def _unknown_type(instance: Instance) -> str:
    return f"{LOOK_UP}{instance.type}" if instance.data else instance.type


def _marks(flags: Any, name: str) -> Any:
    return flags.get(name, False) if isinstance(flags, Mapping) else flags is True


def _as_written(items: list[Any], written: list[Any]) -> list[int] | None:
    """Give the order in which the blocks of a set are written; None if it is not told for certain."""
    if len(items) < 2 or len(items) != len(written) or not all(isinstance(one, Mapping) for one in written):
        return None
    fitting = [[index for index, item in enumerate(items) if _fits(item, one)] for one in written]
    order = [found[0] for found in fitting if len(found) == 1]
    return order if sorted(order) == list(range(len(items))) else None


def _written_for(item: Mapping[str, Any], index: int, written: list[Any], size: int) -> Mapping[str, Any] | None:
    """Find the block of the configuration that an item was planned from: a set has an order of its own."""
    if not written:
        return None
    if len(written) == 1:
        found: Mapping[str, Any] = written[0]
        return found
    fitting = [one for one in written if _fits(item, one)]
    if len(fitting) == 1 or (fitting and len(written) != size):
        return fitting[0] if isinstance(fitting[0], Mapping) else None
    return written[index] if index < len(written) else None


def _fits(item: Mapping[str, Any], block: Mapping[str, Any]) -> bool:
    constants = ((key, one) for key, one in block.items() if isinstance(one, Mapping) and "references" not in one)
    return all(item.get(key) == one["constant_value"] for key, one in constants if "constant_value" in one)


__all__ = ["PlanReading", "Scope", "read_plan", "read_plan_document", "read_plan_file"]
