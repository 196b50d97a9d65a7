"""Folders of logs: which files are one run, what restarts leave out, and what cannot be read."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from lrstudio.store.logs.model import LOSS, RATE, Log, LogError, Run
from lrstudio.store.logs.read import read_log
from tests.soak.logs import field, record, scalar, varint


def write(path: Path, content: str | bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)


def events(*values: tuple[int, str, float], start: int | None = None) -> bytes:
    """Returns an event file with values at steps; with `start` of a session that goes on from this step."""
    session = b"" if start is None else record(
        field(1, 1, bytes(8)) + field(2, 0, varint(start)) + field(7, 2, field(1, 0, b"\x01")))  # fmt: skip
    head = record(field(1, 1, bytes(8)) + field(3, 2, b"brain.Event:2"))
    return head + session + b"".join(record(scalar(*value)) for value in values)


def series(run: Run) -> dict[str, tuple[list[float], list[float]]]:
    return {each.name: (each.at.tolist(), each.values.tolist()) for each in run.series if each.name != "wall_time"}


def titles(log: Log) -> list[str]:
    return [run.title for run in log.runs]


def test_a_folder_of_event_files_has_a_run_for_each_folder_in_it(tmp_path: Path) -> None:
    for name in ("a", "deep/b"):
        write(tmp_path / name / "events.out.tfevents.100.host", events((0, "loss", 2.0), (1, "loss", 1.0)))
    assert titles(read_log([tmp_path])) == ["a", "deep/b"]


def test_train_and_validation_beside_each_other_are_one_run(tmp_path: Path) -> None:
    for part, values in (
        ("train", [(0, "epoch_loss", 2.0), (0, "epoch_learning_rate", 0.5)]),
        ("validation", [(0, "epoch_loss", 4.0)]),
    ):
        write(tmp_path / "run" / part / "events.out.tfevents.100.host", events(*values))
    (run,) = read_log([tmp_path]).runs
    assert run.title == "run" and {name: values for name, (_at, values) in series(run).items()} == {
        "epoch_loss": [2.0], "epoch_learning_rate": [0.5], "validation/epoch_loss": [4.0]}  # fmt: skip
    parts = {each.name: each.part for each in run.series if each.role != RATE}
    assert parts["epoch_loss"] == "train" and parts["validation/epoch_loss"] == "validation"


@pytest.mark.parametrize("place", ["a_loss_{key}", "a/loss/{key}"], ids=["PyTorch", "tensorboardX"])
def test_scalars_of_one_tag_are_a_part_of_their_run_by_their_keys(place: str, tmp_path: Path) -> None:
    """`add_scalars("a/loss", {"train": …, "val": …})` of a SummaryWriter writes a file in a folder of each key."""
    writer = tmp_path / "runs" / "first"
    write(writer / "events.out.tfevents.1.host", events((0, "lr", 0.5), (1, "lr", 0.25)))
    for key, loss in (("train", 2.0), ("val", 4.0)):
        folder = writer / place.format(key=key)
        write(folder / "events.out.tfevents.1.host", events((0, "a/loss", loss), (1, "a/loss", loss / 2)))
    for opened in (tmp_path / "runs", writer):
        (run,) = read_log([opened]).runs
        assert run.title == "first" and series(run) == {
            "lr": ([0, 1], [0.5, 0.25]), "a/loss/train": ([0, 1], [2, 1]), "a/loss/val": ([0, 1], [4, 2])}  # fmt: skip
        assert {each.name: each.part for each in run.of(LOSS)} == {"a/loss/train": "train", "a/loss/val": "validation"}


def test_a_run_below_another_that_is_not_called_after_its_tag_stays_a_run(tmp_path: Path) -> None:
    for place in (".", "loss", "fast_loss", "losses_1"):
        write(tmp_path / place / "events.out.tfevents.1.host", events((0, "loss", 2.0), (1, "loss", 1.0)))
    assert titles(read_log([tmp_path])) == [tmp_path.name, "fast_loss", "loss", "losses_1"]


def test_event_files_of_a_run_are_joined_in_the_order_of_their_time(tmp_path: Path) -> None:
    write(tmp_path / "events.out.tfevents.1000.host", events((2, "loss", 3.0)))
    write(tmp_path / "events.out.tfevents.200.host", events((0, "loss", 1.0), (1, "loss", 2.0)))
    (run,) = read_log([tmp_path]).runs
    assert series(run)["loss"] == ([0, 1, 2], [1, 2, 3])


@pytest.mark.parametrize("start", [3, None])
def test_a_training_that_went_on_from_an_earlier_step_leaves_later_values_out(
    start: int | None, tmp_path: Path
) -> None:
    """Said by the session, for all values; or seen in the steps, for the values that are there again."""
    write(tmp_path / "events.out.tfevents.1.host", events(*((step, "loss", 1.0) for step in range(9)), (8, "acc", 0.5)))
    write(tmp_path / "events.out.tfevents.2.host", events((3, "loss", 2.0), (4, "loss", 2.0), start=start))
    log = read_log([tmp_path])
    (run,) = log.runs
    assert series(run)["loss"] == ([0, 1, 2, 3, 4], [1, 1, 1, 2, 2])
    assert ("acc" in series(run)) is (start is None)
    assert any("left out" in note for note in log.notes)


def test_a_training_that_began_anew_in_the_same_folder_is_another_run(tmp_path: Path) -> None:
    for number in (1, 2):
        values = [(step, "loss", float(number)) for step in range(5 * number)]
        write(tmp_path / f"events.out.tfevents.{number}.host", events(*values))
    log = read_log([tmp_path])
    assert [series(run)["loss"][1] for run in log.runs] == [[1.0] * 5, [2.0] * 10]
    assert [title.split(" · ")[1] for title in titles(log)] == ["run 1", "run 2"]
    assert any("it is another run" in note for note in log.notes)


def test_writers_of_different_values_in_one_folder_are_one_run(tmp_path: Path) -> None:
    for number, tag in ((1, "loss"), (2, "lr")):
        write(tmp_path / f"events.out.tfevents.{number}.host", events(*((step, tag, 0.5) for step in range(4))))
    (run,) = read_log([tmp_path]).runs
    assert series(run)["loss"] == series(run)["lr"] == ([0, 1, 2, 3], [0.5] * 4)


def test_mlflow_s_folder_has_the_names_of_its_runs(tmp_path: Path) -> None:
    for name_of_run in ("a1", "b2"):
        write(tmp_path / "0" / name_of_run / "meta.yaml", f"run_id: {name_of_run}\nrun_name: calm-{name_of_run}\n")
        write(tmp_path / "0" / name_of_run / "params" / "lr", "0.1")
        for name, value in (("lr", 0.1), ("train/loss", 2.0)):
            write(
                tmp_path / "0" / name_of_run / "metrics" / name,
                "".join(f"17000000000{n:02} {value} {n}\n" for n in range(3)),
            )
    log = read_log([tmp_path])
    assert titles(log) == ["calm-a1", "calm-b2"]
    for found in log.runs:
        assert [values for _at, values in series(found).values()][:2] == [[0.1] * 3, [2.0] * 3]
    assert any("meta.yaml" in left.name for left in log.left_out)


def test_lightning_s_versions_are_runs(tmp_path: Path) -> None:
    for version in (0, 1):
        write(tmp_path / f"version_{version}" / "metrics.csv", f"epoch,step,train_loss\n0,0,{version}\n0,1,5\n")
        write(tmp_path / f"version_{version}" / "hparams.yaml", "lr: 0.1\n")
    log = read_log([tmp_path])
    assert titles(log) == ["version_0", "version_1"]
    assert [series(run)["train_loss"][1] for run in log.runs] == [[0, 5], [1, 5]]


def test_dvclive_s_plots_are_one_run_and_its_summary_is_none(tmp_path: Path) -> None:
    for name in ("train/loss", "train/lr"):
        write(tmp_path / "plots" / "metrics" / f"{name}.tsv", f"step\t{name.split('/')[-1]}\n0\t2\n1\t1\n")
    write(tmp_path / "metrics.json", '{"train": {"loss": 1, "lr": 1}, "step": 1}')
    log = read_log([tmp_path])
    (run,) = log.runs
    assert set(map(str, series(run).values())) == {"([0.0, 1.0], [2.0, 1.0])"}
    assert [left.name for left in log.left_out] == ["metrics.json"]


def test_what_cannot_be_read_is_named_and_hides_nothing(tmp_path: Path) -> None:
    damaged = bytearray(events((0, "loss", 1.0)))
    damaged[-3] ^= 1
    write(tmp_path / "bad" / "events.out.tfevents.1", bytes(damaged))
    write(tmp_path / "good.csv", "step,loss\n0,1\n1,0.5\n")
    write(tmp_path / "wrong.csv", "step,loss\n0,1\n1,fast\n")
    write(tmp_path / "weights.pt", "PK")
    log = read_log([tmp_path])
    assert titles(log) == [tmp_path.name]
    assert {left.name for left in log.left_out} == {"bad/events.out.tfevents.1", "wrong.csv", "weights.pt"}
    with pytest.raises(LogError, match=r"no log that can be read: events.out.tfevents.1 byte \d+"):
        read_log([tmp_path / "bad"])


def test_no_link_is_followed_out_of_a_folder(tmp_path: Path) -> None:
    write(tmp_path / "outside.csv", "step,loss\n0,1\n1,0.5\n")
    write(tmp_path / "inside" / "own.csv", "step,loss\n0,3\n1,2\n")
    (tmp_path / "inside" / "link.csv").symlink_to(tmp_path / "outside.csv")
    (run,) = read_log([tmp_path / "inside"]).runs
    assert series(run)["loss"][1] == [3, 2]


@pytest.mark.parametrize("ending", ["csv", "jsonl", "log"])
def test_files_that_are_called_after_their_data_are_one_run(ending: str, tmp_path: Path) -> None:
    """As Catalyst's CSVLogger writes them, one file for each loader."""
    forms = {
        "csv": "{},{},0.5\n",
        "jsonl": '{{"step": {}, "loss": {}, "lr": 0.5}}\n',
        "log": "step {} loss {} lr 0.5\n",
    }
    for part, loss in (("train", 2), ("valid", 4)):
        head = "step,loss,lr\n" if ending == "csv" else ""
        rows = "".join(forms[ending].format(step, loss - step / 8) for step in range(6))
        write(tmp_path / f"{part}.{ending}", head + rows)
    for log in (read_log([tmp_path]), read_log(sorted(tmp_path.iterdir(), reverse=True))):
        (run,) = log.runs
        assert {each.name: (each.part, each.values[0]) for each in run.of(LOSS)} == {
            "loss": ("train", 2), "valid/loss": ("validation", 4)}  # fmt: skip
        assert [each.name for each in run.of(RATE)] == ["lr"]
    write(tmp_path / f"train-2.{ending}", (tmp_path / f"train.{ending}").read_bytes())
    assert len(read_log([tmp_path]).runs) == 2
    (tmp_path / f"train.{ending}").unlink()
    (tmp_path / f"train-2.{ending}").unlink()
    assert [each.name for each in read_log([tmp_path]).runs[0].of(LOSS)] == ["loss"]


