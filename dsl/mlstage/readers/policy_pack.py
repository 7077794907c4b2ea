"""The policy pack: the server that Pulumi's engine asks about each resource and about the stack.

It speaks the engine's own protocol (`pulumirpc.Analyzer`) rather than through the `pulumi_policy` package, which gives
every policy one level for all stacks, keeps the stack's configuration from the pack, turns a value that is not known
yet into an advisory "can't run policy" even for mandatory policies, and reads all properties again for every policy.
"""
# ruff: noqa: ARG002 - the protocol's methods take what they take

from __future__ import annotations

import sys
import threading
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path
from typing import Any, Final

import grpc
from google.protobuf.empty_pb2 import Empty
from google.protobuf.json_format import MessageToDict
from google.protobuf.struct_pb2 import Struct
from pulumi.runtime.proto import analyzer_pb2, analyzer_pb2_grpc, engine_pb2, engine_pb2_grpc, plugin_pb2

from mlstage._version import __version__
from mlstage.readers.judging import Judging
from mlstage.readers.pulumi_stack import EngineResource, stack_of
from mlstage.readers.reports import Report
from mlstage.rules.levels import Level
from mlstage.rules.loader import RuleFileError, all_rules, own_rules
from mlstage.rules.rule import Rule
from mlstage.rules.settings import GENERAL, SettingsError, general_schema, schema_of

NAME: Final = "mlstage"
_LEVELS: Final = {
    Level.ADVISORY: analyzer_pb2.ADVISORY,
    Level.MANDATORY: analyzer_pb2.MANDATORY,
    Level.DISABLED: analyzer_pb2.DISABLED,
    Level.REMEDIATE: analyzer_pb2.REMEDIATE,
}
_NAMES: Final = {value: str(level) for level, value in _LEVELS.items()}
# A large stack is one message.
_LARGEST_MESSAGE: Final = 400 * 1024 * 1024


