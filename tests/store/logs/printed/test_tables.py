"""Tables and boxes between printed lines, and tables alone."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from lrstudio.store.logs.model import LOSS
from lrstudio.store.logs.read import kind_of, read_log
from tests.store.logs.conftest import at, only, values
from tests.store.logs.printed.test_reader import CASES, log_of, text_of


def test_boxes_are_rows_whose_names_have_their_groups() -> None:
    """Stable-Baselines3 prints a box after each rollout, the first without losses."""
    name = "stable-baselines3-2.9.2-log.txt"
    run, text = only(read_log([CASES / name])), text_of(name)
    for group, own in (("train", "learning_rate"), ("train", "loss"), ("rollout", "ep_rew_mean"), ("time", "fps")):
        expected = [float(number) for number in re.findall(rf"\|    {own} +\| ([\d.]+)", text)]
        assert values(run, f"{group}/{own}") == expected and len(expected) >= 2
    assert at(run, "train/loss") == [256, 384] and at(run, "time/fps") == [128, 256, 384]
    assert values(run, "time/iterations") == [1, 2, 3]


def test_boxes_of_an_evaluation_count_as_those_of_the_training(tmp_path: Path) -> None:
    """EvalCallback of Stable-Baselines3 prints boxes without iterations."""
    rows = [
        f"| time/ | |\n|    iterations | {row} |\n|    total_timesteps | {2048 * row} |\n"
        f"| train/ | |\n|    loss | 0.{row} |"
        for row in (1, 2, 3)
    ]
    tested = "| eval/ | |\n|    mean_reward | 7 |\n| time/ | |\n|    total_timesteps | 5000 |"
    rule = "-" * 20
    run = only(log_of(tmp_path, f"\n{rule}\n".join(["", *rows[:2], tested, rows[2], ""])))
    assert (at(run, "train/loss"), values(run, "train/loss")) == ([2048, 4096, 6144], [0.1, 0.2, 0.3])
    assert (at(run, "eval/mean_reward"), values(run, "eval/mean_reward")) == ([5000], [7])


def test_a_row_of_a_table_begins_with_a_number_and_ends_before_its_bar(tmp_path: Path) -> None:
    """As Ultralytics prints it, with the table of a validation below each epoch."""
    lines = [line for row in range(1, 5) for line in (
        "      Epoch    GPU_mem   box_loss   cls_loss  Instances       Size",
        f"        {row}/4         0G      {3 - row / 8}       2.66         10        640: 100%|####| 4/4 [00:01<00:00]",
        "                 Class     Images  Instances      Box(P          R      mAP50: 100%|######| 2/2 [00:00<00:00]",
        "                   all          4         17        0.1        0.5        0.6")]  # fmt: skip
    run = only(log_of(tmp_path, "\n".join(lines)))
    assert (at(run, "box_loss"), values(run, "box_loss")) == ([1, 2, 3, 4], [2.875, 2.75, 2.625, 2.5])
    assert values(run, "Instances") == [10] * 4 and values(run, "cls_loss") == [2.66] * 4


def test_markdown_tables_are_read_with_their_gaps(tmp_path: Path) -> None:
    """As transformers writes them in the card of a model, where an epoch has no training loss yet."""
    # fmt: off
    lines = ["# card", "", "- learning_rate: 5e-05", "", "| Training Loss | Epoch | Step | Validation Loss |",
             "|:-------------:|:-----:|:----:|:---------------:|", "| No log        | 1.0   | 10   | 0.5             |",
             "| 0.7           | 2.0   | 20   | 0.4             |", "| 0.6           | 3.0   | 30   | 0.3             |"]
    # fmt: on
    run = only(log_of(tmp_path, "\n".join(lines)))
    assert (at(run, "Training Loss"), values(run, "Training Loss")) == ([20, 30], [0.7, 0.6])
    assert (at(run, "Validation Loss"), values(run, "Validation Loss")) == ([10, 20, 30], [0.5, 0.4, 0.3])


def test_a_table_with_a_column_that_is_empty_is_read_by_its_places(tmp_path: Path) -> None:
    lines = ["start", "  epoch    train_loss    cp     dur", "-------  ------------  ----  ------",
             "      1        0.6093     +  0.2352", "      2        0.5641        0.3275",
             "      3        0.5304     +  0.3377"]  # fmt: skip
    run = only(log_of(tmp_path, "\n".join(lines)))
    assert values(run, "train_loss") == [0.6093, 0.5641, 0.5304]
    assert (at(run, "dur"), values(run, "dur")) == ([1, 2, 3], [0.2352, 0.3275, 0.3377])


def test_a_table_alone_in_a_file_is_a_table(tmp_path: Path) -> None:
    path = tmp_path / "out.log"
    path.write_text("step   lr      loss\n1      0.1     2.5\n2      0.05    2.25\n")
    assert kind_of(path) == "csv"
    assert values(only(read_log([path])), "lr") == [0.1, 0.05]


@pytest.mark.parametrize("rows", [40, 9000])
@pytest.mark.parametrize(
    "row",
    [
        lambda row: f"{row}\t{row / 8}\t0.1\t{'saved' if row % 4 == 0 else ''}",
        lambda row: f"{row:6d} {row / 8:10.3f} 0.1 -",
        lambda row: f"{row},{row / 8},0.1,learning rate set to 0.1",
    ],
    ids=["tabs with gaps", "aligned", "commas with sentences"],
)
def test_a_table_alone_is_one_with_gaps_sentences_and_of_any_length(
    row: Callable[[int], str], rows: int, tmp_path: Path
) -> None:
    first = row(0)
    names = ("\t" if "\t" in first else "," if "," in first else " ").join(["epoch", "loss", "lr", "note"])
    log = log_of(tmp_path, "\n".join([names, *map(row, range(rows))]) + "\n")
    assert kind_of(tmp_path / "out.log") == "csv" and len(values(only(log), "loss")) == rows


def test_a_table_of_tabs_between_lines_may_have_gaps(tmp_path: Path) -> None:
    rows = [f"{row}\t{3 - row / 8}\t{row if row % 2 else ''}\t0.1" for row in range(6)]
    run = only(
        log_of(tmp_path, "\n".join(["Using 1 device", "----------", "epoch\tloss\tval loss\tlr", *rows, "Done"]))
    )
    assert values(run, "loss") == [3 - row / 8 for row in range(6)] and values(run, "lr") == [0.1] * 6
    assert (at(run, "val loss"), values(run, "val loss")) == ([1, 3, 5], [1, 3, 5])


def test_a_table_of_other_values_whose_counts_begin_again_is_another_run(tmp_path: Path) -> None:
    rows = [f"{row}  {3 - row / 8}  {4 - row / 8}" for row in range(4)]
    tables = {"one": ("train_loss", "valid_loss"), "two": ("gen_loss", "crit_loss")}
    text = [line for name, heads in tables.items() for line in (f"stage {name}", f"epoch  {'  '.join(heads)}", *rows)]
    (tmp_path / "out.log").write_text("\n".join([*text, "done"]))
    log = read_log([tmp_path / "out.log"])
    assert [[series.name for series in run.of(LOSS)] for run in log.runs] == [*map(list, tables.values())]
    assert [run.of(LOSS)[0].values.tolist() for run in log.runs] == [[3, 2.875, 2.75, 2.625]] * 2