COLUMNS = "step,lr,loss\n"


def rows(count: int, line: str) -> str:
    return "".join(line.format(step) + "\n" for step in range(count))


@pytest.mark.parametrize(
    ("train", "valid"),
    [
        (COLUMNS + rows(9, "{},0.1,2"), COLUMNS + rows(9, "{},0.2,3")),
        (COLUMNS + rows(9, "{},0.1,2"), "step,loss\n" + rows(20, "{},3")),
        ("step,train_loss,val_loss\n" + rows(9, "{},2,3"), "step,train_loss,val_loss\n" + rows(9, "{},4,5")),
    ],
    ids=["other rates", "longer", "both losses in each"],
)
def test_files_that_contradict_the_training_beside_them_are_no_parts_of_it(
    train: str, valid: str, tmp_path: Path
) -> None:
    write(tmp_path / "train.csv", train)
    write(tmp_path / "valid.csv", valid)
    log = read_log([tmp_path])
    assert len(log.runs) == 2 and "valid/train_loss" not in series(log.runs[0]) | series(log.runs[1])


def test_validations_may_be_rarer_than_losses_and_end_an_interval_later(tmp_path: Path) -> None:
    write(tmp_path / "train.csv", COLUMNS + rows(40, "{},0.1,2"))
    write(tmp_path / "valid.csv", "step,lr,loss,val_acc\n10,0.1,3,0.5\n20,0.1,3,0.6\n30,,3,0.6\n42,0.05,3,0.7\n")
    (run,) = read_log([tmp_path]).runs
    assert [each.name for each in run.series] == ["lr", "loss", "valid/loss", "val_acc"]


