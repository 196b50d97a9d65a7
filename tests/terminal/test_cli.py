"""The terminal: what users type, what comes back."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from lrstudio.core.problems import Parabola
from lrstudio.engine.experiment import Experiment, Run
from lrstudio.engine.training.simulation import Simulation
from lrstudio.terminal.comparison import comparison_lines

REFERENCE = Path(__file__).parents[1] / "reference"


def table(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


PARABOLA = {
    "lr=0.01": "lr=0.01",
    "lr=0.99": "lr=0.99",
    "exponential 0.2*0.99^step": "lr=0.2;schedule=exponential:gamma=0.99",
}


@pytest.mark.parametrize("name", PARABOLA)
def test_the_rows_of_text_2_come_out_digit_for_digit(run: Any, name: str) -> None:
    expected = json.loads((REFERENCE / "seed_tables.json").read_text())["parabola"]["tables"][name]
    code, out, _ = run("run", "--precision", "float32", "--steps", "20", "--run", PARABOLA[name], "--csv", "-")
    rows = table(out)
    assert code == 0
    assert len(expected) == 20
    for place, printed in enumerate(expected):
        ours = [
            f"{float(rows[place + 1]['w']):.6f}",
            f"{float(rows[place]['loss']):.6f}",
            f"{float(rows[place]['lr']):.6f}",
        ]
        assert [place + 1, *ours[: len(printed) - 1]] == printed


@pytest.mark.parametrize("lr", ["0.01", "0.1", "1"])
def test_the_rows_of_text_1_come_out_digit_for_digit(run: Any, lr: str) -> None:
    expected = json.loads((REFERENCE / "seed_tables.json").read_text())["proportional"]["runs"][f"lr={lr}"]
    options = ["--problem", "proportional", "--precision", "mixed", "--gradient", "forward", "--steps", "1000"]
    _, out, _ = run("run", *options, "--lr", lr, "--csv", "-")
    rows = table(out)
    for row, after, printed in zip(rows, rows[1:], expected["first_10_epochs"], strict=False):
        ours = [row["w"], row["loss"], row["loss_plus_w"], row["grad_w"], after["w"]]
        assert [round(float(value), 2) for value in ours] == printed
    for step, weight in expected["weight_after"].items():
        assert float(rows[int(step)]["w"]) == weight
    assert float(rows[1000]["b"]) == expected["bias_after_1000"]


def test_with_the_exact_gradient_the_run_that_stood_still_diverges(run: Any) -> None:
    code, out, _ = run("run", "--problem", "proportional", "--precision", "mixed", "--steps", "1000", "--lr", "1")
    assert code == 0
    assert "diverged at step" in out


def test_the_last_row_has_the_result_and_no_rate(run: Any) -> None:
    _, out, _ = run("run", "--lr", "0.5", "--steps", "2", "--csv", "-")
    assert out == "run,step,lr,loss,w,grad_w\n0,0,0.5,36.0,5.0,12.0\n0,1,0.5,0.0,-1.0,0.0\n0,2,,0.0,-1.0,\n"


def test_every_lr_is_a_run_in_its_order(run: Any) -> None:
    _, out, _ = run("run", "--lr", "0.3", "--lr", "0.1", "--steps", "1", "--csv", "-")
    assert [(row["run"], row["lr"]) for row in table(out)] == [("0", "0.3"), ("0", ""), ("1", "0.1"), ("1", "")]


def test_a_run_takes_what_it_does_not_name_from_the_shared_options(run: Any) -> None:
    options = ["--optimizer", "adam", "--start=2", "--steps", "1", "--csv", "-"]
    _, out, _ = run("run", *options, "--run", "lr=0.1", "--run", "lr=0.2;optimizer=sgd;start=3")
    first, _, second, _ = table(out)
    assert (first["w"], second["w"]) == ("2.0", "3.0")


def test_without_an_lr_the_optimizer_uses_pytorchs_default(run: Any) -> None:
    _, out, _ = run("run", "--optimizer", "adadelta", "--steps", "1", "--csv", "-")
    assert table(out)[0]["lr"] == "1.0"


def test_a_start_may_begin_with_a_minus_in_both_spellings(run: Any) -> None:
    for spelled in (["--start=-1.2,1.0"], ["--start", "-1.2,1.0"]):
        code, out, _ = run("run", "--problem", "rosenbrock", *spelled, "--steps", "1", "--csv", "-")
        assert code == 0
        assert (table(out)[0]["x"], table(out)[0]["y"]) == ("-1.2", "1.0")


def test_a_number_may_begin_with_a_minus_after_every_option(run: Any) -> None:
    assert run("run", "--target-loss", "-1e-3", "--steps", "1")[0] == 0
    assert "lr = -0.001: must be a finite number" in run("run", "--lr", "-1e-3")[2]
    assert "expected one argument" in run("run", "--lr", "--steps", "3")[2]


def test_mini_batches_add_the_epoch(run: Any) -> None:
    options = ["--problem", "noisy_line:n=10", "--batch-size", "4", "--steps", "7", "--lr", "0.1"]
    _, out, _ = run("run", *options, "--csv", "-")
    assert [row["epoch"] for row in table(out)] == ["0", "0", "0", "1", "1", "1", "2", "2"]


def test_a_seed_gives_the_same_data_again_and_another_seed_other_data(run: Any) -> None:
    options = ["run", "--problem", "noisy_line", "--steps", "3", "--lr", "0.1", "--csv", "-"]
    first, again, other = (run(*options, "--seed", seed)[1] for seed in ("1", "1", "2"))
    assert first == again
    assert first != other


WRONG = [
    (["run", "--lr", "abc"], "lr 'abc': must be a number"),
    (["run", "--lr", "1_0"], "lr '1_0': must be a number"),
    (["run", "--lr", "١"], "lr '١': must be a number"),
    (["run", "--run", "lr=1_0"], "lr '1_0': must be a number"),
    (["run", "--start=1_0"], "start '1_0': must be a number"),
    (["run", "--start=٣"], "start '٣': must be a number"),
    (["run", "--target-loss", "1_0"], "--target-loss '1_0': must be a number"),
    (["sweep", "--lr", "1_0", "--lr", "2"], "--lr '1_0': must be a number or a span"),
    (["sweep", "--lr", "١:2:3"], "--lr '١:2:3': '١' is no number"),
    (["run", "--lr", "nan"], "must be a finite number"),
    (["run", "--lr", "-1"], "must be a finite number of at least 0"),
    (["run", "--problem", "foo"], "there are parabola, "),
    (["run", "--optimizer", "adam:beta1=2"], "beta1 = 2.0: must be a number from 0 to"),
    (["run", "--optimizer", "adam:beta3=2"], "it has beta1, beta2"),
    (["run", "--optimizer", "adam:beta1=0.1,beta1=0.2"], "given twice"),
    (["run", "--optimizer", "adam:beta1"], "must be name=value"),
    (["run", "--optimizer", "sgd:nesterov=true"], "needs momentum above 0"),
    (["run", "--optimizer", "sgd:nesterov=yes"], "must be true or false"),
    (["run", "--schedule", "step:step_size=2.5"], "must be a whole number"),
    (["run", "--start=1,2"], "parabola takes 1 (w)"),
    (["run", "--start=a"], "start 'a': must be a number"),
    (["run", "--steps", "0"], "--steps '0': must be a whole number from 1 to 100000000"),
    (["run", "--steps", "1e3"], "--steps '1e3': must be a whole number from 1 to 100000000"),
    (["run", "--seed", "-1"], "--seed '-1': must be a whole number from 0 to 9223372036854775807"),
    (["run", "--seed", str(2**63)], "must be a whole number from 0 to 9223372036854775807"),
    (["run", "--problem", "data:path="], "path = '': is empty; give the name of a CSV file"),
    (["run", "--precision", "half"], "float64, float32, mixed"),
    (["run", "--gradient", "sideways"], "--gradient 'sideways': must be one of analytic, forward, central"),
    (["run", "--gradient", "forward:eps=0"], "from 1e-15 to 1"),
    (["run", "--gradient", "forward:h=1"], "has no parameter 'h'; it has mode, eps"),
    (["run", "--batch-size", "5"], "has no data"),
    (["run", "--problem", "noisy_line", "--batch-size", "500"], "has 100 data points"),
    (["run", "--run", "lr=1;speed=2"], "unknown 'speed'"),
    (["run", "--lr", "1", "--run", "lr=2"], "one or the other"),
    (["run", "--csv", "/no/such/folder/a.csv"], "no folder"),
    (["run", "missing.lrs"], "missing.lrs"),
    (["run", "--bogus"], "--bogus"),
    (["run", "--lr=--"], "-- is no value"),
    (["run", "--steps", "1_000"], "whole number"),
    (["run", "--problem", "noisy_line:n=1_0"], "must be a whole number"),
    (["run", "--run", "lr=1;label=\x1b[31m"], "printable"),
    (["run", "--save", "-"], "saved to a file"),
    (["run", "--target-loss", "low"], "--target-loss 'low': must be a number"),
    (["run", "--target-loss", "inf"], "--target-loss 'inf': must be a number"),
    (["list"], "what"),
    (["list", "everything"], "everything"),
    (["frobnicate"], "neither a session file nor a command"),
]


@pytest.mark.parametrize(("arguments", "says"), WRONG, ids=[" ".join(arguments) for arguments, _ in WRONG])
def test_bad_input_gets_exit_code_2_and_one_clear_line(run: Any, arguments: list[str], says: str) -> None:
    code, out, err = run(*arguments)
    assert code == 2
    assert out == ""
    assert err.count("\n") == 1
    assert says in err


def test_a_folder_of_lessons_opens_the_window(run: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []
    monkeypatch.setattr("gc.disable", lambda: None)
    monkeypatch.setattr("lrstudio.ui.window.app.run_window", lambda path, _language: (opened.append(path), 0)[1])
    (tmp_path / "open-lessons.lrlesson").write_text("")
    for path in (tmp_path, tmp_path / "open-lessons.lrlesson"):
        assert run(str(path)) == (0, "", "")
    assert opened == [str(tmp_path), str(tmp_path / "open-lessons.lrlesson")]


def test_a_missing_library_of_the_system_is_one_line(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def lacking(_folder: str | None) -> int:
        raise ImportError("libEGL.so.1: cannot open shared object file: No such file or directory")

    monkeypatch.setattr("lrstudio.ui.window.app.run_selftest", lacking)
    said = "lrstudio selftest: a library of the system is missing: libEGL.so.1: cannot open shared object file"
    assert run("selftest") == (1, "", f"{said}: No such file or directory\n")


def test_a_session_goes_on_bit_for_bit(run: Any, tmp_path: Path) -> None:
    session, options = str(tmp_path / "a.lrs"), ["--optimizer", "adam", "--lr", "0.1", "--lr", "0.3"]
    run("run", *options, "--steps", "30", "--save", session)
    code, resumed, _ = run("run", session, "--steps", "20", "--csv", "-")
    _, straight, _ = run("run", *options, "--steps", "50", "--csv", "-")
    assert code == 0
    assert resumed == straight


def test_a_session_with_no_further_steps_is_just_exported(run: Any, tmp_path: Path) -> None:
    session = str(tmp_path / "a.lrs")
    _, before, _ = run("run", "--lr", "0.1", "--steps", "3", "--csv", "-", "--save", session)
    assert run("run", session, "--steps", "0", "--csv", "-")[1] == before


def test_a_session_refuses_other_experiment_options(run: Any, tmp_path: Path) -> None:
    session = str(tmp_path / "a.lrs")
    run("run", "--steps", "3", "--save", session)
    code, _, err = run("run", session, "--lr", "1", "--seed", "3")
    assert code == 2
    assert "--lr, --seed" in err


def test_a_file_that_is_no_session_is_refused_in_one_line(run: Any, tmp_path: Path) -> None:
    file = tmp_path / "a.lrs"
    file.write_bytes(b"PK\x03\x04 not really")
    code, _, err = run("run", str(file))
    assert code == 2
    assert err.count("\n") == 1


@pytest.mark.parametrize("what", ["problems", "optimizers", "schedules", "lessons"])
def test_list_shows_what_there_is_as_text_and_as_json(run: Any, what: str) -> None:
    code, text, _ = run("list", what)
    rows = json.loads(run("list", what, "--json")[1])
    assert code == 0
    for row in rows:
        assert row["key"] in text
        assert row["title"]
        for parameter in row.get("parameters", ()):
            assert {"name", "type", "default", "low", "high", "help"} <= parameter.keys()


def test_list_says_of_a_lesson_how_long_it_takes_and_in_which_languages_it_is(run: Any) -> None:
    rows = json.loads(run("list", "lessons", "--json")[1])
    assert next(row["key"] for row in rows if row["path"] == "beginner") == "gradient"
    for row in rows:
        assert row["languages"][0] == "en"
        assert row["minutes"] > 0 and row["steps"] > 1


def test_help_and_version_succeed(run: Any) -> None:
    for arguments in (["--help"], ["--version"], ["run", "--help"], ["list", "--help"]):
        code, out, _ = run(*arguments)
        assert code == 0
        assert "lrstudio" in out


def test_a_reader_that_leaves_early_gets_no_traceback() -> None:
    command = [sys.executable, "-m", "lrstudio", "run", "--steps", "50000", "--quiet", "--csv", "-"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.readline().startswith("run,step")
        process.stdout.close()
        assert process.stderr.read() == ""


def test_run_and_list_import_no_qt() -> None:
    program = (
        "import sys; from lrstudio.terminal.cli import main; main(['run', '--quiet']); main(['list', 'optimizers']);"
        "sys.exit(any(name.split('.')[0] in ('PySide6', 'pyqtgraph') for name in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", program], stdout=subprocess.DEVNULL).returncode == 0


def test_further_steps_leave_the_schedule_as_it_was_declared(run: Any, tmp_path: Path) -> None:
    session = str(tmp_path / "a.lrs")
    run("run", "--lr", "0.1", "--schedule", "linear", "--steps", "10", "--save", session)
    _, out, _ = run("run", session, "--steps", "5", "--csv", "-")
    assert [row["lr"] for row in table(out)][10:] == ["0.0"] * 5 + [""]


def test_a_session_is_kept_where_the_table_cannot_be_written(run: Any, tmp_path: Path) -> None:
    session = tmp_path / "a.lrs"
    code, _, err = run("run", "--steps", "3", "--csv", "/dev/full", "--save", str(session))
    assert code == 2
    assert err.count("\n") == 1
    assert run("run", str(session), "--steps", "0")[0] == 0


def test_two_outputs_cannot_be_one_file(run: Any, tmp_path: Path) -> None:
    file = str(tmp_path / "a.lrs")
    assert run("run", "--csv", file, "--save", file)[0] == 2
    run("run", "--save", file)
    assert run("run", file, "--csv", file)[0] == 2


def test_text_for_a_pipe_is_utf_8_whatever_the_locale_says() -> None:
    command = [sys.executable, "-m", "lrstudio", "list", "schedules"]
    done = subprocess.run(command, capture_output=True, env=os.environ | {"PYTHONIOENCODING": "cp1252"})
    assert done.returncode == 0
    assert "η₀" in done.stdout.decode("utf-8")


@pytest.mark.parametrize("arguments", [["run", "--csv", "-"], ["list", "problems"]])
def test_a_closed_standard_output_is_said_in_one_line(arguments: list[str]) -> None:
    line = " ".join(["exec", sys.executable, "-m", "lrstudio", *arguments, ">&-"])
    done = subprocess.run(["sh", "-c", line], capture_output=True, text=True)
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1


def test_a_target_loss_ends_the_training_and_is_said(run: Any, tmp_path: Path) -> None:
    session = str(tmp_path / "a.lrs")
    code, out, _ = run("run", "--lr", "0.1", "--lr", "2", "--steps", "5000", "--target-loss", "1", "--save", session)
    assert code == 0
    assert "0.1: target reached at step 9; after" in out
    assert "2: diverged at step" in out
    assert "target reached at step 9" in run("run", session, "--steps", "100")[1]  # all are there: no step is made


def test_a_session_goes_on_to_another_target(run: Any, tmp_path: Path) -> None:
    session = str(tmp_path / "a.lrs")
    run("run", "--lr", "0.1", "--steps", "500", "--target-loss", "1", "--save", session)
    _, out, _ = run("run", session, "--steps", "500", "--target-loss", "0.001", "--csv", "-")
    assert len(table(out)) == 25  # 36 * 0.64^24 is the first below 0.001
    _, out, _ = run("run", session, "--steps", "30", "--target-loss", "none", "--csv", "-")
    assert len(table(out)) == 40


@pytest.mark.parametrize(
    ("schedule", "says"),
    [
        ("multistep:milestones=20+10", "rising order"),
        ("multistep:milestones=2,5", "'5': must be name=value"),
        ("cyclic:mode=square", "one of triangular, triangular2, exp_range"),
        ("warmup:after=cosin", "after: unknown schedule 'cosin'"),
        ("warmup:after=step(step_size=0)", "after: step_size = 0"),
        ("custom:points=0:0.1+50", "'50' must be step:rate"),
        ("plateau:factor=1", "from 0 to 0.999999"),
    ],
)
def test_a_schedule_that_cannot_be_is_said_in_one_line(run: Any, schedule: str, says: str) -> None:
    code, out, err = run("run", "--schedule", schedule)
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert says in err


@pytest.mark.parametrize(
    ("schedule", "rates"),
    [
        ("multistep:milestones=2+3,gamma=0.5", [0.2, 0.2, 0.1, 0.05]),
        ("warmup:total_iters=2,start_factor=0.5,after=step(step_size=1,gamma=0.5)", [0.1, 0.15, 0.2, 0.1]),
        ("custom:points=0:1+2:0.5,between=hold", [1.0, 1.0, 0.5, 0.5]),
        ("cyclic:base_lr=0,max_lr=auto,step_size_up=2", [0.0, 0.1, 0.2, 0.1]),
    ],
)
def test_schedules_with_lists_words_and_texts_are_reached(run: Any, schedule: str, rates: list[float]) -> None:
    arguments = ["run", "--schedule", schedule, "--lr", "0.2", "--steps", "4", "--csv", "-", "--quiet"]
    code, out, _ = run(*arguments)
    assert code == 0
    assert [float(row["lr"]) for row in table(out)[:-1]] == pytest.approx(rates)


def test_runs_are_compared_in_a_table_on_request(run: Any) -> None:
    arguments = ("run", "--problem", "parabola", "--run", "lr=0.3", "--run", "lr=1.1", "--steps", "60")
    _, plain, _ = run(*arguments)
    code, out, err = run(*arguments, "--target-loss", "1e-3", "--compare")
    assert code == 0
    assert err == ""
    assert len(plain.splitlines()) == 2  # nobody is given the table without asking
    assert out.splitlines()[2] == "best: 0.3: fewest steps to the target, 6"
    header, fast, lost = out.splitlines()[-3:]
    assert header.split("  ")[0] == "run"
    assert fast.split()[:3] == ["0.3", "arrived", "6"]  # (6 * 0.4^6)^2 < 1e-3 < (6 * 0.4^5)^2
    assert lost.split()[:3] == ["1.1", "diverged", "-"]
    assert header.index("verdict") == fast.index("arrived") == lost.index("diverged")


def test_the_best_run_is_named_with_its_criterion(run: Any) -> None:
    """The loss is (6 * (1 - 2 lr)^step)^2; the last quarter of 8 steps begins at step 7."""
    rates = [part for rate in (0.1, 0.4, 0.598, 0.99) for part in ("--lr", str(rate))]
    _, out, _ = run("run", *rates, "--steps", "8", "--compare")
    most = 36 * 0.196**14
    told = f"best: 0.598: least loss over the last quarter of 8 steps, at most {most:.6g}; as good: 0.4"
    assert [line for line in out.splitlines() if line.startswith("best:")] == [told]


def test_the_table_of_the_runs_does_not_mix_with_the_csv(run: Any) -> None:
    code, out, err = run("run", "--lr", "0.1", "--steps", "3", "--csv", "-", "--compare")
    assert code == 0
    assert len(table(out)) == 4
    assert err.splitlines()[0].startswith("run ")


def test_columns_stay_even_where_letters_are_wide() -> None:
    runs = tuple(Run(lr=0.1, label=name) for name in ("学习率", "rate", "a long name"))
    simulation = Simulation(Experiment(problem=Parabola(), runs=runs))
    *_, wide, narrow, longest = comparison_lines(simulation.experiment, simulation.trace)
    assert longest.index("-") == narrow.index("-") == wide.index("-") + 3


@pytest.mark.parametrize("locale", ["C", "en_US.UTF-8", "pl_PL.UTF-8", "de_DE.UTF-8", "ar_EG.UTF-8", "zh_CN.UTF-8"])
def test_point_and_comma_give_the_same_rate_in_every_locale(
    run: Any, monkeypatch: pytest.MonkeyPatch, locale: str
) -> None:
    monkeypatch.setenv("LC_ALL", locale)
    tables = {run("run", "--lr", text, "--steps", "2", "--csv", "-")[1] for text in ("0.05", "0,05", "5e-2", "5,0e-2")}
    assert len(tables) == 1 and "0,0,0.05," in tables.pop()
    assert "0,0,1.5," in run("run", "--lr", "1.500", "--steps", "2", "--csv", "-")[1]
    code, out, error = run("run", "--lr", "1,500", "--steps", "2")
    assert (code, out) == (2, "") and "lr: '1,500' can mean 1.5 or 1500" in error
    code, out, error = run("run", "--target-loss", "1,500")
    assert (code, out) == (2, "") and "'1,500' can mean 1.5 or 1500" in error
    code, out, error = run("run", "--problem", "rosenbrock", "--start", "0,05")
    assert (code, out) == (2, "") and "write 0.05 for 0,05" in error


def test_runs_of_different_batch_sizes_end_and_are_compared_at_equal_epochs(run: Any) -> None:
    own = ["--run", "lr=0.1;batch_size=10", "--run", "lr=0.2;batch_size=50", "--steps", "20", "--equal", "epochs"]
    _, out, _ = run("run", "--problem", "noisy_line", *own, "--csv", "-")
    ends = {row["run"]: (row["step"], row["epoch"]) for row in table(out)}
    assert ends == {"0": ("20", "2"), "1": ("4", "2")}
    _, out, _ = run("run", "--problem", "noisy_line", *own, "--compare")
    header, small, large = out.splitlines()[-3:]
    assert header.split()[-5:] == ["batch", "size", "steps", "epochs", "samples"]
    assert small.split()[-4:] == ["10", "20", "2", "200"] and large.split()[-4:] == ["50", "4", "2", "200"]
    code, _, err = run("run", "--problem", "noisy_line", "--run", "lr=0.1;batch_size=0")
    assert code == 2 and "batch_size '0': must be a whole number from 1 to" in err


def test_a_run_is_repeated_in_batch_sizes_with_scaled_rates(run: Any) -> None:
    options = ["--problem", "noisy_line", "--lr", "0.1", "--batch-size", "10", "--steps", "20", "--csv", "-"]
    _, out, _ = run("run", *options, "--batch-sizes", "10,20", "--scaling", "linear")
    ends = {row["run"]: (row["step"], row["epoch"]) for row in table(out)}
    assert ends == {"0": ("20", "2"), "1": ("10", "2")}
    assert {row["lr"] for row in table(out) if row["run"] == "1"} == {"0.2", ""}
    for wrong, says in (
        (["--scaling", "linear"], "--scaling: scales the rates of --batch-sizes, which are missing"),
        (["--batch-sizes", "10", "--scaling", "cubic"], "must be one of none, linear, sqrt"),
        (["--batch-sizes", "10,1000"], "--batch-sizes '10,1000': batch size = 1000: noisy_line has 100 data points"),
    ):
        code, _, err = run("run", *options, *wrong)
        assert code == 2 and says in err
