import pytest

from mlstage.graph import Graph, GraphError, Resource
from mlstage.passes import PASSES, Context, hashed_names, run_passes, tag_faults, tags

CONTEXT = Context(
    environment="fraud",
    stack="prod",
    owner="payments-ml",
    tier="production",
    tags={"cost-center": "42"},
    workload_tags={"scorer": {"pci": "yes", "cost-center": "43"}},
)


def test_every_taggable_resource_says_whose_it_is() -> None:
    graph = tags(Graph((Resource("topic", "aws.sns.Topic", {"display_name": "Alarms"}),)), CONTEXT)
    assert graph.by_name["topic"].props == {
        "display_name": "Alarms",
        "tags": {
            "cost-center": "42",
            "mlstage:environment": "fraud",
            "mlstage:owner": "payments-ml",
            "mlstage:stack": "prod",
        },
    }


def test_a_workloads_own_tags_weigh_more_than_the_stages_and_the_lowerings_most() -> None:
    topic = Resource(
        "topic", "aws.sns.Topic", {"tags": {"mlstage:owner": "on-call", "mlstage:purchase": "spot"}}, workload="scorer"
    )
    assert tags(Graph((topic,)), CONTEXT).by_name["topic"].props["tags"] == {
        "cost-center": "43",
        "mlstage:environment": "fraud",
        "mlstage:owner": "on-call",
        "mlstage:purchase": "spot",
        "mlstage:stack": "prod",
        "mlstage:workload": "scorer",
        "pci": "yes",
    }


def test_what_takes_no_tags_is_left_alone() -> None:
    graph = Graph((Resource("account", "aws.get_caller_identity", {}), Resource("p", "aws.iam.RolePolicy", {})))
    assert tags(graph, CONTEXT) == graph


def test_tags_that_are_no_mapping_are_our_own_mistake() -> None:
    with pytest.raises(GraphError, match="'topic' has tags that are no mapping"):
        tags(Graph((Resource("topic", "aws.sns.Topic", {"tags": ("a",)}),)), CONTEXT)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"team": "fraud & risk"}, ("team", "the value of tag 'team' has characters that AWS refuses: '&'")),
        ({"team": "a\nb"}, ("team", "the value of tag 'team' has characters that AWS refuses: '\\n'")),
        ({"🎉": "x"}, ("🎉", "the tag key '🎉' has characters that AWS refuses: '\\U0001f389'")),
        ({"k": "v" * 257}, ("k", "the value of tag 'k' has 257 characters; AWS takes at most 256")),
        ({"k" * 129: ""}, ("k" * 129, f"the tag key {'k' * 129!r} has 129 characters; AWS takes at most 128")),
        ({"": "x"}, ("", "a tag has an empty key")),
        ({"AWS:x": "y"}, ("AWS:x", "tag 'AWS:x' begins with 'aws:', which is AWS's own")),
        ({"mlstage:x": "y"}, ("mlstage:x", "tag 'mlstage:x' begins with 'mlstage:', which is mlstage's own")),
        ({"Team": "a", "team": "b"}, ("team", "tags 'Team' and 'team' differ in case only, which IAM refuses")),
        (
            {f"k{i}": "" for i in range(47)},
            ("", "47 tags; AWS takes 50 per resource, of which mlstage sets 4"),
        ),
    ],
)
def test_what_aws_refuses_of_a_tag(given: dict[str, str], expected: tuple[str, str]) -> None:
    assert [(fault.key, fault.what) for fault in tag_faults(given)] == [expected]


def test_what_aws_takes_is_no_fault() -> None:
    assert list(tag_faults({"cost-center": "4 2", "Größe": "x_.:/=+-@ 日本", "k" * 128: "v" * 256})) == []


def test_tags_do_not_change_the_names_of_what_is_immutable() -> None:
    model = Resource("model", "aws.sagemaker.Model", {"name": "fraud-scorer"})
    untagged = hashed_names(Graph((model,)), CONTEXT).by_name["model"].props["name"]
    assert run_passes(Graph((model,)), CONTEXT).by_name["model"].props["name"] == untagged
    assert [one.__name__ for one in PASSES] == ["hashed_names", "tags"]


def test_a_graph_that_is_not_sound_is_refused_before_the_first_pass() -> None:
    with pytest.raises(GraphError, match="'p' needs 'q', which does not exist"):
        run_passes(Graph((Resource("p", "aws.sns.Topic", {}, depends_on=("q",)),)), CONTEXT)
