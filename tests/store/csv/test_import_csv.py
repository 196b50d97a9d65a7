"""CSV files of all kinds, and things that are none."""

import random
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lrstudio.store.csv.cells import DECIMALS
from lrstudio.store.csv.format import DELIMITERS, ENCODINGS
from lrstudio.store.csv.import_csv import (
    BadCellsError,
    Choices,
    CsvError,
    Format,
    check,
    read,
    read_preview,
)
from tests.soak.csv_import import run


@pytest.fixture
def file(tmp_path: Path) -> Callable[..., Path]:
    """A file of a text or of bytes."""

    def write(content: str | bytes, encoding: str = "utf-8", name: str = "points.csv") -> Path:
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
        return path

    return write


def imported(path: Path, wanted: Any = None, **changes: Any) -> Any:
    """What is read with what is guessed."""
    look = read_preview(path, wanted)
    x, y = look.suggested()
    values: dict[str, Any] = {"form": look.form, "x": x, "y": y}
    return read(path, Choices(**(values | changes)))


@pytest.mark.parametrize(
    ("table", "x", "y"),
    [
        ("row,size,price\n" + "".join(f"{row},{row % 3},{row % 5}\n" for row in range(9)), 1, 2),
        ("size,price,nr\n" + "".join(f"{row % 3},{row % 5},{row + 1}\n" for row in range(9)), 0, 1),
        ("x,y\n" + "".join(f"{row},{row % 5}\n" for row in range(9)), 0, 1),
        ("year,rain,yield\n" + "".join(f"{2001 + row},{row % 4},{row % 5}\n" for row in range(9)), 0, 2),
    ],
)
def test_a_column_that_only_counts_the_rows_is_the_last_to_be_suggested(
    file: Callable[..., Path], table: Any, x: Any, y: Any
) -> None:
    look = read_preview(file(table))
    assert look.suggested() == ((x,), y)
    assert look.whole


def test_only_a_file_that_is_shown_to_its_last_row_is_shown_whole(file: Callable[..., Path]) -> None:
    for rows in (150, 400):
        look = read_preview(file("x,y\n" + "".join(f"{row},{row}\n" for row in range(rows))))
        assert look.whole == (len(look.rows) == rows)


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252", "gb18030"])
@pytest.mark.parametrize(("delimiter", "decimal"), [",.", ";.", ";,", "\t.", "\t,"])
def test_encoding_delimiter_decimal_mark_and_header_are_guessed(
    file: Callable[..., Path], end: Any, encoding: str, delimiter: str, decimal: str
) -> None:
    name = {"gb18030": "身高"}.get(encoding, "größe" if encoding != "utf-16-be" else "a")
    rows = [(name, "y"), *((f"{place}.5", f"{3 * place}.25") for place in range(1, 20))]
    text = end.join(delimiter.join(row) for row in rows).replace(".", decimal) + end
    path = file(text, encoding)
    look = read_preview(path)
    assert (look.form.delimiter, look.form.decimal, look.form.header) == (delimiter, decimal, True)
    assert look.names == (name, "y")
    data = imported(path).dataset
    np.testing.assert_array_equal(data.columns[0], np.arange(1, 20) + 0.5)
    np.testing.assert_array_equal(data.columns[1], 3 * np.arange(1, 20) + 0.25)
    assert data.title == "points.csv"


def test_columns_between_any_number_of_spaces_are_read(file: Callable[..., Path]) -> None:
    data = imported(file(" 1   2.5\n2 3.5  \n\n  3 5\n")).dataset
    assert data.names == ("column 1", "column 2")
    np.testing.assert_array_equal(data.columns[1], [2.5, 3.5, 5])


def test_what_is_given_is_not_guessed(file: Callable[..., Path]) -> None:
    path = file("1,5\n2,5\n3,7\n")
    assert read_preview(path).form.delimiter == ","
    look = read_preview(path, Format(delimiter=";", decimal=",", header=True))
    assert (look.names, look.first, look.rows) == (("1,5",), 2, (("2,5",), ("3,7",)))


def test_names_are_made_different_and_printable(file: Callable[..., Path]) -> None:
    look = read_preview(file('a,a, ,"b\nc",a\n1,2,3,4,5\n'))
    assert look.names == ("a", "a (2)", "column 3", "bc", "a (3)")


