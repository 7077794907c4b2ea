"""Lambda, and what stands before it."""

from __future__ import annotations

from typing import Final

from mlstage.graph.vocabulary.entry import aws

FUNCTIONS: Final = (
    aws("codedeploy.Application", "codedeploy_app", "compute_platform"),
    aws("codedeploy.DeploymentGroup", "codedeploy_deployment_group", "", name="deployment_group_name"),
    aws("lambda_.Function", "lambda_function", "name package_type", renamed="name=function_name code=filename"),
    aws("lambda_.Alias", "lambda_alias", "function_name name", tags=False),
    aws("lambda_.FunctionUrl", "lambda_function_url", "function_name qualifier", tags=False, name=""),
    aws(
        "lambda_.ProvisionedConcurrencyConfig",
        "lambda_provisioned_concurrency_config",
        "function_name qualifier",
        tags=False,
        name="",
    ),
    aws(
        "lambda_.FunctionEventInvokeConfig",
        "lambda_function_event_invoke_config",
        "function_name qualifier",
        tags=False,
        name="",
    ),
    aws("lambda_.EventSourceMapping", "lambda_event_source_mapping", "event_source_arn", name=""),
    aws(
        "lambda_.Permission",
        "lambda_permission",
        "action event_source_token function function_url_auth_type principal principal_org_id qualifier source_account"
        " source_arn statement_id statement_id_prefix",
        tags=False,
        name="",
        renamed="function=function_name",
    ),
    aws("apigateway.RestApi", "api_gateway_rest_api", ""),
    aws(
        "apigateway.Method",
        "api_gateway_method",
        "rest_api resource_id http_method",
        tags=False,
        name="",
        renamed="rest_api=rest_api_id",
    ),
    aws(
        "apigateway.Integration",
        "api_gateway_integration",
        "rest_api resource_id http_method",
        tags=False,
        name="",
        renamed="rest_api=rest_api_id",
    ),
    aws("apigatewayv2.Api", "apigatewayv2_api", "protocol_type"),
    aws("apigatewayv2.Integration", "apigatewayv2_integration", "api_id integration_type", tags=False, name=""),
    aws("apigatewayv2.Route", "apigatewayv2_route", "api_id", tags=False, name=""),
    aws("apigatewayv2.Stage", "apigatewayv2_stage", "api_id name"),
)
