"""The Pulumi program and the Terraform module of a stack describe the same resources, down to the last property.

The program runs under Pulumi's mocks; the module's templates are evaluated. What differs by design is only how things
are called and written: the vocabulary's names, blocks and objects, tags of the provider and of each resource.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from mlstage.emit import emit_program
from mlstage.emit.kubernetes import cluster_name, emit_manifests
from mlstage.graph import VOCABULARY, Graph
from mlstage.graph.manifests import is_object
from tests.parity import pulumi_side, terraform_side
from tests.parity.hostile import NAME as HOSTILE
from tests.parity.hostile import WRITTEN, hostile, lost_texts, written
from tests.parity.options import NAME, options
from tests.parity.plain import Description, differences, unlike
from tests.terraform.stacks import module_of, name_of, stacks

GRAPHS = {**{name_of(one): one.graph for one in stacks()}, NAME: options(), HOSTILE: hostile(), WRITTEN: written()}
# What only Pulumi reads of an object.
OF_PULUMI = "pulumi.com/"


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Any]:
    """Give what every stack's program asks of the engine: one process runs them all."""
    return pulumi_side.asked_by_programs(GRAPHS, tmp_path_factory.mktemp("programs"))


def module(name: str) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(module_of(GRAPHS[name]))
    return document


@pytest.mark.parametrize("name", GRAPHS)
def test_pulumi_and_terraform_describe_the_same(name: str, asked: Mapping[str, Any]) -> None:
    program, root = pulumi_side.described(asked[name]), terraform_side.described(module(name))
    assert asked[name]["refusal"] == ""
    assert differences(program, root) == []
    ours = {one.type for one in GRAPHS[name].resources if VOCABULARY[one.type].terraform}
    assert {one.type for one in program.resources.values()} | {one.split()[0] for one in root.lookups} == ours


def test_what_is_compared_is_there(asked: Mapping[str, Any]) -> None:
    """Every option that the two have words for is used somewhere, else its comparison would be of nothing."""
    used = {
        option
        for name in GRAPHS
        for one in pulumi_side.described(asked[name]).resources.values()
        for option, value in one.options.items()
        if value
    }
    assert used == {"protect", "the new one first", "ignore_changes", "earlier names", "replaced with", "locked by"}


def on_clusters(graph: Graph) -> dict[str, list[dict[str, Any]]]:
    """Give the manifests of each cluster by the provider that leads there."""
    files = emit_manifests(graph, spec="environments/spec.py", version="0", folder="out")
    providers = list(dict.fromkeys(one.options.provider for one in graph.resources if is_object(one)))
    found: dict[str, list[dict[str, Any]]] = {}
    for path, text in files.items():
        if not path.endswith("kustomization.yaml"):
            mine = [one for one in providers if len(providers) == 1 or f"/{cluster_name(graph, one)}/" in path]
            found.setdefault(mine[0], []).extend(yaml.safe_load_all(text))
    return found