def test_a_thousand_columns_of_one_name_are_told_apart_and_more_are_refused(file: Callable[..., Path]) -> None:
    names = read_preview(file("x," * 999 + "x\n" + ("1," * 999 + "1\n") * 9)).names
    assert len(set(names)) == 1000 and names[:3] == ("x", "x (2)", "x (3)")
    with pytest.raises(CsvError, match="has a row of more than 1000 cells; choose another delimiter"):
        read_preview(file("1,234" * 20_000 + "\n"))
    with pytest.raises(CsvError, match="row 301 has 1001 cells; at most 1000"):
        imported(file("x,y\n" + "1,2\n2,3\n" * 149 + "4,5\n" + "1," * 1000 + "1\n"))


def test_quoted_cells_may_have_delimiters_quotes_and_line_ends(file: Callable[..., Path]) -> None:
    data = imported(file('"the ""x"", or so",y\n"1",2\n"2","3"\n 4 ,5\n')).dataset
    assert data.names == ('the "x", or so', "y")
    np.testing.assert_array_equal(data.columns[0], [1, 2, 4])


@pytest.mark.parametrize(
    ("cell", "why"),
    [
        ("", "is missing"),
        ("NA", "is missing"),
        ("NaN", "is missing"),
        ("inf", "is infinite"),
        ("-Infinity", "is infinite"),
        ("1e400", "is larger than 1e\\+30"),
        ("1e31", "is larger than"),
        ("1_000", "thousands separators"),
        ('"1,234"', "can mean 1.234 or 1234"),
        ('"1,234,567"', "thousands separators; write 1234567, or set the decimal mark to point-thousands"),
        ("50%", "has a percent sign; write 0.5 for 50%"),
        ("1 234", "thousands separators"),
        ("1'234.5", "thousands separators"),
        ("١", "is not a number"),
        ("0x10", "is not a number"),
        ("12 kg", "is not a number"),
    ],
)
def test_a_bad_cell_is_reported_with_its_row_and_column_and_why(file: Callable[..., Path], cell: Any, why: Any) -> None:
    path = file(f"x,y\n1,2\n2,4\n\n5,{cell}\n3,1\n")
    look = read_preview(path)
    choices = Choices(form=Format(encoding="utf-8", delimiter=",", decimal=".", header=True), x=(0,), y=1)
    with pytest.raises(BadCellsError, match=why) as caught:
        read(path, choices)
    (bad,) = caught.value.cells
    assert (bad.row, bad.column, bad.name, caught.value.total, caught.value.rows) == (5, 2, "y", 1, 1)
    assert check(read_preview(path, choices.form), choices) == caught.value.cells
    if bad.readings:
        with pytest.raises(BadCellsError, match=why):
            read(path, Choices(form=choices.form, x=(0,), y=1, drop_bad=True))
        return
    again = read(path, Choices(form=choices.form, x=(0,), y=1, drop_bad=True))
    np.testing.assert_array_equal(again.dataset.columns[0], [1, 2, 3])
    assert (again.dropped, again.total, look.rows[2]) == (1, 1, ())


def test_of_very_many_bad_cells_the_first_are_kept_and_all_counted(file: Callable[..., Path]) -> None:
    path = file("x,y\n1,2\n2,3\n" + "a,b\n" * 6000)
    with pytest.raises(BadCellsError) as caught:
        imported(path, Format(header=True), x=(0,), y=1)
    assert (len(caught.value.cells), caught.value.total, caught.value.rows) == (10_000, 12_000, 6000)
    assert caught.value.cells[-1].row == 5003


def test_rows_that_are_too_short_or_too_long_are_bad(file: Callable[..., Path]) -> None:
    path = file("x,y\n1,2\n2,3\n4\n5,6,7\n8,9,\n10,11\n")
    with pytest.raises(BadCellsError) as caught:
        imported(path)
    assert [(cell.row, cell.column, cell.why) for cell in caught.value.cells] == [
        (4, 2, "is missing"),
        (5, 3, "the row has 3 cells, not 2"),
    ]


def test_only_chosen_columns_have_to_be_numbers(file: Callable[..., Path]) -> None:
    data = imported(file("name,x,y\nanna,1,2\nberta,2,4\n")).dataset
    assert data.names == ("x", "y")


@pytest.mark.parametrize(
    ("cells", "words", "values"),
    [
        ("no yes yes no", ("no", "yes"), [0, 1, 1, 0]),
        ("yes no no yes", ("no", "yes"), [1, 0, 0, 1]),
        ("1 0 1.0 0", ("0", "1"), [1, 0, 1, 0]),
        ("10 9 10 9", ("9", "10"), [1, 0, 1, 0]),
    ],
)
def test_two_values_become_0_and_1_and_are_reported(
    file: Callable[..., Path], cells: Any, words: Any, values: Any
) -> None:
    path = file("x,ok\n" + "".join(f"{place},{cell}\n" for place, cell in enumerate(cells.split())))
    data = imported(path, x=(0,), y=1, classes=True).dataset
    assert data.words == words
    np.testing.assert_array_equal(data.columns[1], values)


