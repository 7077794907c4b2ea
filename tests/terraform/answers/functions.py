"""Lambda, Step Functions and API Gateway."""

from __future__ import annotations

import json
import sys
from types import ModuleType
from typing import Any

from tests.terraform.answers import added, wrap


@added("states:ValidateStateMachineDefinition", "moto has no such answer; this one finds every definition right")
def _definitions() -> None:
    from moto.core.responses import ActionResult
    from moto.stepfunctions.responses import StepFunctionResponse

    def validate_state_machine_definition(response: Any) -> Any:
        json.loads(response._get_param("definition"))
        return ActionResult({"result": "OK", "diagnostics": [], "truncated": False})

    answer = validate_state_machine_definition
    setattr(StepFunctionResponse, answer.__name__, answer)


@added("states:ListStateMachineVersions", "moto knows no versions of state machines; there are none")
def _versions() -> None:
    from moto.core.responses import ActionResult
    from moto.stepfunctions.responses import StepFunctionResponse

    def list_state_machine_versions(_: Any) -> Any:
        return ActionResult({"stateMachineVersions": []})

    answer = list_state_machine_versions
    setattr(StepFunctionResponse, answer.__name__, answer)


@added(
    "lambda:GetFunction",
    "moto answers image settings that nobody gave, and a network that is not the subnets'; AWS neither",
)
def _described() -> None:
    from moto.awslambda.models import LambdaFunction
    from moto.ec2.models import ec2_backends

    def described(theirs: Any, function: Any, *args: Any, **options: Any) -> dict[str, Any]:
        answer: dict[str, Any] = theirs(function, *args, **options)
        settings = (answer.get("ImageConfigResponse") or {}).get("ImageConfig", {})
        if not any(settings.values()):
            answer.pop("ImageConfigResponse", None)
        if answer.get("VpcConfig") and answer["VpcConfig"]["SubnetIds"]:
            subnet = ec2_backends[function.account_id][function.region].get_subnet(answer["VpcConfig"]["SubnetIds"][0])
            answer["VpcConfig"]["VpcId"] = subnet.vpc_id
        return answer

    wrap(LambdaFunction, "get_configuration", described)


@added("lambda:UpdateFunctionConfiguration", "moto changes no storage, key, image settings or tracing")
def _updated() -> None:
    from moto.awslambda.models import ImageConfig, LambdaFunction

    def updated(theirs: Any, function: Any, changes: dict[str, Any]) -> dict[str, Any]:
        if "EphemeralStorage" in changes:
            function.ephemeral_storage = changes["EphemeralStorage"]["Size"]
        if "ImageConfig" in changes:
            function.image_config = ImageConfig(changes["ImageConfig"])
        function.kms_key_arn = changes.get("KMSKeyArn", function.kms_key_arn)
        function.tracing_config = changes.get("TracingConfig", function.tracing_config)
        answer: dict[str, Any] = theirs(function, changes)
        return answer

    wrap(LambdaFunction, "update_configuration", updated)


@added("lambda:GetEventSourceMapping", "moto answers the version behind an alias, AWS the alias that was named")
def _aliases() -> None:
    from moto.awslambda.models import EventSourceMapping, LambdaBackend

    def described(theirs: Any, mapping: Any) -> dict[str, Any]:
        answer: dict[str, Any] = theirs(mapping)
        if mapping.function_name.startswith("arn:"):
            answer["FunctionArn"] = mapping.function_name
        return answer

    def updated(theirs: Any, backend: Any, uuid: str, changes: dict[str, Any]) -> Any:
        mapping = theirs(backend, uuid, changes)
        if mapping:
            mapping.function_name = changes.get("FunctionName", mapping.function_name)
        return mapping

    wrap(EventSourceMapping, "get_configuration", described)
    wrap(LambdaBackend, "update_event_source_mapping", updated)


@added("lambda:PutProvisionedConcurrencyConfig", "moto keeps no environments warm; these are ready at once")
def _warm() -> None:
    from moto.awslambda.responses import LambdaResponse
    from moto.awslambda.urls import url_paths

    kept: dict[tuple[str, str], int] = {}

    def key(response: Any) -> tuple[str, str]:
        name = response.path.split("/functions/")[1].split("/")[0].rpartition(":")[2]
        return name, response._get_param("Qualifier")

    def told(places: int) -> dict[str, Any]:
        return {
            "RequestedProvisionedConcurrentExecutions": places,
            "AvailableProvisionedConcurrentExecutions": places,
            "AllocatedProvisionedConcurrentExecutions": places,
            "Status": "READY",
            "LastModified": "2026-11-01T00:00:00+0000",
        }

    def put_provisioned_concurrency_config(response: Any) -> Any:
        kept[key(response)] = json.loads(response.body)["ProvisionedConcurrentExecutions"]
        return 202, {}, json.dumps(told(kept[key(response)]))

    def get_provisioned_concurrency_config(response: Any) -> Any:
        if key(response) not in kept:
            headers = {"x-amzn-errortype": "ProvisionedConcurrencyConfigNotFoundException", "status": 404}
            return 404, headers, json.dumps({"Type": "User", "Message": "No Provisioned Concurrency Config found"})
        return 200, {}, json.dumps(told(kept[key(response)]))

    def delete_provisioned_concurrency_config(response: Any) -> Any:
        kept.pop(key(response), None)
        return 204, {}, ""

    path = r"{0}/(?P<api_version>[^/]+)/functions/(?P<function_name>[\w_:%-]+)/provisioned-concurrency/?$"
    url_paths[path] = LambdaResponse.dispatch
    for answer in (
        put_provisioned_concurrency_config,
        get_provisioned_concurrency_config,
        delete_provisioned_concurrency_config,
    ):
        setattr(LambdaResponse, answer.__name__, answer)


@added("apigateway:CreateApi", "moto wants a validator of OpenAPI documents, of which there are none here")
def _api_gateway() -> None:
    names = ("openapi_spec_validator", "openapi_spec_validator.validation")
    top, _, exceptions = (ModuleType(name) for name in (*names, f"{names[1]}.exceptions"))
    top.validate_spec = top.validate = _refused  # type: ignore[attr-defined]
    exceptions.OpenAPIValidationError = ValueError  # type: ignore[attr-defined]
    for module in (top, ModuleType(names[1]), exceptions):
        sys.modules.setdefault(module.__name__, module)


def _refused(document: object) -> None:
    raise NotImplementedError("no OpenAPI document is imported here")
