"""The policy pack as a server: what it tells the engine of itself, and its answers over the wire."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from typing import Any

import pytest

from mlstage.readers.judging import Judging
from tests.rules.few import FEW

grpc = pytest.importorskip("grpc")

URN = "urn:pulumi:prod::shop::aws:ebs/volume:Volume::data"


@pytest.fixture
def stub() -> Iterator[Any]:
    from pulumi.runtime.proto import analyzer_pb2_grpc

    from mlstage.readers.policy_pack import PolicyPack

    server = grpc.server(ThreadPoolExecutor(max_workers=2))
    analyzer_pb2_grpc.add_AnalyzerServicer_to_server(PolicyPack(Judging(FEW, today=date(2026, 11, 24))), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
        yield analyzer_pb2_grpc.AnalyzerStub(channel)
    server.stop(0)


def volume(**properties: Any) -> Any:
    from google.protobuf.struct_pb2 import Struct
    from pulumi.runtime.proto import analyzer_pb2

    struct = Struct()
    struct.update(properties)
    return analyzer_pb2.AnalyzeRequest(
        urn=URN,
        type="aws:ebs/volume:Volume",
        name="data",
        properties=struct,
        provider=analyzer_pb2.AnalyzerProviderResource(type="pulumi:providers:aws"),
    )


def configure(stub: Any, **entries: tuple[Any, dict[str, Any]]) -> None:
    from google.protobuf.struct_pb2 import Struct
    from pulumi.runtime.proto import analyzer_pb2

    configs = {}
    for name, (level, properties) in entries.items():
        struct = Struct()
        struct.update(properties)
        configs[name.replace("_", "-")] = analyzer_pb2.PolicyConfig(enforcementLevel=level, properties=struct)
    stub.Configure(analyzer_pb2.ConfigureAnalyzerRequest(policyConfig=configs))


def test_every_rule_is_a_policy_of_the_right_kind(stub: Any) -> None:
    from google.protobuf.empty_pb2 import Empty
    from pulumi.runtime.proto import analyzer_pb2

    info = stub.GetAnalyzerInfo(Empty())
    kinds = {policy.name: policy.policy_type for policy in info.policies}
    assert info.supportsConfig
    assert set(kinds) == {*(rule.policy for rule in FEW), "mlstage"}
    assert kinds["ML402-unencrypted-storage"] == analyzer_pb2.POLICY_TYPE_RESOURCE
    assert kinds["ML201-production-without-autoscaling"] == analyzer_pb2.POLICY_TYPE_STACK
    (gpu,) = (policy for policy in info.policies if policy.name == "ML102-gpu-in-test")
    assert gpu.remediation_steps and gpu.description
    assert "families" in gpu.configSchema.properties


def test_a_resource_is_refused_by_name_level_and_message(stub: Any) -> None:
    from pulumi.runtime.proto import analyzer_pb2

    (found,) = stub.Analyze(volume(size=8)).diagnostics
    assert (found.policyName, found.enforcementLevel, found.urn) == (
        "ML402-unencrypted-storage",
        analyzer_pb2.MANDATORY,
        URN,
    )
    assert found.message.startswith("EBS volume 'data' is not encrypted in stack 'prod'\n")
    assert list(stub.Analyze(volume(encrypted=True)).diagnostics) == []


def test_settings_reach_the_rules(stub: Any) -> None:
    from pulumi.runtime.proto import analyzer_pb2

    advisory = (analyzer_pb2.MANDATORY, {"tiers": {"production": "advisory"}})
    configure(stub, ML402_unencrypted_storage=advisory)
    (found,) = stub.Analyze(volume()).diagnostics
    assert found.enforcementLevel == analyzer_pb2.ADVISORY


def test_settings_that_cannot_be_followed_are_refused(stub: Any) -> None:
    from pulumi.runtime.proto import analyzer_pb2

    with pytest.raises(grpc.RpcError) as refusal:
        configure(stub, ML402_unencrypted_storages=(analyzer_pb2.ADVISORY, {}))
    assert refusal.value.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert "did you mean 'ML402-unencrypted-storage'" in refusal.value.details()


def test_a_stack_s_configuration_says_its_tier(stub: Any) -> None:
    from pulumi.runtime.proto import analyzer_pb2

    request = analyzer_pb2.AnalyzerStackConfigureRequest(stack="prod", project="shop", config={"mlstage:tier": "test"})
    stub.ConfigureStack(request)
    (found,) = stub.Analyze(volume()).diagnostics
    assert found.enforcementLevel == analyzer_pb2.ADVISORY


def test_a_repair_is_the_whole_resource(stub: Any) -> None:
    from google.protobuf.json_format import MessageToDict
    from pulumi.runtime.proto import analyzer_pb2

    assert list(stub.Remediate(volume(size=8)).remediations) == []
    configure(stub, ML402_unencrypted_storage=(analyzer_pb2.REMEDIATE, {}))
    (repair,) = stub.Remediate(volume(size=8)).remediations
    assert repair.policyName == "ML402-unencrypted-storage"
    assert MessageToDict(repair.properties) == {"size": 8.0, "encrypted": True}


def test_unknown_values_are_undecided_at_the_end(stub: Any) -> None:
    from pulumi.runtime.proto import analyzer_pb2

    unknown = volume(encrypted="1c4a061d-8072-4f0a-a4cb-0ff528b18fe7")
    assert list(stub.Analyze(unknown).diagnostics) == []
    whole = analyzer_pb2.AnalyzerResource(
        urn=URN, type=unknown.type, name="data", properties=unknown.properties, provider=unknown.provider
    )
    (found,) = stub.AnalyzeStack(analyzer_pb2.AnalyzeStackRequest(resources=[whole])).diagnostics
    assert (found.enforcementLevel, found.urn) == (analyzer_pb2.ADVISORY, URN)
    assert "cannot be decided" in found.message