def by_identity(documents: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    return {
        f"{one['kind']} {one['metadata'].get('namespace', '')}/{one['metadata']['name']}": _without_pulumi(one)
        for one in documents
    }


def _without_pulumi(document: dict[str, Any]) -> dict[str, Any]:
    metadata = dict(document["metadata"])
    noted = metadata.pop("annotations", {})
    if kept := {key: value for key, value in noted.items() if not key.startswith(OF_PULUMI)}:
        metadata["annotations"] = kept
    return {**document, "metadata": metadata}


def objects_that_differ(asked: Mapping[str, Any], manifests: Mapping[str, list[dict[str, Any]]]) -> list[str]:
    program = {key: by_identity(items) for key, items in pulumi_side.objects(asked).items()}
    written = {key: by_identity(items) for key, items in manifests.items()}
    return [f"{path}: Pulumi has {one}, the manifest has {other}" for path, one, other in unlike(program, written)]


ON_CLUSTERS = [name for name, graph in GRAPHS.items() if any(map(is_object, graph.resources))]


@pytest.mark.parametrize("name", ON_CLUSTERS)
def test_pulumi_and_the_manifests_describe_the_same_objects(name: str, asked: Mapping[str, Any]) -> None:
    manifests = on_clusters(GRAPHS[name])
    assert sum(map(len, manifests.values())) == len([one for one in GRAPHS[name].resources if is_object(one)])
    assert objects_that_differ(asked[name], manifests) == []


def test_whatever_a_text_holds_reaches_the_engine_and_the_manifest(asked: Mapping[str, Any]) -> None:
    (function,) = (one for one in asked[HOSTILE]["resources"] if one["name"] == "hostile-function")
    (documents,) = on_clusters(GRAPHS[HOSTILE]).values()
    places = {
        "environment": function["inputs"]["environment"]["variables"],
        "tags": {key.replace("text-", "TEXT_"): value for key, value in function["inputs"]["tags"].items()},
        "manifest": documents[0]["data"],
        "export": {key.replace("text", "TEXT_"): value for key, value in asked[HOSTILE]["exports"].items()},
    }
    assert lost_texts(places) == []


# ----- That the comparison can fail -----------------------------------------------------------------------------------

WATCHED = "fraud-detection_prod"


@pytest.fixture(scope="module")
def program(asked: Mapping[str, Any]) -> Description:
    """Give what the program of one stack asks for."""
    return pulumi_side.described(asked[WATCHED])


def _leaves(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    if not isinstance(value, dict | list):
        yield path
    for key, item in items:
        if key not in ("//", "replace_triggered_by", "postcondition", "depends_on"):
            yield from _leaves(item, (*path, key))


def _changed(value: Any) -> Any:
    match value:
        case bool():
            return not value
        case int() | float():
            return value + 1
        case str():
            return "another" if value.startswith("${jsonencode(") else f"{value}x"
        case _:
            return "x"


def test_any_changed_value_of_any_resource_is_reported_by_name(program: Description) -> None:
    silent = []
    document = module(WATCHED)
    for kind, resources in document["resource"].items():
        for name, body in resources.items():
            for *path, last in _leaves(body) if kind != terraform_side.KEEPER else ():
                inside = body
                for key in path:
                    inside = inside[key]
                kept = inside[last]
                # A reference with something behind it is another text; a name in `lifecycle` must stay a name.
                inside[last] = "tags" if path == ["lifecycle", "ignore_changes"] else _changed(kept)
                found = differences(program, terraform_side.described(document))
                inside[last] = kept
                if not any(line.startswith(f"{name} (") for line in found):
                    silent.append((name, *path, last))
    assert silent == []
    assert differences(program, terraform_side.described(document)) == []


def test_any_resource_that_one_lacks_is_reported_by_name(program: Description) -> None:
    document = module(WATCHED)
    for kind, resources in copy.deepcopy(document["resource"]).items():
        for name in resources if kind != terraform_side.KEEPER else ():
            short = copy.deepcopy(document)
            body = short["resource"][kind].pop(name)
            text = json.dumps(short)
            if f"{kind}.{name}." in text:
                continue  # the module would not even hold: what refers to it leads nowhere
            assert f"{name} ({body and terraform_side.type_of(kind)}): only Pulumi has it" in differences(
                program, terraform_side.described(short)
            )


def _lifecycle(document: dict[str, Any], kind: str, name: str) -> dict[str, Any]:
    found: dict[str, Any] = document["resource"][kind][name]["lifecycle"]
    return found


def _unprotected(document: dict[str, Any]) -> None:
    del _lifecycle(document, "aws_kms_key", "options-key")["prevent_destroy"]


def _old_first(document: dict[str, Any]) -> None:
    del _lifecycle(document, "aws_security_group", "options-security")["create_before_destroy"]


def _changes_followed(document: dict[str, Any]) -> None:
    _lifecycle(document, "aws_lambda_function", "options-function")["ignore_changes"] = ["image_uri", "environment"]


def _not_waiting(document: dict[str, Any]) -> None:
    del document["resource"]["aws_lambda_function"]["options-function"]["depends_on"]


def _not_replaced(document: dict[str, Any]) -> None:
    document["resource"]["terraform_data"]["options-target-trigger"]["input"] = "other"


def _other_resource(document: dict[str, Any]) -> None:
    subscription = document["resource"]["aws_sns_topic_subscription"]["options-hook"]
    subscription["topic_arn"] = "${aws_kms_key.options-key.arn}"


def _other_attribute(document: dict[str, Any]) -> None:
    document["resource"]["aws_sns_topic"]["options-topic"]["kms_master_key_id"] = "${aws_kms_key.options-key.key_id}"


def _reference_in_document(document: dict[str, Any]) -> None:
    (statement,) = document["locals"]["options-policy_policy"]["Statement"]
    statement["Resource"][1] = "${aws_sns_topic.options-topic.arn}:x"


def _default_tag(document: dict[str, Any]) -> None:
    document["provider"]["aws"]["default_tags"]["tags"]["mlstage:stack"] = "other"


def _not_moved(document: dict[str, Any]) -> None:
    del document["moved"][1]


def _not_secret(document: dict[str, Any]) -> None:
    document["variable"]["pager"]["sensitive"] = False


def _other_look_up(document: dict[str, Any]) -> None:
    document["data"]["aws_eks_cluster"]["options-cluster"]["name"] = "another"


def _output(document: dict[str, Any]) -> None:
    document["output"]["options_topic"]["value"] = "${aws_sns_topic.options-topic.name}"


CHANGES = {
    "options-key (aws.kms.Key) [protect]": _unprotected,
    "options-security (aws.ec2.SecurityGroup) [the new one first]": _old_first,
    "options-function (aws.lambda_.Function) [ignore_changes[0]]": _changes_followed,
    "options-function (aws.lambda_.Function) [waits for]": _not_waiting,
    "options-target (aws.appautoscaling.Target) [replaced with]": _not_replaced,
    "options-hook (aws.sns.TopicSubscription) topic": _other_resource,
    "options-topic (aws.sns.Topic) kms_master_key_id": _other_attribute,
    "options-policy (aws.iam.RolePolicy) policy.document.Statement[0].Resource[1]": _reference_in_document,
    "options-topic (aws.sns.Topic) tags.mlstage:stack": _default_tag,
    "options-topic (aws.sns.Topic) [earlier names]": _not_moved,
    "options-function (aws.lambda_.Function) environment.variables.TOKEN": _not_secret,
    'look-up aws.eks.get_cluster {"name": "another"}': _other_look_up,
    "output options_topic": _output,
}


@pytest.mark.parametrize("place", CHANGES)
def test_a_reference_or_an_option_that_differs_is_reported_by_name(place: str, asked: Mapping[str, Any]) -> None:
    document = module(NAME)
    CHANGES[place](document)
    found = differences(pulumi_side.described(asked[NAME]), terraform_side.described(document))
    assert [line for line in found if line.startswith(f"{place}: ")], found


def test_a_lock_that_differs_is_reported_by_name(program: Description) -> None:
    document = module(WATCHED)
    document["resource"]["terraform_data"]["fraud-detection-scorer-endpoint-locked"]["input"] = {"AllTraffic": "other"}
    assert differences(program, terraform_side.described(document)) == [
        "fraud-detection-scorer-scaling-target (aws.appautoscaling.Target)"
        " [locked by.fraud-detection-scorer-endpoint-locked.AllTraffic]:"
        " Pulumi has 'ml.m5.xlarge', Terraform has 'other'"
    ]


def test_a_changed_program_is_reported_by_name(tmp_path: Path) -> None:
    text = emit_program(GRAPHS[NAME], spec="environments/spec.py", version="0")
    changes = {
        "max_capacity=2,": "max_capacity=3,",
        "protect=True, ": "",
        "kms_master_key_id=key.arn": "kms_master_key_id=key.id",
    }
    for old, new in changes.items():
        assert text.count(old) == 1, (old, text)
        text = text.replace(old, new)
    asks = pulumi_side.asked_by({NAME: (text, GRAPHS[NAME])}, tmp_path)[NAME]
    assert differences(pulumi_side.described(asks), terraform_side.described(module(NAME))) == [
        "options-key (aws.kms.Key) [protect]: Pulumi has False, Terraform has True",
        "options-target (aws.appautoscaling.Target) max_capacity: Pulumi has 3, Terraform has 2",
        "options-topic (aws.sns.Topic) kms_master_key_id:"
        " Pulumi has '⟪options-key.id⟫', Terraform has '⟪options-key.arn⟫'",
    ]


def test_a_changed_object_is_reported_by_name(asked: Mapping[str, Any]) -> None:
    name = ON_CLUSTERS[0]
    manifests = on_clusters(GRAPHS[name])
    for documents in manifests.values():
        for document in documents:
            document["metadata"].setdefault("labels", {})["changed"] = "yes"
            (found,) = objects_that_differ(asked[name], manifests)
            assert document["kind"] in found and document["metadata"]["name"] in found and "'yes'" in found
            del document["metadata"]["labels"]["changed"]
            if not document["metadata"]["labels"]:
                del document["metadata"]["labels"]
