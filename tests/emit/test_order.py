import pytest
from hypothesis import given

from mlstage.emit.order import sections
from mlstage.graph import Graph, GraphError, Group, Ref, Resource
from tests.emit.strategies import graphs


def topic(name: str, *needs: str, workload: str = "") -> Resource:
    return Resource(name, "aws.sns.Topic", {}, depends_on=needs, workload=workload)


def shape(*resources: Resource, groups: str = "") -> list[tuple[str, str, bool]]:
    graph = Graph(resources, groups=tuple(Group(name, "Training") for name in groups.split()))
    return [(one.workload, " ".join(each.name for each in one.resources), one.first) for one in sections(graph)]


def test_the_graphs_own_order_is_kept_where_nothing_is_needed() -> None:
    assert shape(topic("c"), topic("a"), topic("b")) == [("", "c a b", True)]


def test_what_is_needed_comes_first_and_workloads_stay_together() -> None:
    resources = (
        topic("b1", workload="b"),
        topic("a2", "a1", workload="a"),
        topic("b2", "shared", workload="b"),
        topic("a1", workload="a"),
        topic("shared"),
    )
    assert shape(*resources, groups="a b") == [("", "shared", True), ("a", "a1 a2", True), ("b", "b1 b2", True)]


def test_a_workload_that_needs_another_follows_it() -> None:
    resources = (topic("a", "b", workload="a"), topic("b", workload="b"))
    assert shape(*resources, groups="a b") == [("b", "b", True), ("a", "a", True)]


def test_what_the_environment_needs_of_a_workload_follows_the_workload() -> None:
    resources = (topic("dashboard", "a"), topic("key"), topic("a", "key", workload="a"))
    assert shape(*resources, groups="a") == [("", "key", True), ("a", "a", True), ("", "dashboard", False)]


def test_workloads_that_need_each_other_are_continued() -> None:
    resources = (
        topic("a1", workload="a"),
        topic("a2", "b1", workload="a"),
        topic("b1", "a1", workload="b"),
        topic("b2", "a2", workload="b"),
    )
    assert shape(*resources, groups="a b") == [
        ("a", "a1", True),
        ("b", "b1", True),
        ("a", "a2", False),
        ("b", "b2", False),
    ]


def test_a_workload_without_resources_is_a_section_all_the_same() -> None:
    assert shape(groups="a") == [("a", "", True)]


def test_a_resource_of_an_unknown_workload_is_our_own_mistake() -> None:
    with pytest.raises(GraphError, match="'x' belongs to 'a', which is no workload's group"):
        shape(topic("x", workload="a"))


def test_a_cycle_is_named() -> None:
    with pytest.raises(GraphError, match="no order exists: x, y wait for each other"):
        shape(topic("x", "y"), topic("y", "x"))


@given(graphs())
def test_every_resource_appears_once_after_all_that_it_needs(graph: Graph) -> None:
    done: set[str] = set()
    for section in sections(graph):
        for resource in section.resources:
            assert set(resource.needs()) <= done
            assert resource.name not in done
            assert resource.workload == section.workload
            done.add(resource.name)
    assert done == set(graph.by_name)


def test_ten_thousand_resources_are_no_matter() -> None:
    chain = tuple(
        Resource(f"t{i}", "aws.sns.Topic", {"display_name": Ref(f"t{i - 1}", "name")} if i else {})
        for i in reversed(range(10_000))
    )
    assert [one.name for section in sections(Graph(chain)) for one in section.resources] == [
        f"t{i}" for i in range(10_000)
    ]