def test_a_third_value_and_a_single_one_are_refused(file: Callable[..., Path]) -> None:
    with pytest.raises(BadCellsError, match="“maybe” is a third value beside “no” and “yes”"):
        imported(file("x,ok\n1,yes\n2,no\n3,maybe\n"), x=(0,), y=1, classes=True)
    with pytest.raises(CsvError, match="must have two values; it has 1"):
        imported(file("x,ok\n1,yes\n2,yes\n"), x=(0,), y=1, classes=True)


@pytest.mark.parametrize(
    ("text", "decimal", "cells"),
    [
        ("x;y\n1;999,5\n2;1.500\n3;1.750\n", ",", {"1.500": [(1.5, "either"), (1500, "comma-thousands")]}),
        ("x;y\n1;1,000\n2;2\n", "?", {"1,000": [(1, "comma"), (1000, "point-thousands")]}),
        ("x;y\n1;1.500\n2;2\n", "?", {"1.500": [(1.5, "point"), (1500, "comma-thousands")]}),
        ("x\ty\n1\t-12.345\n2\t2\n", "?", {"-12.345": [(-12.345, "point"), (-12345, "comma-thousands")]}),
        ("x;y\n1;0.25\n2;1,500\n", ".", {"1,500": [(1.5, "either"), (1500, "point-thousands")]}),
        ('x,y\n1,2\n2,"1,500"\n', ".", {"1,500": [(1.5, "either"), (1500, "point-thousands")]}),
    ],
)
def test_what_can_mean_two_numbers_is_asked_and_either_answer_reads_it(
    file: Callable[..., Path], text: str, decimal: str, cells: dict[str, list[tuple[float, str]]]
) -> None:
    path = file(text)
    assert read_preview(path).form.decimal == decimal
    for drop in (False, True):
        with pytest.raises(BadCellsError, match=r"can mean .* or .*; choose the decimal mark") as caught:
            imported(path, x=(0,), y=1, drop_bad=drop)
    found = caught.value.cells[0]
    assert found == caught.value.ambiguous
    ((cell, readings),) = cells.items()
    assert (found.text, list(found.readings)) == (cell, [(number, DECIMALS[name]) for number, name in readings])
    for number, name in readings:
        data = imported(path, Format(decimal=DECIMALS[name]), x=(0,), y=1).dataset
        assert data.columns[1][found.row - 2] == number
        assert 999.5 in data.columns[1] or "999" not in text


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("x;y\n1;0.5\n2;1.500\n", [0.5, 1.5]),
        ("x;y\n1;0,5\n2;1,500\n", [0.5, 1.5]),
        ("x,y\n1,1.500\n2,1.750\n", [1.5, 1.75]),
        ("x;y\n1;1.234,5\n2;1.500\n", [1234.5, 1500]),
        ('x,y\n1,"1,234.5"\n2,"1,500"\n', [1234.5, 1500]),
        ("x;y\n1;1,5\n2;0.25\n", [1.5, 0.25]),
        ('x,y\n1,"1,5"\n2,0.25\n', [1.5, 0.25]),
        ("x;y\n1;0.125\n2;0,250\n", [0.125, 0.25]),
    ],
)
def test_a_mark_that_another_cell_proves_is_not_asked(file: Callable[..., Path], text: str, values: Any) -> None:
    wanted = Format(decimal=DECIMALS["either"]) if "0,250" in text else None
    np.testing.assert_array_equal(imported(file(text), wanted, x=(0,), y=1).dataset.columns[1], values)


@pytest.mark.parametrize(("decimal", "cell"), [("comma-thousands", "1.5"), ("point-thousands", "1,5")])
def test_a_mark_that_separates_thousands_is_no_decimal_mark(file: Callable[..., Path], decimal: str, cell: str) -> None:
    with pytest.raises(BadCellsError, match=f"has another decimal mark than {decimal}"):
        imported(file(f"x;y\n1;2\n2;{cell}\n"), Format(decimal=DECIMALS[decimal]), x=(0,), y=1)


