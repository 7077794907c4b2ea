"""The stand-in for Pulumi's AWS provider: answers the engine as the real one would, and makes nothing.

It speaks the provider protocol directly rather than through `pulumi.provider.experimental`, which adds a Python
traceback to every refusal that the user reads.
"""

# ruff: noqa: ARG002 - gRPC fixes the arguments of every method
from __future__ import annotations

import hashlib
import json
import os
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar, Final, NoReturn

import grpc
from google.protobuf.empty_pb2 import Empty
from pulumi.runtime.proto import plugin_pb2, provider_pb2, provider_pb2_grpc

from mlstage.offline.provider import behaviours, check, computed, diff, documents, invokes, naming
from mlstage.offline.provider.checkpoint import known_ids
from mlstage.offline.provider.computed import ACCOUNT, Settings
from mlstage.offline.provider.schema import AWS, ResourceType, SchemaError, package_version, resource_type
from mlstage.offline.provider.values import UNKNOWN, decode, encode
from mlstage.offline.provider.world import Thing, World

WORLD_VARIABLE: Final = "MLSTAGE_OFFLINE_WORLD"
KINDS: Final = {
    ("add", False): provider_pb2.PropertyDiff.ADD,
    ("add", True): provider_pb2.PropertyDiff.ADD_REPLACE,
    ("delete", False): provider_pb2.PropertyDiff.DELETE,
    ("delete", True): provider_pb2.PropertyDiff.DELETE_REPLACE,
    ("update", False): provider_pb2.PropertyDiff.UPDATE,
    ("update", True): provider_pb2.PropertyDiff.UPDATE_REPLACE,
}


