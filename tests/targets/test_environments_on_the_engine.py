"""Every environment of the repository on the real engine: up, up again without a change, and down without a rest."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from mlstage.cli import main
from tests.engine_support import OfflineProject

REPOSITORY = Path(__file__).parents[2]
SPECS = sorted((REPOSITORY / "environments").glob("*.py"))
# What there has to be an environment of: each kind of endpoint and job that SageMaker has.
KINDS = {
    "bert_sentiment": "Training RealtimeEndpoint",
    "churn_scores": "RealtimeEndpoint",
    "demand_forecast": "Processing Training BatchInference",
    "document_reader": "AsyncEndpoint",
    "fraud_detection": "RealtimeEndpoint Training BatchInference Notebook",
    "research_desk": "Notebook",
    "search_ranking": "RealtimeEndpoint",
    "speech_models": "Training",
    "ticket_router": "RealtimeEndpoint",
}


@pytest.mark.engine
@pytest.mark.parametrize("stack", ["test", "prod"])
def test_all_come_up_in_one_account_stay_as_they_are_and_go(
    project: OfflineProject, stack: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    (project.root / "environments").mkdir()
    for spec in SPECS:
        shutil.copy(spec, project.root / "environments")
    for each in ("test", "prod"):
        project.stack(each)
    monkeypatch.chdir(project.root)
    monkeypatch.setattr("sys.argv", ["mlstage", "compile"])
    with pytest.raises(SystemExit) as leaving:
        main()
    assert leaving.value.code in (0, None)
    project.up(stack=stack)
    made = project.events(stack)
    assert [event["name"] for event in made if event.get("refused")] == []
    assert {f"Endpoint/{name}" for name in ("churn-scores-scores-endpoint", "ticket-router-router-endpoint")} <= set(
        project.resources(stack)
    )
    project.up(stack=stack)
    assert project.events(stack) == made
    project.destroy(stack=stack)
    assert project.resources(stack) == {}
    assert [event["name"] for event in project.events(stack) if event.get("refused")] == []


def test_there_is_an_environment_for_every_kind() -> None:
    for name, kinds in KINDS.items():
        text = (REPOSITORY / "environments" / f"{name}.py").read_text()
        for kind in kinds.split():
            assert f"{kind}(\n" in text, (name, kind)
