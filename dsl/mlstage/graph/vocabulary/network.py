"""Networks, load balancers, and the ways into and out of them."""

from __future__ import annotations

from typing import Final

from mlstage.graph.vocabulary.entry import aws, aws_lookup

NETWORK: Final = (
    aws("ec2.Vpc", "vpc", "cidr_block ipv4_ipam_pool_id", name=""),
    aws("ec2.Subnet", "subnet", "availability_zone availability_zone_id cidr_block vpc_id", name=""),
    aws("ec2.RouteTable", "route_table", "vpc_id", name=""),
    aws(
        "ec2.RouteTableAssociation",
        "route_table_association",
        "subnet_id gateway_id",
        tags=False,
        name="",
    ),
    aws("ec2.SecurityGroup", "security_group", "description name name_prefix vpc_id"),
    aws("vpc.SecurityGroupIngressRule", "vpc_security_group_ingress_rule", "security_group_id", name=""),
    aws("vpc.SecurityGroupEgressRule", "vpc_security_group_egress_rule", "security_group_id", name=""),
    aws(
        "ec2.VpcEndpoint",
        "vpc_endpoint",
        "service_name vpc_endpoint_type vpc_id",
        name="",
        documents="policy",
    ),
    aws(
        "ec2.VpcEndpointRouteTableAssociation",
        "vpc_endpoint_route_table_association",
        "route_table_id vpc_endpoint_id",
        tags=False,
        name="",
    ),
    aws(
        "ec2.SecurityGroupRule",
        "security_group_rule",
        "cidr_blocks from_port ipv6_cidr_blocks prefix_list_ids protocol security_group_id self"
        " source_security_group_id to_port type",
        tags=False,
        name="",
    ),
    aws("ec2.InternetGateway", "internet_gateway", name=""),
    aws("ec2.Eip", "eip", "customer_owned_ipv4_pool domain network_border_group public_ipv4_pool", name=""),
    aws("ec2.NatGateway", "nat_gateway", "allocation_id connectivity_type private_ip subnet_id", name=""),
    aws(
        "ec2.Route",
        "route",
        "destination_cidr_block destination_ipv6_cidr_block destination_prefix_list_id route_table_id",
        tags=False,
        name="",
    ),
    aws("ec2.DefaultSecurityGroup", "default_security_group", "vpc_id", name=""),
    aws_lookup("get_availability_zones", "availability_zones"),
    aws("lb.LoadBalancer", "lb", "internal ip_address_type load_balancer_type name name_prefix"),
    aws("lb.TargetGroup", "lb_target_group", "name name_prefix port protocol protocol_version target_type vpc_id"),
    aws("lb.Listener", "lb_listener", "load_balancer_arn", name=""),
    aws("lb.ListenerRule", "lb_listener_rule", "listener_arn", name=""),
)
