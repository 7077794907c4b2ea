"""What starts, scales, queues, watches and tells: schedules, alarms, topics, state machines, budgets."""

from __future__ import annotations

from typing import Final

from mlstage.graph.vocabulary.entry import aws

_SCHEDULED: Final = "name resource_id scalable_dimension service_namespace"

OPERATION: Final = (
    aws(
        "appautoscaling.Target",
        "appautoscaling_target",
        "resource_id scalable_dimension service_namespace",
        name="",
    ),
    aws(
        "appautoscaling.Policy",
        "appautoscaling_policy",
        "name resource_id scalable_dimension service_namespace",
        tags=False,
    ),
    aws("scheduler.Schedule", "scheduler_schedule", "group_name name name_prefix", tags=False),
    aws("scheduler.ScheduleGroup", "scheduler_schedule_group", "name name_prefix"),
    aws("cloudwatch.LogGroup", "cloudwatch_log_group", "name name_prefix log_group_class"),
    aws("cloudwatch.LogMetricFilter", "cloudwatch_log_metric_filter", "log_group_name name", tags=False),
    aws("cloudwatch.MetricAlarm", "cloudwatch_metric_alarm", "name", renamed="name=alarm_name"),
    aws(
        "sns.Topic",
        "sns_topic",
        "content_based_deduplication fifo_topic name name_prefix",
        documents="policy delivery_policy",
    ),
    aws(
        "sqs.Queue",
        "sqs_queue",
        "fifo_queue name name_prefix",
        documents="policy redrive_policy redrive_allow_policy",
    ),
    aws("appautoscaling.ScheduledAction", "appautoscaling_scheduled_action", _SCHEDULED, tags=False),
    aws("budgets.Budget", "budgets_budget", "account_id name name_prefix"),
    aws(
        "cloudwatch.Dashboard",
        "cloudwatch_dashboard",
        "dashboard_name",
        tags=False,
        name="dashboard_name",
        documents="dashboard_body",
    ),
    aws("cloudwatch.EventRule", "cloudwatch_event_rule", "event_bus_name name name_prefix", documents="event_pattern"),
    aws("cloudwatch.EventTarget", "cloudwatch_event_target", "event_bus_name rule target_id", tags=False, name=""),
    aws("sns.TopicPolicy", "sns_topic_policy", "arn", tags=False, name="", documents="policy"),
    aws(
        "sns.TopicSubscription",
        "sns_topic_subscription",
        "endpoint protocol topic",
        tags=False,
        name="",
        renamed="topic=topic_arn",
    ),
    aws("sfn.StateMachine", "sfn_state_machine", "name name_prefix type", documents="definition"),
    aws(
        "sqs.RedriveAllowPolicy",
        "sqs_queue_redrive_allow_policy",
        "queue_url",
        tags=False,
        name="",
        documents="redrive_allow_policy",
    ),
)
