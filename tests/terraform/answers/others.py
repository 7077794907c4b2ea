"""EC2, Budgets and SQS."""

from __future__ import annotations

import json
from typing import Any

from tests.terraform.answers import added, wrap


@added("ec2:DescribeSecurityGroupRules", "moto keeps the description of rules for addresses only")
def _rule_descriptions() -> None:
    from moto.ec2.models.security_groups import SecurityGroupRule

    def made(theirs: Any, rule: Any, *args: Any, **options: Any) -> None:
        theirs(rule, *args, **options)
        parts = (part for part in (*args, *options.values()) if isinstance(part, dict))
        rule.own_description = next((part["Description"] for part in parts if "Description" in part), None)

    wrap(SecurityGroupRule, "__init__", made)
    setattr(SecurityGroupRule, "description", property(lambda rule: rule.own_description))  # noqa: B010 - typed a method


@added("ec2:CreateLaunchTemplate", "moto tells a template's own tags as if machines were to have them")
def _template_tags() -> None:
    from moto.ec2.models.launch_templates import LaunchTemplate

    def made(theirs: Any, template: Any, data: dict[str, Any], *rest: Any) -> Any:
        tags = [one for one in data.get("TagSpecifications", ()) if one["ResourceType"] != "launch-template"]
        return theirs(template, {**data, "TagSpecifications": tags}, *rest)

    wrap(LaunchTemplate, "create_version", made)


@added("budgets:DescribeSubscribersForNotification", "moto keeps no subscribers")
def _subscribers() -> None:
    from moto.budgets.responses import BudgetsResponse

    kept: dict[str, list[dict[str, str]]] = {}

    def place(response: Any) -> str:
        name, notification = response._get_param("BudgetName"), response._get_param("Notification")
        told = {**notification, "Threshold": float(notification["Threshold"])}
        told.pop("NotificationState", None)
        return json.dumps([name, told], sort_keys=True)

    def created(theirs: Any, response: Any) -> str:
        answer: str = theirs(response)
        kept[place(response)] = response._get_param("Subscribers")
        return answer

    def describe_subscribers_for_notification(response: Any) -> str:
        return json.dumps({"Subscribers": kept.get(place(response), [])})

    wrap(BudgetsResponse, "create_notification", created)
    found = describe_subscribers_for_notification
    setattr(BudgetsResponse, found.__name__, found)


@added("budgets:ListTagsForResource", "moto has no tags there")
def _budget_tags() -> None:
    from moto.budgets.responses import BudgetsResponse

    tags: dict[str, dict[str, str]] = {}

    def created(theirs: Any, response: Any) -> str:
        answer: str = theirs(response)
        account, name = response._get_param("AccountId"), response._get_param("Budget")["BudgetName"]
        given = response._get_param("ResourceTags") or []
        tags[f"arn:aws:budgets::{account}:budget/{name}"] = {tag["Key"]: tag["Value"] for tag in given}
        return answer

    def tag_resource(response: Any) -> str:
        given = {tag["Key"]: tag["Value"] for tag in response._get_param("ResourceTags")}
        tags.setdefault(response._get_param("ResourceARN"), {}).update(given)
        return "{}"

    def untag_resource(response: Any) -> str:
        for key in response._get_param("ResourceTagKeys"):
            tags.get(response._get_param("ResourceARN"), {}).pop(key, None)
        return "{}"

    def list_tags_for_resource(response: Any) -> str:
        found = tags.get(response._get_param("ResourceARN"), {})
        return json.dumps({"ResourceTags": [{"Key": key, "Value": value} for key, value in found.items()]})

    wrap(BudgetsResponse, "create_budget", created)
    for answer in (tag_resource, untag_resource, list_tags_for_resource):
        setattr(BudgetsResponse, answer.__name__, answer)


@added("sqs:GetQueueAttributes", "moto keeps no redrive allow policy, and drops a policy when something else is set")
def _queue_attributes() -> None:
    from moto.sqs.models import Queue

    set_attributes = Queue._set_attributes

    def kept(queue: Any, given: dict[str, Any], now: Any = None) -> None:
        set_attributes(queue, {**({"Policy": queue.policy} if hasattr(queue, "policy") else {}), **given}, now)
        queue.redrive_allow_policy = queue.redrive_allow_policy or None  # "" takes it away

    Queue.BASE_ATTRIBUTES = [*Queue.BASE_ATTRIBUTES, "RedriveAllowPolicy"]
    setattr(Queue, "redrive_allow_policy", None)  # noqa: B010 - mypy minds an assignment
    setattr(Queue, "_set_attributes", kept)  # noqa: B010 - mypy minds an assignment


@added("sqs:GetQueueAttributes (RedrivePolicy)", "moto writes the policy with spaces that nobody gave")
def _redrive_policy() -> None:
    from moto.sqs.models import Queue

    attributes = Queue.attributes

    def told(queue: Any) -> dict[str, Any]:
        found: dict[str, Any] = attributes.__get__(queue)
        if found.get("RedrivePolicy"):
            found["RedrivePolicy"] = json.dumps(json.loads(found["RedrivePolicy"]), separators=(",", ":"))
        return found

    setattr(Queue, "attributes", property(told))  # noqa: B010 - mypy minds an assignment