def test_an_ambiguous_number_far_below_whole_numbers_is_asked(file: Callable[..., Path]) -> None:
    path = file("x;y\n" + "".join(f"{row};{row % 7}\n" for row in range(5000)) + "5001;1.500\n")
    with pytest.raises(BadCellsError, match=r"row 5002, column 2 \(y\): “1.500” can mean 1.5 or 1500"):
        imported(path)


@pytest.mark.parametrize(
    ("text", "names", "first"),
    [
        ("sep=;\nx;y\n1;2\n2;3,5\n", ("x", "y"), 3),
        ('"sep=\t"\nx\ty\n1\t2\n2\t3.5\n', ("x", "y"), 3),
        ("# made by a program\n# on a, day\n\nx,y\n1,2\n2,3.5\n# the end\n", ("x", "y"), 5),
        ("# made by a program\n# x,y\n1,2\n# half\n2,3.5\n", ("x", "y"), 3),
        ("# x y\n1 2\n2 3.5\n", ("x", "y"), 2),
        ("#,y\n1,2\n2,3.5\n", ("#", "y"), 2),
        ("# 1.5,2\n1,2\n2,3.5\n#,\n", ("column 1", "column 2"), None),
    ],
)
def test_comments_and_the_delimiter_for_excel_are_understood(
    file: Callable[..., Path], text: str, names: tuple[str, ...], first: int | None
) -> None:
    look = read_preview(file(text))
    assert look.names == names
    if first is None:  # neither a comment nor a name
        with pytest.raises(BadCellsError, match="row 1, column 1"):
            imported(file(text), x=(0,), y=1)
        return
    assert look.first == first
    np.testing.assert_array_equal(np.array(imported(file(text)).dataset.columns), [[1, 2], [2, 3.5]])


def test_a_row_that_begins_with_a_number_sign_is_not_lost(file: Callable[..., Path]) -> None:
    data = imported(file("#1,5,7\n#2,6,8.5\n#3,7,9\n"), x=(1,), y=2).dataset
    assert data.columns[0].tolist() == [5, 6, 7]


def test_more_than_two_numbers_are_no_classes_even_if_bad_rows_are_left_out(file: Callable[..., Path]) -> None:
    path = file("x,y\n1,0\n2,1\n3,7.5\n")
    for drop in (False, True):
        with pytest.raises(CsvError, match=r"y = y has more than two values, as 7.5 in row 4: choose a line"):
            imported(path, x=(0,), y=1, classes=True, drop_bad=drop)
    assert read_preview(file("x,y\n1,50%\n2,60%\n")).kinds == ("number", "number")


def test_random_numbers_are_read_to_the_last_bit(file: Callable[..., Path]) -> None:
    bits = np.random.default_rng(0).integers(0, 2**64, (4000, 2), np.uint64)
    values = bits.view(np.float64)
    values = values[(np.abs(values) <= 1e30).all(axis=1)]
    for delimiter, decimal in ((",", "."), (";", ",")):
        lines = (f"{a!r};{b!r}".replace(".", decimal).replace(";", delimiter) for a, b in values.tolist())
        data = imported(file("\n".join(["a" + delimiter + "b", *lines])), x=(0,), y=1).dataset
        np.testing.assert_array_equal(np.stack(data.columns, 1).view(np.uint64), values.view(np.uint64))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty"),
        (b" \n\n", "is empty"),
        (b"x,y\n1,2\n", r"has 1 row\(s\): at least 2"),
        (b"x,y\n1,2\n1,3\n", "“x” has the same value in every row"),
        (b'x,y\n1,2\n2,3\n"' + b"1,2\n" * 50_000, "a quotation mark is not closed"),
        (b"x,y\n", r"has a row of names \(x, y\) and no row of numbers below it"),
        (b'x,y\n1,"2\n2,3\n', "row 2: a quotation mark is not closed"),
        (b'x,y\n1,2\n2,"3\n4,"5"\n', "row 3: a quotation mark is not closed, or stands within"),
        (b"sep=|\nx|y\n1|2\n", "has the delimiter “|” in its first line; it must be comma, semicolon, tab, space"),
        (b"1" * 3_000_000, "has a line of more than 1048576 characters"),
        (b"x,y\n" + b"1," * 2000 + b"\n", "has a row of more than 1000 cells"),
        (b"x,y\n1,2\n" * 50_000 + b"\xff\xfe\xff\n", "is not utf-8 text"),
    ],
)
def test_what_is_no_table_is_refused_with_a_reason(file: Callable[..., Path], content: Any, message: str) -> None:
    with pytest.raises(CsvError, match=message):
        imported(file(content), x=(0,), y=1, drop_bad=True)


