"""What AWS calls things: the id and the computed properties of each resource type, as templates.

Forms of ARNs: each service's page in the Service Authorization Reference
(https://docs.aws.amazon.com/service-authorization/latest/reference/), read 2026-11. Forms of ids: what the AWS provider
for Terraform uses, which Pulumi's takes over.
"""

from __future__ import annotations

from typing import Final

# In a template, {name} is the resource's own name, {hex8} … {hex32} and {uuid} are letters that stay the same for the
# same resource, {account}, {region} and {partition} are the provider's, and any other word is an input property.
# `id` is the resource's id, every other key a computed property.
TEMPLATES: Final[dict[str, dict[str, str]]] = {
    "aws:appautoscaling/policy:Policy": {
        "id": "{name}",
        "arn": "arn:{partition}:autoscaling:{region}:{account}:scalingPolicy:{uuid}:resource/{serviceNamespace}"
        "/{resourceId}:policyName/{name}",
    },
    "aws:appautoscaling/target:Target": {
        "id": "{resourceId}",
        "arn": "arn:{partition}:application-autoscaling:{region}:{account}:scalable-target/{hex32}",
        "roleArn": "arn:{partition}:iam::{account}:role/aws-service-role/{serviceNamespace}"
        ".application-autoscaling.amazonaws.com/AWSServiceRoleForApplicationAutoScaling",
    },
    "aws:autoscaling/group:Group": {
        "id": "{name}",
        "arn": "arn:{partition}:autoscaling:{region}:{account}:autoScalingGroup:{uuid}:autoScalingGroupName/{name}",
    },
    "aws:batch/computeEnvironment:ComputeEnvironment": {
        "id": "{name}",
        "arn": "arn:{partition}:batch:{region}:{account}:compute-environment/{name}",
    },
    "aws:batch/jobDefinition:JobDefinition": {
        "id": "arn:{partition}:batch:{region}:{account}:job-definition/{name}:1",
        "arn": "arn:{partition}:batch:{region}:{account}:job-definition/{name}:1",
        "arnPrefix": "arn:{partition}:batch:{region}:{account}:job-definition/{name}",
    },
    "aws:batch/jobQueue:JobQueue": {
        "id": "arn:{partition}:batch:{region}:{account}:job-queue/{name}",
        "arn": "arn:{partition}:batch:{region}:{account}:job-queue/{name}",
    },
    "aws:budgets/budget:Budget": {
        "id": "{account}:{name}",
        "arn": "arn:{partition}:budgets::{account}:budget/{name}",
    },
    "aws:cloudwatch/dashboard:Dashboard": {
        "id": "{dashboardName}",
        "dashboardArn": "arn:{partition}:cloudwatch::{account}:dashboard/{dashboardName}",
    },
    "aws:cloudwatch/eventRule:EventRule": {
        "id": "{name}",
        "arn": "arn:{partition}:events:{region}:{account}:rule/{name}",
    },
    "aws:cloudwatch/eventTarget:EventTarget": {"id": "{rule}-{hex16}"},
    "aws:cloudwatch/logGroup:LogGroup": {
        "id": "{name}",
        "arn": "arn:{partition}:logs:{region}:{account}:log-group:{name}",
    },
    "aws:cloudwatch/metricAlarm:MetricAlarm": {
        "id": "{name}",
        "arn": "arn:{partition}:cloudwatch:{region}:{account}:alarm:{name}",
    },
    "aws:dynamodb/table:Table": {
        "id": "{name}",
        "arn": "arn:{partition}:dynamodb:{region}:{account}:table/{name}",
    },
    "aws:ebs/volume:Volume": {
        "id": "vol-{hex17}",
        "arn": "arn:{partition}:ec2:{region}:{account}:volume/vol-{hex17}",
    },
    "aws:ec2/eip:Eip": {
        "id": "eipalloc-{hex17}",
        "allocationId": "eipalloc-{hex17}",
        "arn": "arn:{partition}:ec2:{region}:{account}:elastic-ip/eipalloc-{hex17}",
        "publicIp": "203.0.113.10",
    },
    "aws:ec2/flowLog:FlowLog": {
        "id": "fl-{hex17}",
        "arn": "arn:{partition}:ec2:{region}:{account}:vpc-flow-log/fl-{hex17}",
    },
    "aws:ec2/instance:Instance": {
        "id": "i-{hex17}",
        "arn": "arn:{partition}:ec2:{region}:{account}:instance/i-{hex17}",
        "instanceState": "running",
        "privateIp": "10.0.0.10",
    },
    "aws:ec2/internetGateway:InternetGateway": {
        "id": "igw-{hex17}",
        "arn": "arn:{partition}:ec2:{region}:{account}:internet-gateway/igw-{hex17}",
    },
    "aws:ec2/launchTemplate:LaunchTemplate": {
        "id": "lt-{hex17}",
        "arn": "arn:{partition}:ec2:{region}:{account}:launch-template/lt-{hex17}",
        "latestVersion": "1",
        "defaultVersion": "1",
    },
    "aws:ec2/natGateway:NatGateway": {"id": "nat-{hex17}", "publicIp": "203.0.113.11", "privateIp": "10.0.0.11"},
    "aws:ec2/networkInterface:NetworkInterface": {
        "id": "eni-{hex17}",
        "arn": "arn:{partition}:ec2:{region}:{account}:network-interface/eni-{hex17}",
    },
    "aws:ec2/route:Route": {"id": "r-{routeTableId}{hex8}"},
    "aws:ec2/routeTable:RouteTable": {
        "id": "rtb-{hex17}",
        "arn": "arn:{partition}:ec2:{region}:{account}:route-table/rtb-{hex17}",
    },
    "aws:ec2/routeTableAssociation:RouteTableAssociation": {"id": "rtbassoc-{hex17}"},
    "aws:ec2/securityGroup:SecurityGroup": {
        "id": "sg-{hex17}",
        "arn": "arn:{partition}:ec2:{region}:{account}:security-group/sg-{hex17}",
    },
    "aws:ec2/securityGroupRule:SecurityGroupRule": {"id": "sgrule-{hex8}", "securityGroupRuleId": "sgr-{hex17}"},
    "aws:ec2/subnet:Subnet": {
        "id": "subnet-{hex17}",
        "arn": "arn:{partition}:ec2:{region}:{account}:subnet/subnet-{hex17}",
        "availabilityZone": "{region}a",
    },
    "aws:ec2/vpc:Vpc": {
        "id": "vpc-{hex17}",
        "arn": "arn:{partition}:ec2:{region}:{account}:vpc/vpc-{hex17}",
        "defaultNetworkAclId": "acl-{hex17}",
        "defaultRouteTableId": "rtb-{hex17}",
        "defaultSecurityGroupId": "sg-{hex17}",
        "mainRouteTableId": "rtb-{hex17}",
    },
    "aws:ec2/vpcEndpoint:VpcEndpoint": {
        "id": "vpce-{hex17}",
        "arn": "arn:{partition}:ec2:{region}:{account}:vpc-endpoint/vpce-{hex17}",
        "state": "available",
    },
    "aws:ecr/lifecyclePolicy:LifecyclePolicy": {"id": "{repository}", "registryId": "{account}"},
    "aws:ecr/repository:Repository": {
        "id": "{name}",
        "arn": "arn:{partition}:ecr:{region}:{account}:repository/{name}",
        "registryId": "{account}",
        "repositoryUrl": "{account}.dkr.ecr.{region}.amazonaws.com/{name}",
    },
    "aws:ecs/capacityProvider:CapacityProvider": {
        "id": "arn:{partition}:ecs:{region}:{account}:capacity-provider/{name}",
        "arn": "arn:{partition}:ecs:{region}:{account}:capacity-provider/{name}",
    },
    "aws:ecs/cluster:Cluster": {
        "id": "arn:{partition}:ecs:{region}:{account}:cluster/{name}",
        "arn": "arn:{partition}:ecs:{region}:{account}:cluster/{name}",
    },
    "aws:ecs/clusterCapacityProviders:ClusterCapacityProviders": {"id": "{clusterName}"},
    "aws:ecs/service:Service": {
        "id": "arn:{partition}:ecs:{region}:{account}:service/{clusterTail}/{name}",
        "arn": "arn:{partition}:ecs:{region}:{account}:service/{clusterTail}/{name}",
    },
    "aws:ecs/taskDefinition:TaskDefinition": {
        "id": "{family}",
        "arn": "arn:{partition}:ecs:{region}:{account}:task-definition/{family}:1",
        "arnWithoutRevision": "arn:{partition}:ecs:{region}:{account}:task-definition/{family}",
        "revision": "1",
    },
    "aws:efs/fileSystem:FileSystem": {
        "id": "fs-{hex17}",
        "arn": "arn:{partition}:elasticfilesystem:{region}:{account}:file-system/fs-{hex17}",
        "dnsName": "fs-{hex17}.efs.{region}.amazonaws.com",
    },
    "aws:eks/accessEntry:AccessEntry": {"id": "{clusterName}:{principalArn}"},
    "aws:eks/addon:Addon": {
        "id": "{clusterName}:{addonName}",
        "arn": "arn:{partition}:eks:{region}:{account}:addon/{clusterName}/{addonName}/{uuid}",
    },
    "aws:eks/cluster:Cluster": {
        "id": "{name}",
        "arn": "arn:{partition}:eks:{region}:{account}:cluster/{name}",
        "endpoint": "https://{hex32}.gr7.{region}.eks.amazonaws.com",
        "status": "ACTIVE",
        "certificateAuthority.data": "{hex32}",
        "vpcConfig.clusterSecurityGroupId": "sg-{hex17}",
    },
    "aws:eks/nodeGroup:NodeGroup": {
        "id": "{clusterName}:{nodeGroupName}",
        "arn": "arn:{partition}:eks:{region}:{account}:nodegroup/{clusterName}/{nodeGroupName}/{uuid}",
        "status": "ACTIVE",
    },
    "aws:eks/podIdentityAssociation:PodIdentityAssociation": {
        "id": "a-{hex17}",
        "associationId": "a-{hex17}",
        "associationArn": "arn:{partition}:eks:{region}:{account}:podidentityassociation/{clusterName}/a-{hex17}",
    },
    "aws:iam/instanceProfile:InstanceProfile": {
        "id": "{name}",
        "arn": "arn:{partition}:iam::{account}:instance-profile{pathOrRoot}{name}",
        "uniqueId": "AIPA{HEX17}",
    },
    "aws:iam/openIdConnectProvider:OpenIdConnectProvider": {
        "id": "arn:{partition}:iam::{account}:oidc-provider/{urlTail}",
        "arn": "arn:{partition}:iam::{account}:oidc-provider/{urlTail}",
    },
    "aws:iam/policy:Policy": {
        "id": "arn:{partition}:iam::{account}:policy{pathOrRoot}{name}",
        "arn": "arn:{partition}:iam::{account}:policy{pathOrRoot}{name}",
        "policyId": "ANPA{HEX17}",
    },
    "aws:iam/role:Role": {
        "id": "{name}",
        "arn": "arn:{partition}:iam::{account}:role{pathOrRoot}{name}",
        "uniqueId": "AROA{HEX17}",
    },
    "aws:iam/rolePolicy:RolePolicy": {"id": "{role}:{name}"},
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment": {"id": "{role}/{policyArn}"},
    "aws:iam/user:User": {
        "id": "{name}",
        "arn": "arn:{partition}:iam::{account}:user{pathOrRoot}{name}",
        "uniqueId": "AIDA{HEX17}",
    },
    "aws:kms/alias:Alias": {
        "id": "{name}",
        "arn": "arn:{partition}:kms:{region}:{account}:{name}",
        "targetKeyArn": "arn:{partition}:kms:{region}:{account}:key/{targetKeyTail}",
    },
    "aws:kms/key:Key": {
        "id": "{uuid}",
        "keyId": "{uuid}",
        "arn": "arn:{partition}:kms:{region}:{account}:key/{uuid}",
    },
    "aws:lambda/alias:Alias": {
        "id": "arn:{partition}:lambda:{region}:{account}:function:{functionTail}:{name}",
        "arn": "arn:{partition}:lambda:{region}:{account}:function:{functionTail}:{name}",
        "invokeArn": "arn:{partition}:apigateway:{region}:lambda:path/2015-03-31/functions/arn:{partition}:lambda"
        ":{region}:{account}:function:{functionTail}:{name}/invocations",
    },
    "aws:lambda/eventSourceMapping:EventSourceMapping": {
        "id": "{uuid}",
        "uuid": "{uuid}",
        "arn": "arn:{partition}:lambda:{region}:{account}:event-source-mapping:{uuid}",
        "functionArn": "arn:{partition}:lambda:{region}:{account}:function:{functionTail}",
        "state": "Enabled",
    },
    "aws:lambda/function:Function": {
        "id": "{name}",
        "arn": "arn:{partition}:lambda:{region}:{account}:function:{name}",
        "qualifiedArn": "arn:{partition}:lambda:{region}:{account}:function:{name}:1",
        "invokeArn": "arn:{partition}:apigateway:{region}:lambda:path/2015-03-31/functions/arn:{partition}:lambda"
        ":{region}:{account}:function:{name}/invocations",
        "version": "1",
    },
    "aws:lambda/functionUrl:FunctionUrl": {
        "id": "{functionTail}",
        "functionArn": "arn:{partition}:lambda:{region}:{account}:function:{functionTail}",
        "functionUrl": "https://{hex32}.lambda-url.{region}.on.aws/",
        "urlId": "{hex32}",
    },
    "aws:lambda/permission:Permission": {"id": "{statementIdOrMade}", "statementId": "{statementIdOrMade}"},
    "aws:lambda/provisionedConcurrencyConfig:ProvisionedConcurrencyConfig": {"id": "{functionTail},{qualifier}"},
    "aws:lb/listener:Listener": {
        "id": "{loadBalancerArnAsListener}/{hex16}",
        "arn": "{loadBalancerArnAsListener}/{hex16}",
    },
    "aws:lb/listenerRule:ListenerRule": {
        "id": "{listenerArn}/{hex16}",
        "arn": "{listenerArn}/{hex16}",
    },
    "aws:lb/loadBalancer:LoadBalancer": {
        "id": "arn:{partition}:elasticloadbalancing:{region}:{account}:loadbalancer/app/{name}/{hex16}",
        "arn": "arn:{partition}:elasticloadbalancing:{region}:{account}:loadbalancer/app/{name}/{hex16}",
        "arnSuffix": "app/{name}/{hex16}",
        "dnsName": "{name}-{hex8}.{region}.elb.amazonaws.com",
    },
    "aws:lb/targetGroup:TargetGroup": {
        "id": "arn:{partition}:elasticloadbalancing:{region}:{account}:targetgroup/{name}/{hex16}",
        "arn": "arn:{partition}:elasticloadbalancing:{region}:{account}:targetgroup/{name}/{hex16}",
        "arnSuffix": "targetgroup/{name}/{hex16}",
    },
    "aws:s3/bucket:Bucket": {
        "id": "{bucket}",
        "arn": "arn:{partition}:s3:::{bucket}",
        "bucketDomainName": "{bucket}.s3.amazonaws.com",
        "bucketRegionalDomainName": "{bucket}.s3.{region}.amazonaws.com",
    },
    "aws:s3/bucketV2:BucketV2": {
        "id": "{bucket}",
        "arn": "arn:{partition}:s3:::{bucket}",
        "bucketDomainName": "{bucket}.s3.amazonaws.com",
        "bucketRegionalDomainName": "{bucket}.s3.{region}.amazonaws.com",
    },
    "aws:s3/bucketObject:BucketObject": {"id": "{key}", "etag": "{hex32}"},
    "aws:s3/bucketObjectv2:BucketObjectv2": {"id": "{key}", "etag": "{hex32}"},
    "aws:sagemaker/domain:Domain": {
        "id": "d-{hex12}",
        "arn": "arn:{partition}:sagemaker:{region}:{account}:domain/d-{hex12}",
        "homeEfsFileSystemId": "fs-{hex17}",
        "url": "https://d-{hex12}.studio.{region}.sagemaker.aws",
    },
    "aws:sagemaker/endpoint:Endpoint": {
        "id": "{name}",
        "arn": "arn:{partition}:sagemaker:{region}:{account}:endpoint/{nameLower}",
    },
    "aws:sagemaker/endpointConfiguration:EndpointConfiguration": {
        "id": "{name}",
        "arn": "arn:{partition}:sagemaker:{region}:{account}:endpoint-config/{nameLower}",
    },
    "aws:sagemaker/featureGroup:FeatureGroup": {
        "id": "{featureGroupName}",
        "arn": "arn:{partition}:sagemaker:{region}:{account}:feature-group/{featureGroupName}",
    },
    "aws:sagemaker/model:Model": {
        "id": "{name}",
        "arn": "arn:{partition}:sagemaker:{region}:{account}:model/{nameLower}",
    },
    "aws:sagemaker/notebookInstance:NotebookInstance": {
        "id": "{name}",
        "arn": "arn:{partition}:sagemaker:{region}:{account}:notebook-instance/{nameLower}",
        "networkInterfaceId": "eni-{hex17}",
        "url": "{name}.notebook.{region}.sagemaker.aws",
    },
    "aws:sagemaker/notebookInstanceLifecycleConfiguration:NotebookInstanceLifecycleConfiguration": {
        "id": "{name}",
        "arn": "arn:{partition}:sagemaker:{region}:{account}:notebook-instance-lifecycle-config/{nameLower}",
    },
    "aws:sagemaker/pipeline:Pipeline": {
        "id": "{pipelineName}",
        "arn": "arn:{partition}:sagemaker:{region}:{account}:pipeline/{pipelineName}",
    },
    "aws:scheduler/schedule:Schedule": {
        "id": "{groupNameOrDefault}/{name}",
        "arn": "arn:{partition}:scheduler:{region}:{account}:schedule/{groupNameOrDefault}/{name}",
        "groupName": "default",
    },
    "aws:scheduler/scheduleGroup:ScheduleGroup": {
        "id": "{name}",
        "arn": "arn:{partition}:scheduler:{region}:{account}:schedule-group/{name}",
        "state": "ACTIVE",
    },
    "aws:secretsmanager/secret:Secret": {
        "id": "arn:{partition}:secretsmanager:{region}:{account}:secret:{name}-{hex6}",
        "arn": "arn:{partition}:secretsmanager:{region}:{account}:secret:{name}-{hex6}",
    },
    "aws:secretsmanager/secretVersion:SecretVersion": {"id": "{secretId}|{uuid}", "versionId": "{uuid}"},
    "aws:sfn/stateMachine:StateMachine": {
        "id": "arn:{partition}:states:{region}:{account}:stateMachine:{name}",
        "arn": "arn:{partition}:states:{region}:{account}:stateMachine:{name}",
        "status": "ACTIVE",
    },
    "aws:sns/topic:Topic": {
        "id": "arn:{partition}:sns:{region}:{account}:{name}",
        "arn": "arn:{partition}:sns:{region}:{account}:{name}",
        "owner": "{account}",
    },
    "aws:sns/topicSubscription:TopicSubscription": {"id": "{topic}:{uuid}", "arn": "{topic}:{uuid}"},
    "aws:sqs/queue:Queue": {
        "id": "https://sqs.{region}.amazonaws.com/{account}/{name}",
        "url": "https://sqs.{region}.amazonaws.com/{account}/{name}",
        "arn": "arn:{partition}:sqs:{region}:{account}:{name}",
    },
    "aws:sqs/queuePolicy:QueuePolicy": {"id": "{queueUrl}"},
    "aws:ssm/parameter:Parameter": {
        "id": "{name}",
        "arn": "arn:{partition}:ssm:{region}:{account}:parameter/{nameTail}",
        "version": "1",
    },
    "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": {
        "id": "sgr-{hex17}",
        "arn": "arn:{partition}:ec2:{region}:{account}:security-group-rule/sgr-{hex17}",
        "securityGroupRuleId": "sgr-{hex17}",
    },
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": {
        "id": "sgr-{hex17}",
        "arn": "arn:{partition}:ec2:{region}:{account}:security-group-rule/sgr-{hex17}",
        "securityGroupRuleId": "sgr-{hex17}",
    },
}

# Prefixes of ARNs whose service is not called what Pulumi calls it.
ARN_SERVICES: Final = {
    "alb": "elasticloadbalancing",
    "cloudwatch": "logs",
    "ebs": "ec2",
    "efs": "elasticfilesystem",
    "lb": "elasticloadbalancing",
    "sfn": "states",
    "vpc": "ec2",
}

# Resources that configure another one and take its id, by the property that names it.
PARENTS: Final = (
    "bucket",
    "repository",
    "queueUrl",
    "topicArn",
    "keyId",
    "clusterName",
    "functionName",
    "role",
    "user",
)