def serve(folder: Path, rules: Sequence[Rule] | None = None) -> None:
    """Serve the pack in `folder` until the engine ends this process; the engine reads the port from standard output.

    Waivers are looked for in the project around the pack, and around the working directory.
    """
    judging = Judging(
        _rules(folder) if rules is None else rules,
        today=date.today(),
        places=tuple(dict.fromkeys([*folder.resolve().parents, Path.cwd(), *Path.cwd().parents])),
    )
    limits = [("grpc.max_receive_message_length", _LARGEST_MESSAGE), ("grpc.max_send_message_length", _LARGEST_MESSAGE)]
    server = grpc.server(ThreadPoolExecutor(max_workers=4), options=limits)
    analyzer_pb2_grpc.add_AnalyzerServicer_to_server(PolicyPack(judging), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    sys.stdout.buffer.write(f"{port}\n".encode())
    sys.stdout.flush()
    try:
        server.wait_for_termination()
    except KeyboardInterrupt:
        server.stop(0)


def _rules(folder: Path) -> tuple[Rule, ...]:
    try:
        return (*all_rules(), *own_rules(folder.resolve()))
    except RuleFileError as error:
        sys.exit(f"mlstage: {error}")


class PolicyPack(analyzer_pb2_grpc.AnalyzerServicer):
    """Answers the engine."""

    def __init__(self, judging: Judging) -> None:
        self.judging = judging
        self.engine_address = ""
        self._titles = {rule.policy: rule.title for rule in judging.rules}
        self._lock = threading.Lock()
        self._said = False

    def Handshake(self, request: Any, context: grpc.ServicerContext) -> Any:
        self.engine_address = request.engine_address
        return analyzer_pb2.AnalyzerHandshakeResponse()

    def GetPluginInfo(self, request: Empty, context: grpc.ServicerContext) -> Any:
        return plugin_pb2.PluginInfo(version=__version__)

    def GetAnalyzerInfo(self, request: Empty, context: grpc.ServicerContext) -> Any:
        general = _policy(GENERAL, "Waivers, and what mlstage could not read", Level.ADVISORY, general_schema())
        return analyzer_pb2.AnalyzerInfo(
            name=NAME,
            displayName="mlstage: machine learning on AWS",
            version=__version__,
            supportsConfig=True,
            policies=[*(_policy_of(rule) for rule in self.judging.rules), general],
        )

    def Configure(self, request: Any, context: grpc.ServicerContext) -> Any:
        entries: dict[str, Mapping[str, Any]] = {}
        for name, entry in request.policyConfig.items():
            entries[name] = {**MessageToDict(entry.properties), "enforcementLevel": _NAMES[entry.enforcementLevel]}
        try:
            self.judging.configure(entries)
        except SettingsError as error:
            context.abort(grpc.StatusCode.INVALID_ARGUMENT, str(error))
        return Empty()

    def ConfigureStack(self, request: Any, context: grpc.ServicerContext) -> Any:
        self.judging.configure_stack(request.stack, request.project, request.config, request.tags)
        return analyzer_pb2.AnalyzerStackConfigureResponse()

    def Analyze(self, request: Any, context: grpc.ServicerContext) -> Any:
        resource = _resource(request, request.options.parent)
        with self._lock:
            self._say_tier(stack_of(request.urn))
            reports = self.judging.resource(resource)
        return self._response(reports)

    def AnalyzeStack(self, request: Any, context: grpc.ServicerContext) -> Any:
        resources = [_resource(one, one.parent, one) for one in request.resources]
        with self._lock:
            reports = self.judging.whole(resources)
        return self._response(reports)

    def Remediate(self, request: Any, context: grpc.ServicerContext) -> Any:
        # The engine asks for every resource, also where the settings have nothing repaired.
        if not self.judging.repairing:
            return analyzer_pb2.RemediateResponse()
        with self._lock:
            repairs = self.judging.repair(_resource(request, request.options.parent))
        made = []
        for repair in repairs:
            properties = Struct()
            properties.update(repair.properties)
            made.append(
                analyzer_pb2.Remediation(
                    policyName=repair.rule.policy,
                    policyPackName=NAME,
                    policyPackVersion=__version__,
                    description=repair.rule.title,
                    properties=properties,
                )
            )
        return analyzer_pb2.RemediateResponse(remediations=made)

    def Cancel(self, request: Empty, context: grpc.ServicerContext) -> Empty:
        return Empty()

    def _response(self, reports: Iterable[Report]) -> Any:
        diagnostics = [
            analyzer_pb2.AnalyzeDiagnostic(
                policyName=report.policy,
                policyPackName=NAME,
                policyPackVersion=__version__,
                description=self._titles.get(report.policy, ""),
                message=report.message,
                enforcementLevel=_LEVELS[report.level],
                urn=report.urn,
            )
            for report in reports
        ]
        return analyzer_pb2.AnalyzeResponse(diagnostics=diagnostics)

    def _say_tier(self, stack: str) -> None:
        """Tell the user, once, as which tier the stack is judged and why."""
        if self._said:
            return
        self._said = True
        stack = self.judging.stack or stack
        tier = self.judging.tier(stack)
        if tier.name:
            self._log(engine_pb2.INFO, f"mlstage judges stack {stack!r} as {tier.name}: {tier.because}")
        else:
            cure = "`pulumi config set mlstage:tier test` or `production` says it"
            what = "rules about test do not hold, and rules about production only advise"
            self._log(engine_pb2.WARNING, f"mlstage: {tier.because} ({what}); {cure}")

    def _log(self, severity: Any, message: str) -> None:
        address = self.engine_address or next((arg for arg in sys.argv[1:2] if ":" in arg), "")
        if not address:
            return
        try:
            with grpc.insecure_channel(address) as channel:
                stub = engine_pb2_grpc.EngineStub(channel)
                stub.Log(engine_pb2.LogRequest(severity=severity, message=message), timeout=5)
        except grpc.RpcError as error:
            print(f"{message} ({error})", file=sys.stderr)


def _policy_of(rule: Rule) -> Any:
    policy = _policy(rule.policy, rule.title, rule.levels.strongest, schema_of(rule))
    policy.remediation_steps = rule.fix
    policy.url = rule.sources[0] if rule.sources else ""
    policy.tags.append(rule.family)
    by_resource = rule.scope == "resource"
    policy.policy_type = analyzer_pb2.POLICY_TYPE_RESOURCE if by_resource else analyzer_pb2.POLICY_TYPE_STACK
    return policy


def _policy(name: str, title: str, level: Level, schema: Mapping[str, Any]) -> Any:
    policy = analyzer_pb2.PolicyInfo(
        name=name,
        displayName=title,
        description=title,
        enforcementLevel=_LEVELS[level],
        policy_type=analyzer_pb2.POLICY_TYPE_STACK,
    )
    policy.configSchema.properties.update(dict(schema))
    return policy


def _resource(message: Any, parent: str, links: Any = None) -> EngineResource:
    return EngineResource(
        urn=message.urn,
        type=message.type,
        name=message.name,
        properties=MessageToDict(message.properties),
        parent=parent,
        dependencies=tuple(links.dependencies) if links else (),
        property_dependencies=(
            {key: tuple(value.urns) for key, value in links.propertyDependencies.items()} if links else {}
        ),
        # Components have no provider of their own.
        custom=message.HasField("provider"),
        protect=message.options.protect,
    )