def test_wrong_choices_are_refused(file: Callable[..., Path]) -> None:
    path = file("x,y\n1,2\n2,3\n")
    for changes, message in (
        ({"x": ()}, "choose 1 to 7"),
        ({"x": (1,), "y": 1}, "only once"),
        ({"x": (0,), "y": 2}, "has 2 columns"),
    ):
        with pytest.raises(CsvError, match=message):
            imported(path, **changes)


def test_folders_and_missing_files_are_refused(tmp_path: Path) -> None:
    with pytest.raises(CsvError, match="is not a regular file"):
        read_preview(tmp_path)
    with pytest.raises(FileNotFoundError):
        read_preview(tmp_path / "none.csv")


def test_a_long_file_is_read_as_a_short_one_is_with_progress_and_can_be_cancelled(file: Callable[..., Path]) -> None:
    values = np.random.default_rng(0).normal(size=(30_000, 2))
    path = file("x;y\n" + "".join(f"{a!r};{b!r}\n" for a, b in values.tolist()).replace(".", ","))
    shares: list[float] = []
    look = read_preview(path)
    choices = Choices(form=look.form, x=(0,), y=1)
    data = read(path, choices, shares.append).dataset
    np.testing.assert_array_equal(np.stack(data.columns, axis=1), values)
    assert len(shares) > 10 and shares == sorted(shares) and shares[-1] == 1

    def stop(share: float) -> None:
        if share > 0.5:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        read(path, choices, stop)


PARTS = [
    *(b"1 2.5 , ; a \xff\xfe \xfe\xff \x00 \xef\xbb\xbf \xc3\xa9 \xb0\xa1 nan inf 1e400 1e31 - 1_0 yes \x81".split()),
    *(b" ", b"\t", b'"', b"\n", b"\r", b"\r\n", "１".encode(), b"1,2\n3,4\n", b"a;b\n1,5;2\n", b"1\t2\n3\t5\n"),
]


@pytest.mark.parametrize("seed", range(4))
def test_random_bytes_raise_nothing_but_their_own_error(file: Callable[..., Path], seed: int) -> None:
    choose, messages = random.Random(seed), []
    warnings.simplefilter("error")
    for _ in range(250):
        if choose.random() < 0.3:
            content = choose.randbytes(choose.randrange(200))
        else:
            content = b"".join(choose.choices(PARTS, k=choose.randrange(60)))
        path = file(content)
        wanted = Format(
            encoding=choose.choice([None, *ENCODINGS]),
            delimiter=choose.choice([None, *DELIMITERS.values()]),
            decimal=choose.choice([None, *DECIMALS.values()]),
            header=choose.choice([None, True, False]),
        )
        try:
            look = read_preview(path, wanted)
            x, y = choose.choice([look.suggested(), ((0,), 1), ((-1, 3), 2)])
            choices = Choices(form=look.form, x=x, y=y, classes=choose.random() < 0.3, drop_bad=choose.random() < 0.7)
            read(path, choices)
        except CsvError as error:
            messages.append(str(error))
    assert len(messages) > 100 and all(messages) and "\n" not in "".join(messages)


def test_mutated_tables_raise_nothing_but_their_own_error(tmp_path: Path) -> None:
    good, _, failures = run(120, 0, tmp_path)
    assert good > 20
    assert [failure for failure in failures if "took" not in failure] == []


def test_an_import_that_is_cancelled_or_refused_leaves_no_file_open(
    file: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Windows would refuse to replace a file that is still open."""
    opened = []
    plain = Path.open

    def watched(*args: Any, **kwargs: Any) -> Any:
        opened.append(plain(*args, **kwargs))
        return opened[-1]

    monkeypatch.setattr(Path, "open", watched)
    rows = "".join(f"{row},{2 * row}\n" for row in range(5000))
    path = file("x,y\n" + rows)
    look = read_preview(path)
    x, y = look.suggested()

    def cancel(share: float) -> None:
        raise InterruptedError

    with pytest.raises(InterruptedError) as kept:  # its traceback keeps the frames of all readers
        read(path, Choices(form=look.form, x=x, y=y), cancel)
    wrong = file("x,y\n" + rows + "1" + "," * 2000 + "\n")
    with pytest.raises(CsvError) as also_kept:
        read(wrong, Choices(form=look.form, x=x, y=y))
    assert len(opened) >= 3 and all(one.closed for one in opened)
    assert kept is not also_kept