def test_a_file_that_is_called_after_validation_data_has_no_loss_of_training(tmp_path: Path) -> None:
    write(tmp_path / "valid.csv", "step,loss,acc\n" + rows(9, "{},3,0.5"))
    for log in (read_log([tmp_path]), read_log([tmp_path / "valid.csv"])):
        assert {each.name: each.part for each in log.runs[0].series} == {
            "valid/loss": "validation", "valid/acc": "validation"}  # fmt: skip


def test_a_folder_with_links_alone_is_not_called_empty(tmp_path: Path) -> None:
    write(tmp_path / "real" / "log.csv", COLUMNS + rows(9, "{},0.1,2"))
    (tmp_path / "linked").mkdir()
    (tmp_path / "linked" / "log.csv").symlink_to(tmp_path / "real" / "log.csv")
    with pytest.raises(LogError, match="links aside"):
        read_log([tmp_path / "linked"])


def test_a_copy_of_a_log_is_no_run_of_its_own(tmp_path: Path) -> None:
    """As MMEngine writes scalars.json twice; equal files of one value each have different names."""
    rows = "".join(f'{{"step": {row}, "loss": {3 - row / 8}}}\n' for row in range(6))
    for name in ("20260101_100000.json", "scalars.json"):
        write(tmp_path / "vis_data" / name, rows)
    log = read_log([tmp_path])
    assert titles(log) == ["vis_data"] and [(left.name, left.why) for left in log.left_out] == [
        ("vis_data/scalars.json", "has what vis_data/20260101_100000.json has")]  # fmt: skip
    for name in ("loss", "aux"):
        write(tmp_path / "dvclive" / "plots" / "metrics" / f"{name}.tsv", "step\tloss\n0\t2\n1\t1\n")
    write(tmp_path / "vis_data" / "scalars.json", rows.replace("3", "4"))
    assert len(read_log([tmp_path]).runs) == 4


def test_of_the_states_in_the_checkpoints_of_hugging_face_the_last_is_the_run(tmp_path: Path) -> None:
    """Each has the log of all steps up to it; without a checkpoint's name the one beside them is the whole."""
    for steps in (9, 20, 100):
        history = [{"step": step, "loss": 3 - step / 50, "learning_rate": 0.1} for step in range(1, steps + 1)]
        text = json.dumps({"log_history": history})
        write(tmp_path / "out" / f"checkpoint-{steps}" / "trainer_state.json", text)
    log = read_log([tmp_path])
    (run,) = log.runs
    assert len(run.of(LOSS)[0].at) == 100 and run.title == "out/checkpoint-100"
    assert {(left.name, left.why) for left in log.left_out} == {
        (f"out/checkpoint-{steps}/trainer_state.json", "is a part of out/checkpoint-100/trainer_state.json")
        for steps in (9, 20)
    }
    write(tmp_path / "out" / "trainer_state.json", text)
    assert titles(read_log([tmp_path])) == ["out"]
    write(tmp_path / "other" / "checkpoint-5" / "trainer_state.json", text)
    assert len(read_log([tmp_path]).runs) == 2
