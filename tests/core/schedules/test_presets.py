"""The schedules of other libraries against the rates that they gave (tests/reference/frameworks)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lrstudio.core.schedules import Greedy, InverseTime, WarmupStableDecay
from lrstudio.core.schedules.presets import PRESETS, Preset, find_preset

FOLDER = Path(__file__).parents[2] / "reference" / "frameworks"
NAMES = "torch_based.json", "keras_and_optax.json"
OF_TORCH, OF_KERAS = (json.loads((FOLDER / name).read_text("utf-8")) for name in NAMES)
RECORDED = {f"{case['library']}.{case['name']}": case for table in (OF_TORCH, OF_KERAS) for case in table["presets"]}
PLANNED, LR = OF_TORCH["planned"], OF_TORCH["lr"]


def name(case: Any) -> str:
    return case.key if isinstance(case, Preset) else str(case["values"])


@pytest.mark.parametrize("preset", PRESETS, ids=name)
def test_the_rates_are_those_of_the_library(preset: Preset) -> None:
    expected = RECORDED[preset.key]["rates"]
    schedule = preset.make(PLANNED, LR)
    found = schedule.rates(len(expected), LR) if not schedule.needs_length else schedule.rates(PLANNED, LR)
    single = preset.library == "keras"  # whose cosines are computed in float32
    np.testing.assert_allclose(
        found, expected[: len(found)], rtol=1e-6 if single else 1e-9, atol=2e-8 if single else 1e-15
    )


def test_every_recorded_schedule_is_a_preset() -> None:
    assert {preset.key for preset in PRESETS} == RECORDED.keys()
    assert (OF_KERAS["planned"], OF_KERAS["lr"]) == (PLANNED, LR)


@pytest.mark.parametrize("preset", [preset for preset in PRESETS if preset.rival is not None], ids=name)
def test_a_rival_gives_other_rates(preset: Preset) -> None:
    assert preset.rival is not None
    own, other = (make(PLANNED, LR).rates(PLANNED, LR) for make in (preset.make, preset.rival))
    assert np.abs(own - other).max() > 0.01 * LR


@pytest.mark.parametrize("steps", [1, 2, 3, 7, 10_000])
@pytest.mark.parametrize("preset", PRESETS, ids=name)
def test_for_any_number_of_steps_it_gives_rates(preset: Preset, steps: int) -> None:
    found = preset.make(steps, 0.1).rates(steps, 0.1)
    assert ((found >= 0) & (found <= 0.1 + 1e-12)).all()


@pytest.mark.parametrize("case", OF_TORCH["stable_decays"], ids=name)
def test_warm_up_stable_decay_is_that_of_transformers(case: dict[str, Any]) -> None:
    found = WarmupStableDecay(**case["values"]).rates(len(case["rates"]), LR)
    np.testing.assert_allclose(found, case["rates"], rtol=1e-9, atol=1e-15)


@pytest.mark.parametrize("case", OF_TORCH["greedy"], ids=name)
def test_greedy_follows_given_losses_as_transformers_does(case: dict[str, Any]) -> None:
    found = Greedy(**case["values"]).rates(len(case["rates"]), case["lr"], case["losses"])
    np.testing.assert_allclose(found, case["rates"], rtol=1e-9, atol=1e-15)


def test_with_its_defaults_greedy_never_lowers_a_rate_for_fine_tuning_and_raises_it() -> None:
    still, falling = (case["rates"] for case in OF_TORCH["greedy"] if case["lr"] == 5e-5)
    assert set(still) == {5e-5} and max(falling) > 5e-5 == min(falling)
    assert set(Greedy().rates(400, 5e-5, [1.0] * 400)) == {5e-5}


@pytest.mark.parametrize("case", OF_KERAS["inverse_times"], ids=name)
def test_inverse_time_is_that_of_keras(case: dict[str, Any]) -> None:
    found = InverseTime(**case["values"]).rates(len(case["rates"]), LR)
    np.testing.assert_allclose(found, case["rates"], rtol=1e-9)


def test_a_preset_is_found_by_its_name() -> None:
    found = find_preset("keras.CosineDecay")
    assert found is not None and found.name == "CosineDecay" and find_preset("cosine") is None
    with pytest.raises(ValueError, match=r"unknown schedule 'keras\.Cosine'; keras has ExponentialDecay, "):
        find_preset("keras.Cosine")
    with pytest.raises(ValueError, match=r"unknown schedule 'torch\.StepLR'; there are presets of keras, optax, "):
        find_preset("torch.StepLR")
