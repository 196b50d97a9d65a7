"""States in the checkpoints of Hugging Face: which of them are one training."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from lrstudio.store.logs.read import read_log


def state(folder: Path, place: str, count: int, first: float) -> None:
    path = folder / place / "trainer_state.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    history = [{"step": step, "loss": first - step / 50, "learning_rate": 0.1} for step in range(1, count + 1)]
    path.write_text(json.dumps({"log_history": [*history, {"step": count, "eval_loss": float("nan")}][:count]}))


def test_states_of_another_training_in_the_same_folder_are_a_run_of_their_own(tmp_path: Path) -> None:
    """A second training that was stopped early leaves the later checkpoints of the first one."""
    for place, count, first in (
        ("checkpoint-10", 10, 9.0), ("checkpoint-20", 20, 3.0), ("checkpoint-30", 30, 3.0), (".", 15, 9.0),
    ):  # fmt: skip
        state(tmp_path / "out", place, count, first)
    log = read_log([tmp_path])
    assert [run.title for run in log.runs] == ["out", "out/checkpoint-30"]
    assert [len(run.series[0].at) for run in log.runs] == [15, 30]
    assert {(left.name, left.why) for left in log.left_out} == {
        ("out/checkpoint-10/trainer_state.json", "is a part of out/trainer_state.json"),
        ("out/checkpoint-20/trainer_state.json", "is a part of out/checkpoint-30/trainer_state.json"),
    }


@pytest.mark.parametrize("broken", ["", '{"log_his', '{"log_history": 3}', "[" * 100_000])
def test_a_state_that_cannot_be_read_hides_no_earlier_one(broken: str, tmp_path: Path) -> None:
    """As a full disk leaves the last one."""
    state(tmp_path, "checkpoint-10", 10, 3.0)
    state(tmp_path, "checkpoint-20", 20, 3.0)
    (tmp_path / "checkpoint-20" / "trainer_state.json").write_text(broken)
    log = read_log([tmp_path])
    assert [run.title for run in log.runs] == ["checkpoint-10"]
    assert [left.name for left in log.left_out] == ["checkpoint-20/trainer_state.json"]
