import ast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlstage.emit.printer import Call, Code, Expression, Extended, UnprintableError, docstring, py
from tests.emit.formatter import formatted, lint
from tests.emit.strategies import KEY, PLAIN, TEXT


def as_lists(value: object) -> object:
    """Give what Python reads back of a value: a tuple is printed as a list."""
    if isinstance(value, tuple):
        return [as_lists(item) for item in value]
    return {key: as_lists(item) for key, item in value.items()} if isinstance(value, dict) else value


@given(PLAIN, st.integers(0, 30), st.text("x", max_size=30))
def test_what_is_printed_reads_back_as_it_was(value: Expression, indent: int, lead: str) -> None:
    assert ast.literal_eval(py(value, indent * 4, lead)) == as_lists(value)


def calls(inner: st.SearchStrategy[Expression]) -> st.SearchStrategy[Call]:
    return st.builds(
        Call,
        st.sampled_from(["json.dumps", "pulumi.Output.format", "f"]),
        st.lists(inner, max_size=3).map(tuple),
        st.dictionaries(st.sampled_from(["parent", "aliases", "x" * 50]), inner, max_size=3),
        st.booleans(),
    )


EXPRESSION = st.recursive(
    PLAIN | st.builds(Code, st.from_regex(r"v_[a-z]{1,60}(\.v_[a-z]{1,60}){0,2}", fullmatch=True)),
    lambda inner: calls(inner) | st.builds(Extended, st.just("TAGS"), st.dictionaries(KEY, inner, max_size=3)),
    max_leaves=6,
)
# What a program's variables are set to.
STATEMENT = calls(EXPRESSION) | st.dictionaries(TEXT, TEXT, max_size=5)


@settings(max_examples=60, deadline=None)
@given(st.lists(STATEMENT, min_size=1, max_size=8), st.sampled_from(["x", "x" * 70]))
def test_the_formatter_changes_nothing(values: list[Expression], name: str) -> None:
    text = "".join(f"{name} = {py(value, lead=f'{name} = ', trailing=0)}\n" for value in values)
    assert formatted(text) == text


@settings(max_examples=40, deadline=None)
@given(st.lists(TEXT, min_size=1, max_size=5))
def test_the_linter_finds_no_line_too_long_and_no_look_alike(texts: list[str]) -> None:
    assert lint('"""Texts."""\n\n' + "".join(f"x = {py((t,), lead='x = ', trailing=0)}\n" for t in texts)) == ""


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("plain", '"plain"'),
        ('say "hi"', "'say \"hi\"'"),
        ("it's", '"it\'s"'),
        ("'\"", '"\'\\""'),
        ("${aws:x} {{ y }} {% z %}", '"${aws:x} {{ y }} {% z %}"'),
        ('"""', '\'"""\''),
        ("a\\b\nc\td\re", '"a\\\\b\\nc\\td\\re"'),
        ("Zoë", '"Zoë"'),
        ("🎉", '"\\U0001f389"'),
        ("а", '"\\u0430"'),  # noqa: RUF001 - Cyrillic, which looks Latin
        ("\x00\x7f\x85", '"\\x00\\x7f\\x85"'),
        ("\u202e", '"\\u202e"'),
    ],
)
def test_texts(text: str, printed: str) -> None:
    assert py(text) == printed
    assert ast.literal_eval(printed) == text


@pytest.mark.parametrize(
    ("number", "printed"), [(1e16, "1e16"), (-1.5, "-1.5"), (1e-7, "1e-07"), (0, "0"), (True, "True"), (None, "None")]
)
def test_numbers(number: float | None, printed: str) -> None:
    assert py(number) == printed


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf")])
def test_what_is_no_number_is_refused(value: float) -> None:
    with pytest.raises(UnprintableError, match="is no number that AWS takes"):
        py({"weight": value})


def test_half_a_character_is_refused() -> None:
    with pytest.raises(UnprintableError, match=r"half a character \(\\ud800\)"):
        py(("ok", "\ud800"))


def test_a_long_text_is_cut_after_spaces_and_lines() -> None:
    text = "first line\n" + "word " * 30 + "end"
    assert [len(line) for line in py({"description": text, "other": 1}).splitlines()] == [1, 20, 22, 120, 53, 6, 15, 1]
    assert py({"description": text, "other": 1}).splitlines()[1:5] == [
        '    "description": (',
        '        "first line\\n"',
        f'        "{"word " * 22}"',
        f'        "{"word " * 8}end"',
    ]


def test_an_arn_is_cut_at_a_separator_and_never_inside_braces() -> None:
    arn = "arn:aws:logs:us-east-1:{}:log-group:" + "/aws/sagemaker/NotebookInstances:log-stream:" + "x" * 60
    assert py((arn,), 28).splitlines()[1:4] == [
        " " * 32 + "(",
        " " * 36 + '"arn:aws:logs:us-east-1:{}:log-group:/aws/sagemaker/NotebookInstances:log-stream:"',
        " " * 36 + f'"{"x" * 60}"',
    ]
    assert "{" not in py(("y" * 81 + "{}" + "z" * 60,), 28).splitlines()[2]


def test_a_docstring_holds_any_text() -> None:
    text = 'Say """hi""" to C:\\new.\n\nIt is {{ data }}.  \n'
    assert ast.literal_eval(docstring(text)) == 'Say """hi""" to C:\\new.\n\nIt is {{ data }}.\n'
