"""SageMaker."""

from __future__ import annotations

from typing import Final

from mlstage.graph.vocabulary.entry import aws, aws_later

SAGEMAKER: Final = (
    aws(
        "sagemaker.Model",
        "sagemaker_model",
        "containers enable_network_isolation execution_role_arn inference_execution_config name primary_container"
        " vpc_config",
    ),
    aws(
        "sagemaker.EndpointConfiguration",
        "sagemaker_endpoint_configuration",
        "async_inference_config data_capture_config execution_role_arn kms_key_arn name name_prefix"
        " production_variants shadow_production_variants",
    ),
    aws("sagemaker.Endpoint", "sagemaker_endpoint", "name"),
    aws(
        "sagemaker.NotebookInstance",
        "sagemaker_notebook_instance",
        "direct_internet_access kms_key_id name security_groups subnet_id",
    ),
    aws(
        "sagemaker.NotebookInstanceLifecycleConfiguration",
        "sagemaker_notebook_instance_lifecycle_configuration",
        "name",
    ),
    aws(
        "sagemaker.Pipeline",
        "sagemaker_pipeline",
        "pipeline_name",
        name="pipeline_name",
        documents="pipeline_definition",
    ),
    aws("sagemaker.CodeRepository", "sagemaker_code_repository", "code_repository_name", name="code_repository_name"),
    aws(
        "sagemaker.DataQualityJobDefinition",
        "sagemaker_data_quality_job_definition",
        "data_quality_app_specification data_quality_baseline_config data_quality_job_input"
        " data_quality_job_output_config job_resources name network_config role_arn stopping_condition",
    ),
    aws_later("sagemaker.TrainingJob", "sagemaker_training_job", name="training_job_name"),
    aws_later("sagemaker.HyperParameterTuningJob", "sagemaker_hyper_parameter_tuning_job"),
    aws("sagemaker.MonitoringSchedule", "sagemaker_monitoring_schedule", "name"),
    aws(
        "sagemaker.FeatureGroup",
        "sagemaker_feature_group",
        "description event_time_feature_name feature_group_name offline_store_config record_identifier_feature_name"
        " role_arn",
        name="feature_group_name",
    ),
    aws("sagemaker.Domain", "sagemaker_domain", "auth_mode domain_name kms_key_id vpc_id", name="domain_name"),
)