class StandIn(provider_pb2_grpc.ResourceProviderServicer):
    """One configured AWS provider. All calls run on one event loop, and none of them waits in the middle."""

    package: ClassVar[str] = AWS

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.settings = Settings("", {})
        self._worlds: dict[tuple[str, str], World] = {}
        # Per stack the ids of the engine's saved state, as they were when first asked for; then what was made since.
        self._saved: dict[tuple[str, str], dict[str, set[str]] | None] = {}
        self._made: dict[str, set[str]] = {}

    # Set-up

    async def GetPluginInfo(self, request: Empty, context: Any) -> plugin_pb2.PluginInfo:
        return plugin_pb2.PluginInfo(version=package_version())

    async def GetSchema(self, request: Any, context: Any) -> Any:
        from mlstage.offline.provider.package_schema import package_schema

        try:
            return provider_pb2.GetSchemaResponse(schema=package_schema(self.package))
        except SchemaError as error:
            await refuse(context, str(error))

    async def CheckConfig(self, request: Any, context: Any) -> Any:
        return provider_pb2.CheckResponse(inputs=request.news)

    async def DiffConfig(self, request: Any, context: Any) -> Any:
        return provider_pb2.DiffResponse()

    async def Configure(self, request: Any, context: Any) -> Any:
        values = {name: _from_json(value) for name, value in decode(request.args).items()}
        region = values.get("region") or os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION")
        if not isinstance(region, str):
            reason = "the AWS provider needs a region: `pulumi config set aws:region us-east-1`, or set AWS_REGION"
            await refuse(context, reason)
        tags = values.get("defaultTags")
        own = tags.get("tags") if isinstance(tags, dict) else None
        self.settings = Settings(region, own if isinstance(own, dict) else {})
        return provider_pb2.ConfigureResponse(supportsPreview=True, supports_autonaming_configuration=True)

    async def Cancel(self, request: Empty, context: Any) -> Empty:
        return Empty()

    # Resources

    async def Check(self, request: Any, context: Any) -> Any:
        kind = await kind_of_urn(request.urn, context, missing_is_failure=True)
        if kind is None:
            failure = provider_pb2.CheckFailure(reason=check.unknown_type(token_of_urn(request.urn)))
            return provider_pb2.CheckResponse(inputs=request.news, failures=[failure])
        old, inputs = decode(request.olds), decode(request.news)
        found = check.faults(kind, inputs)
        if found:
            failures = [provider_pb2.CheckFailure(reason=fault) for fault in found]
            return provider_pb2.CheckResponse(inputs=request.news, failures=failures)
        inputs = {
            name: documents.as_text(kind.inputs[name].shape, v) for name, v in inputs.items() if name in kind.inputs
        }
        wish = request.autonaming if request.HasField("autonaming") else None
        inputs = naming.with_name(kind, inputs, name_of_urn(request.urn), old, request.randomSeed, wish)
        inputs = computed.all_tags(kind, inputs, self.settings)
        return provider_pb2.CheckResponse(inputs=encode(inputs))

    async def Diff(self, request: Any, context: Any) -> Any:
        kind = await kind_of_urn(request.urn, context)
        state = decode(request.olds)
        new, old = decode(request.news), _as_it_is(old_inputs(kind, request), state)
        found = diff.compare(kind, *self._in_their_regions(kind, old, state, new))
        replaces = [item.path for item in found if item.replaces]
        detailed = {
            item.path: provider_pb2.PropertyDiff(kind=KINDS[item.kind, item.replaces], inputDiff=True) for item in found
        }
        some, none = provider_pb2.DiffResponse.DIFF_SOME, provider_pb2.DiffResponse.DIFF_NONE
        return provider_pb2.DiffResponse(
            changes=some if found else none,
            diffs=list(dict.fromkeys(_head(item.path) for item in found)),
            replaces=replaces,
            deleteBeforeReplace=bool(replaces) and diff.deletes_first(kind, old, new),
            detailedDiff=detailed,
            hasDetailedDiff=True,
        )

    async def Create(self, request: Any, context: Any) -> Any:
        kind = await kind_of_urn(request.urn, context)
        inputs = decode(request.properties)
        if request.preview:
            return provider_pb2.CreateResponse(properties=encode(computed.previewed(kind, inputs)))
        urn, name, world = request.urn, name_of_urn(request.urn), self._world(request.urn)
        made_from, region = digest(inputs), self._region(inputs)
        with world.held():
            forgotten = self._forgotten(world, kind, urn, made_from)
            # Ids are the same on every machine, and never given twice to one resource, as AWS never does.
            number = forgotten.number if forgotten else world.times_made(urn)
            properties = computed.created(kind, inputs, name, f"{urn}\0{number}", self.settings)
            thing_id = str(properties.pop("id"))
            facts = behaviours.facts_of(kind.token, properties)
            thing = Thing(0, urn, kind.token, thing_id, region, made_from, number, facts)
            self._made.setdefault(urn, set()).add(thing_id)
            if forgotten is not None:
                world.note("create-again", name, forgotten)
            else:
                change = behaviours.Change("create", kind.token, region, ACCOUNT, new=properties)
                refusal = next(behaviours.refusals(change, world), None)
                if refusal is not None:
                    world.note("create", name, thing, refusal)
                    await refuse(context, refusal)
                world.add(thing, name)
        return provider_pb2.CreateResponse(id=thing_id, properties=encode(properties))

    async def Update(self, request: Any, context: Any) -> Any:
        kind = await kind_of_urn(request.urn, context)
        old, inputs, before = decode(request.olds), decode(request.news), old_inputs(kind, request)
        if request.preview:
            change = behaviours.Change("update", kind.token, self._region(inputs), ACCOUNT, request.id, inputs, old)
            unknown = dict.fromkeys(behaviours.recomputed(change), UNKNOWN)
            return provider_pb2.UpdateResponse(properties=encode({**computed.previewed(kind, inputs, old), **unknown}))
        name, world = name_of_urn(request.urn), self._world(request.urn)
        properties = computed.updated(kind, inputs, name, old, before, self.settings)
        region = self._region(inputs)
        with world.held():
            change = behaviours.Change("update", kind.token, region, ACCOUNT, request.id, properties, old)
            refusal = next(behaviours.refusals(change, world), None)
            properties = {**properties, **behaviours.answers(change, world)}
            facts = behaviours.facts_of(kind.token, properties)
            new = Thing(0, request.urn, kind.token, request.id, region, digest(inputs), 0, facts)
            if refusal is not None:
                world.note("update", name, new, refusal)
                await refuse(context, refusal)
            existing = world.find(kind.token, request.id)
            if existing is not None:
                world.change(existing, replace(new, number=existing.number), name)
            else:
                world.add(new, name, "update")  # made before this world was kept, or brought in by `pulumi import`
        return provider_pb2.UpdateResponse(properties=encode(properties))

    async def Delete(self, request: Any, context: Any) -> Empty:
        kind = await kind_of_urn(request.urn, context)
        old, name, world = decode(request.properties), name_of_urn(request.urn), self._world(request.urn)
        region = self._region(old)
        with world.held():
            change = behaviours.Change("delete", kind.token, region, ACCOUNT, request.id, old=old)
            existing = world.find(kind.token, request.id)
            missing = Thing(0, request.urn, kind.token, request.id, region, "", 0)
            refusal = next(behaviours.refusals(change, world), None)
            if refusal is not None:
                world.note("delete", name, existing or missing, refusal)
                await refuse(context, refusal)
            if existing is None:
                world.note("delete", name, missing)  # gone already: AWS's provider is content with that, too
                return Empty()
            along = list(dict.fromkeys(thing.sequence for thing in behaviours.cascade(change, world)))
            world.remove(existing, name)
            for sequence in along:
                if thing := world.by_sequence(sequence):
                    world.remove(thing, name_of_urn(thing.urn))
        return Empty()

    async def Read(self, request: Any, context: Any) -> Any:
        kind = await kind_of_urn(request.urn, context)
        properties, inputs = decode(request.properties), decode(request.inputs)
        if not properties:  # `Vpc.get("main", "vpc-1")` or an import: the stand-in's account has whatever is asked for
            name = naming.name_property(kind)
            inputs = {name: request.id} if name else {}
            properties = computed.created(kind, inputs, request.id, request.id, self.settings)
            properties.pop("id")
            return provider_pb2.ReadResponse(id=request.id, properties=encode(properties), inputs=encode(inputs))
        world = self._world(request.urn)
        with world.held():
            if world.is_gone(kind.token, request.id):
                return provider_pb2.ReadResponse()
        return provider_pb2.ReadResponse(id=request.id, properties=encode(properties), inputs=encode(inputs))

    async def Invoke(self, request: Any, context: Any) -> Any:
        arguments = decode(request.args)
        try:
            result = invokes.answer(request.tok, arguments, self.settings)
        except invokes.InvokeError as error:
            await refuse(context, str(error))
        response = provider_pb2.InvokeResponse()
        getattr(response, "return").CopyFrom(encode(result))
        return response

    async def StreamInvoke(self, request: Any, context: Any) -> AsyncIterator[Any]:
        await refuse(context, f"the stand-in AWS provider does not answer {request.tok}")
        yield

    # The account

    def _forgotten(self, world: World, kind: ResourceType, urn: str, digest: str) -> Thing | None:
        """Find a thing that an earlier run made for this resource, from the same inputs, and that the state lacks.

        When `pulumi` is killed between our answer and its next checkpoint, the thing exists and the state does not
        know it; with a real account the user imports it or deletes it by hand. The stand-in's account is thrown away
        anyway, so it hands out the same thing again, and a second `pulumi up` converges: nothing lost, nothing doubled.
        A thing that the state does know is never handed out: its replacement is another thing.
        """
        project, stack = _project_and_stack(urn)
        if (project, stack) not in self._saved:
            self._saved[project, stack] = known_ids(project, stack)
        saved = self._saved[project, stack]
        if saved is None:
            return None
        known = saved.get(urn, set()) | self._made.get(urn, set())
        unknown = [thing for thing in world.made_for(urn, kind.token, digest) if thing.id not in known]
        return unknown[-1] if unknown else None

    def _in_their_regions(
        self, kind: ResourceType, old: dict[str, Any], state: dict[str, Any], new: dict[str, Any]
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        """Write down where a resource is and where it is to be: the provider may have moved to another region."""
        if "region" not in kind.inputs or not state.get("region"):
            return old, new
        return {**old, "region": state["region"]}, {**new, "region": self._region(new)}

    def _region(self, properties: dict[str, Any]) -> str:
        return str(properties.get("region") or self.settings.region)

    def _world(self, urn: str) -> World:
        project, stack = _project_and_stack(urn)
        if (project, stack) not in self._worlds:
            self.folder.mkdir(parents=True, exist_ok=True)
            self._worlds[project, stack] = World(self.folder, project, stack)
        return self._worlds[project, stack]


async def kind_of_urn(urn: str, context: Any, *, missing_is_failure: bool = False) -> Any:
    """Find the type of a resource; what the package lacks is refused, or left to the caller to say."""
    try:
        kind = resource_type(token_of_urn(urn))
    except SchemaError as error:
        await refuse(context, str(error))
    if kind is None and not missing_is_failure:
        await refuse(context, check.unknown_type(token_of_urn(urn)))
    return kind


async def refuse(context: Any, message: str) -> NoReturn:
    """End a call with a message for the user."""
    await context.abort(grpc.StatusCode.UNKNOWN, message)
    raise AssertionError("abort raises")


def token_of_urn(urn: str) -> str:
    """Give the type of a resource."""
    return urn.split("::")[2].rpartition("$")[2]


def name_of_urn(urn: str) -> str:
    """Give the logical name of a resource."""
    return urn.split("::", 3)[3]


def _project_and_stack(urn: str) -> tuple[str, str]:
    return urn.split("::")[1], urn.split(":", 3)[2]


def _head(path: str) -> str:
    return path.partition(".")[0].partition("[")[0]


def digest(inputs: dict[str, Any]) -> str:
    """Give a digest of what a resource was made from."""
    return hashlib.sha256(json.dumps(inputs, sort_keys=True, default=str).encode()).hexdigest()


def _as_it_is(inputs: dict[str, Any], properties: dict[str, Any]) -> dict[str, Any]:
    """Say what was asked for as AWS has it: like the real provider, so that what it did not do is asked for again."""
    texts = {name: value for name, value in properties.items() if isinstance(value, str) and name in inputs}
    return {**inputs, **{name: value for name, value in texts.items() if isinstance(inputs[name], str)}}


def old_inputs(kind: ResourceType, request: Any) -> dict[str, Any]:
    """Give what a resource was made from, also where an older engine does not say it."""
    if request.HasField("old_inputs"):
        return decode(request.old_inputs)
    return {name: value for name, value in decode(request.olds).items() if name in kind.inputs}


def _from_json(value: Any) -> Any:
    # Nested settings of a provider travel as JSON text.
    if isinstance(value, str) and value.startswith(("{", "[")):
        try:
            return json.loads(value)
        except ValueError:
            return value
    return value
