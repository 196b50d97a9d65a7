"""Of several losses of a run the verdict is about that which is trained on, or about none where none tells."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from lrstudio.core.language import language, use
from lrstudio.engine.diagnosis.diagnosis import Diagnosis
from lrstudio.store.logs.diagnosis import arrays_of, diagnosis_of
from lrstudio.store.logs.model import Run
from lrstudio.store.logs.producers.losses import judged_loss, main_loss, validation_loss
from lrstudio.store.logs.read import read_log

ROWS = 60
RISING = [0.5 + row / 4 for row in range(ROWS)]
FALLING = [0.5 + 3 * math.exp(-row / 10) for row in range(ROWS)]
Columns = dict[str, list[float]]


def run_of(folder: Path, columns: Columns) -> Run:
    table = {"step": [float(row) for row in range(ROWS)]} | columns
    rows = zip(*table.values(), strict=True)
    (folder / "a.csv").write_text(",".join(table) + "\n" + "".join(",".join(map(repr, row)) + "\n" for row in rows))
    (run,) = read_log([folder / "a.csv"]).runs
    return run


def said(found: Diagnosis) -> tuple[str, str]:
    return found.main.key, found.main.reason


@pytest.mark.parametrize(
    ("names", "total"),
    [
        (["loss_cls", "loss_box_reg", "total_loss"], "total_loss"),
        (["loss_rpn_cls", "loss_bbox", "loss"], "loss"),
        (["kl_loss", "reconstruction_loss", "loss"], "loss"),
        (["image_loss", "text_loss", "train/loss"], "train/loss"),
        (["learner/aux_loss", "learner/mean_loss", "learner/total_loss"], "learner/total_loss"),
        (["cls_loss", "avg_loss", "overall_loss"], "overall_loss"),
        (["loss_cls", "loss_reg", "loss_sum"], "loss_sum"),
        (["train/cls_loss", "train/mean_loss"], "train/mean_loss"),
        (["cls_loss", "epoch_loss", "avg_loss"], "epoch_loss"),
        (["l2_loss", "cross_entropy_loss", "trainLossTotal"], "trainLossTotal"),
    ],
    ids=["detectron2", "MMDetection", "VAE", "CLIP", "RLlib's names", "overall", "sum", "mean", "plain ones", "humps"],
)
def test_the_verdict_is_about_the_total_and_says_so(names: list[str], total: str, tmp_path: Path) -> None:
    run = run_of(tmp_path, {name: FALLING if name == total else RISING for name in names})
    found, main = diagnosis_of(run), main_loss(run)
    assert main is not None and main.name == found.about == total
    assert found.main.key != "diverged" and found.certainty.endswith(f"This is about “{total}”.")


@pytest.mark.parametrize(
    ("names", "rising"),
    [
        (["train/box_loss", "train/cls_loss", "train/dfl_loss"], "train/dfl_loss"),
        (["loss_qfl", "loss_bbox", "loss_dfl"], "loss_dfl"),
        (["kl_loss", "recon_loss"], "kl_loss"),
    ],
    ids=["Ultralytics", "NanoDet", "VAE"],
)
def test_without_a_total_the_verdict_is_about_the_sum_of_the_parts(
    names: list[str], rising: str, tmp_path: Path
) -> None:
    """A part may rise while the sum falls, such as the distance of a variational autoencoder."""
    columns: Columns = {name: [20 * each for each in FALLING] for name in names} | {rising: FALLING[::-1]}
    run = run_of(tmp_path, columns | {f"val/{name.removeprefix('train/')}": columns[name] for name in names})
    loss, validation, found = judged_loss(run), validation_loss(run), diagnosis_of(run)
    assert loss is not None and validation is not None and found.main.key != "diverged"
    sums = [sum(row) for row in zip(*columns.values(), strict=True)]
    assert loss.values.tolist() == validation.values.tolist() == pytest.approx(sums)
    assert (loss.name, loss.part, validation.part) == (" + ".join(names), "train", "validation")
    assert found.about == loss.name and any(main_loss(run) is series for series in run.series)


def test_of_many_parts_not_all_are_named(tmp_path: Path) -> None:
    names = [f"train/{part}_loss" for part in ("cls", "box", "obj", "dfl", "seg")]
    run = run_of(tmp_path, dict.fromkeys(names, FALLING))
    assert diagnosis_of(run).about == "train/cls_loss + train/box_loss + … + train/seg_loss"


def test_what_is_added_to_a_loss_is_not_the_loss(tmp_path: Path) -> None:
    run = run_of(tmp_path, {"train/entropy_loss": RISING, "load_balancing_aux_loss": RISING, "lm loss": FALLING})
    assert diagnosis_of(run).about == "lm loss"


def test_cross_entropy_is_no_entropy_that_is_added(tmp_path: Path) -> None:
    assert (
        diagnosis_of(run_of(tmp_path, {"cross_entropy_loss": FALLING, "l2_loss": RISING})).about == "cross_entropy_loss"
    )


def test_the_loss_on_validation_data_is_that_of_the_same_name(tmp_path: Path) -> None:
    names = ["ce_loss", "kl_loss", "val_kl_loss", "val_ce_loss", "val/loss"]
    run = run_of(tmp_path, {name: RISING if "kl" in name else FALLING for name in names})
    loss, validation = judged_loss(run), validation_loss(run)
    assert loss is not None and validation is not None and (loss.name, validation.name) == ("ce_loss", "val_ce_loss")


def test_losses_that_are_no_parts_of_one_are_not_added(tmp_path: Path) -> None:
    run = run_of(tmp_path, {"baseline_loss": FALLING, "ours_loss": RISING})
    loss = judged_loss(run)
    assert loss is not None and loss.name == diagnosis_of(run).about == "baseline_loss"


@pytest.mark.parametrize(
    ("names", "reason"),
    [
        (["g_loss", "d_loss"], "rivals"),
        (["Loss_D", "Loss_G"], "rivals"),
        (["gen_loss", "disc_loss", "loss"], "rivals"),
        (["lossG", "lossD"], "rivals"),
        (["loss/g/total", "loss/d/total", "loss/g/mel"], "rivals"),
        (["train/entropy_loss", "train/policy_gradient_loss", "train/value_loss", "train/loss"], "rewards"),
        (["train/actor_loss", "train/critic_loss", "train/ent_coef_loss"], "rewards"),
        (["ppo_policy_loss", "ppo_value_loss"], "rewards"),
        (["learner/default_policy/vf_loss", "learner/default_policy/policy_loss"], "rewards"),
        (["train/loss", "rollout/ep_rew_mean"], "rewards"),
        (["losses/td_loss", "charts/episodic_return"], "rewards"),
        (["loss", "reward", "reward_std"], "rewards"),
    ],
)
def test_a_rising_loss_is_no_divergence_against_a_rival_or_by_rewards(
    names: list[str], reason: str, tmp_path: Path
) -> None:
    run = run_of(tmp_path, {"lr": [1e-3] * ROWS} | dict.fromkeys(names, RISING))
    found = diagnosis_of(run)
    assert said(found) == ("cannot_tell", reason) and found.certainty == ""
    assert found.said[0].advice is not None and found.said[0].advice.key.startswith("by_")
    before = language()
    for each in ("en", "zh_CN"):
        use(each)
        assert found.said[0].sentence and found.said[0].try_next
    use(before)


def test_a_loss_that_is_no_number_is_a_divergence_everywhere(tmp_path: Path) -> None:
    lost = RISING[:40] + [math.nan] * 20
    found = diagnosis_of(run_of(tmp_path, {"lr": [1e-3] * ROWS, "g_loss": RISING, "d_loss": lost}))
    assert said(found) == ("diverged", "overflow") and found.about == "d_loss" and found.main.numbers["at"] == 40


@pytest.mark.parametrize(
    "names",
    [
        ["loss", "rewards/chosen", "rewards/margins"],
        ["loss", "mean_reward", "margin"],
        ["loss", "val_ep_len_mean"],
        ["q_loss"],
        ["loss", "ep_len"],
        ["policy_value_loss"],
        ["privacy_policy_loss", "value_loss"],
        ["policy_loss", "claim_value_loss", "loss"],
        ["g_loss", "3d_loss"],
    ],
)
def test_losses_of_other_trainings_are_judged(names: list[str], tmp_path: Path) -> None:
    """TRL's DPO and RewardTrainer log rewards and train without them."""
    run = run_of(tmp_path, dict.fromkeys(names, RISING))
    assert said(diagnosis_of(run)) == ("diverged", "grew") and not arrays_of(run).untold
