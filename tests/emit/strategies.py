"""Values and graphs as hypothesis draws them."""

from __future__ import annotations

from hypothesis import strategies as st

from mlstage.graph import ConfigSecret, Graph, Group, Join, JsonDocument, Options, Ref, Resource, Value

# Half of what is drawn is made of what programs trip over.
TRICKY = st.lists(
    st.sampled_from(
        ["'", '"', '"""', "\\", "\n", "\r", "\t", "{", "}", "${x}", "{{ x }}", "{% x %}", "#", "é", "🎉", " "]
    )
    | st.text(max_size=40),
    max_size=12,
).map("".join)
TEXT = st.text(max_size=30) | TRICKY | st.text("abc /:{}'\"", min_size=90, max_size=400)
# A key cannot be cut, so the shorter ones tell more.
KEY = st.text(max_size=6) | st.sampled_from(["'", '"', '"""', "\\", "\n", "{}", "${x}", "{{ x }}", "a_b", "a:b", "🎉"])
NUMBER = st.integers(-(10**12), 10**12) | st.floats(allow_nan=False, allow_infinity=False)
SCALAR = st.none() | st.booleans() | NUMBER | TEXT
PLAIN = st.recursive(
    SCALAR,
    lambda inner: st.lists(inner, max_size=4).map(tuple) | st.dictionaries(KEY, inner, max_size=4),
    max_leaves=12,
)


def _values(names: list[str]) -> st.SearchStrategy[Value]:
    leaves: st.SearchStrategy[Value] = SCALAR | st.builds(ConfigSecret, st.sampled_from(["pager", "slack:hook"]))
    if names:
        ref = st.builds(Ref, st.sampled_from(names), st.sampled_from(["arn", "id", "name", "owner"]))
        leaves = leaves | ref | st.lists(TEXT | ref, min_size=1, max_size=4).map(tuple).map(Join)
    return st.recursive(
        leaves,
        lambda inner: (
            st.lists(inner, max_size=3).map(tuple)
            | st.dictionaries(KEY, inner, max_size=3)
            | st.builds(JsonDocument, inner)
        ),
        max_leaves=8,
    )


_NAME = st.from_regex(r"[a-z][a-z0-9]{0,12}(-[a-z0-9]{1,12}){0,4}", fullmatch=True) | st.sampled_from(
    ["lambda", "json", "pulumi", "aws", "config", "3d", "list", "match", "class", "scorer", "scorer-topic", "scörer"]
)
_PROPERTY = st.sampled_from(["name", "display_name", "policy", "kms_master_key_id", "tags", "delivery_policy"])
_OPTIONS = st.builds(
    Options,
    protect=st.booleans(),
    delete_before_replace=st.booleans(),
    retain_on_delete=st.booleans(),
    ignore_changes=st.lists(st.sampled_from(["display_name", "tags", "a_b[0].c_d"]), max_size=2, unique=True).map(
        tuple
    ),
    aliases=st.lists(_NAME, max_size=2, unique=True).map(tuple),
    comment=TEXT | st.sampled_from(["type: ignore", "fmt: off", "noqa", "word " * 60]),
)


@st.composite
def graphs(draw: st.DrawFn) -> Graph:
    """Draw a sound graph of topics that refer to one another across workloads."""
    groups = draw(st.lists(_NAME, max_size=3, unique=True))
    names = draw(st.lists(_NAME, max_size=6, unique=True))
    resources = [
        Resource(
            name,
            "aws.sns.Topic",
            draw(st.dictionaries(_PROPERTY, _values(names[:index]), max_size=4)),
            depends_on=tuple(draw(st.lists(st.sampled_from(names[:index]), max_size=2, unique=True)) if index else ()),
            options=draw(_OPTIONS),
            workload=draw(st.sampled_from(["", *groups])),
        )
        for index, name in enumerate(names)
    ]
    return Graph(
        tuple(draw(st.permutations(resources))),
        environment=draw(_NAME),
        stack=draw(_NAME),
        region="us-east-1",
        groups=tuple(Group(name, "Training", draw(st.sampled_from(["", "SageMaker"]))) for name in groups),
        exports=draw(st.dictionaries(KEY, _values(names), max_size=2)),
    )
