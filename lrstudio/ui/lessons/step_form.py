"""The fields of a step that a teacher writes."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QEvent, QObject, Signal
from PySide6.QtWidgets import (
    QFormLayout,
    QLineEdit,
    QMenu,
    QPlainTextEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from lrstudio.core.language import tr
from lrstudio.engine.lessons.draft import Rehearsed
from lrstudio.engine.lessons.parts import MOST_CHOICES
from lrstudio.ui.fields.rows import add_row, choice_combo, form_layout
from lrstudio.ui.lessons.parts import push_button
from lrstudio.ui.lessons.step_fields import ConditionBox, LookBox, read, write
from lrstudio.ui.look.plain import menu_text, plain

_TEXT_LINES, _FEW_LINES = 7, 3
_FIRST_CHOICES = 3


class StepForm(QWidget):
    """Fields by their places (see engine.lessons.draft); `changed` follows each change of one.

    `places` are what can be pointed at, by the names of engine.lessons.LOOKS.
    """

    changed = Signal()
    question_requested = Signal()
    table_requested = Signal()

    def __init__(self, places: Mapping[str, str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.fields: dict[str, QWidget] = {}
        self.names: dict[str, str] = {}
        """What a field is called on the screen."""
        self._of: dict[QWidget, tuple[str, ...]] = {}
        """The kinds of steps that have a field, for those that not all have."""
        self._edited: QLineEdit | QPlainTextEdit | None = None
        """The text that had the focus last."""
        self._choices = _FIRST_CHOICES
        self._rehearsed = Rehearsed("", (), ())
        self._rows = form_layout()
        self._rows.setRowWrapPolicy(QFormLayout.RowWrapPolicy.WrapAllRows)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addLayout(self._rows)
        layout.addStretch()
        self._add_texts(places)
        self._add_choices()
        self._add_number()
        self._add_task()
        self._add_hints()
        self._rows.setRowVisible(self.fields["table"], False)
        self._show_rows()

    def values(self) -> dict[str, str]:
        """Returns the texts by place."""
        return {place: read(field) for place, field in self.fields.items()}

    @property
    def empty(self) -> bool:
        """Whether nothing has been typed."""
        return not any(text.strip() for place, text in self.values().items() if place != "kind")

    def show_values(self, values: dict[str, str]) -> None:
        """Shows texts; a field that is not named becomes empty."""
        self._rows.setRowVisible(self.fields["table"], bool(values.get("table")))
        filled = [number for number in range(1, MOST_CHOICES + 1) if values.get(f"choice {number}")]
        self._choices = max(_FIRST_CHOICES, *filled, 0)
        for place, field in self.fields.items():
            write(field, values.get(place, ""))
        self._show_rows()

    def offer(self, rehearsed: Rehearsed) -> None:
        """Offers what can be said about the run."""
        if (rehearsed.predicates, rehearsed.readings) == (self._rehearsed.predicates, self._rehearsed.readings):
            return
        self._rehearsed = rehearsed
        tips = {True: tr("True of this run"), False: tr("False of this run")}
        conditions = [(text, tips[holds]) for text, holds in rehearsed.predicates]
        for place, field in self.fields.items():
            if isinstance(field, ConditionBox):
                field.offer(rehearsed.readings if place == "value" else conditions)
        self._numbers.clear()
        for text, shown in rehearsed.readings:
            entry = self._numbers.addAction(menu_text(f"{text} = {shown}"))
            entry.triggered.connect(lambda _checked=False, text=text: self._insert(f"{{{text}}}"))

    def _insert(self, slot: str) -> None:
        field = self._edited or self.fields["text"]
        if isinstance(field, QLineEdit):
            field.insert(slot)
        else:
            assert isinstance(field, QPlainTextEdit)
            field.insertPlainText(slot)
        field.setFocus()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.FocusIn and isinstance(watched, QLineEdit | QPlainTextEdit):
            self._edited = watched
        return super().eventFilter(watched, event)

    def _show_rows(self) -> None:
        """Shows the rows that the kind of the step has."""
        kind = str(self.kind.currentData())
        for field, kinds in self._of.items():
            self._rows.setRowVisible(field, kind in kinds)
        for number in range(self._choices + 1, MOST_CHOICES + 1):
            for name in ("choice", "when", "because"):
                self._rows.setRowVisible(self.fields[f"{name} {number}"], False)
        self.more.setEnabled(self._choices < MOST_CHOICES)
        self.changed.emit()

    def fill(self, values: Mapping[str, str]) -> None:
        """Puts texts into fields that are empty."""
        found = self.values()
        new = {place: text for place, text in values.items() if not found.get(place, "").strip()}
        self.show_values(found | new)

    def _show_table(self) -> None:
        self._rows.setRowVisible(self.fields["table"], True)
        self.fields["table"].setFocus()
        if not read(self.fields["table"]):
            self.table_requested.emit()

    def _one_more(self) -> None:
        self._choices += 1
        self._show_rows()
        self.fields[f"choice {self._choices}"].setFocus()

    def _add_texts(self, places: Mapping[str, str]) -> None:
        self._line("title", tr("Title of the step"), tr("A few words, such as: A larger rate"))
        tip = tr(
            "Markdown: **bold**, *italic*, lists. A formula stands between two $: $w - lr*g$.\n"
            "A number of the experiment stands in braces: {run 1: rate}"
        )
        self._text("text", tr("Text, in Markdown; formulas as $w - lr*g$"), tip, _TEXT_LINES)
        self.insert = QPushButton(tr("Insert a number of the run"))
        tip = tr("Puts a number into the text that was edited last; it is filled in when the step is shown")
        self.insert.setToolTip(tip)
        self.insert.setAutoDefault(False)
        self._numbers = QMenu(self.insert)
        self.insert.setMenu(self._numbers)
        self._rows.addRow(self.insert)
        tip = tr("A frame shows these parts of the window where the learner asks for them; plots are shown")
        look = LookBox(places)
        look.changed.connect(self.changed)
        self._add("look", tr("Look here"), look, tip)
        tip = tr("A table of what somebody printed beside what the run computes")
        self.table_button = push_button(tr("Add a table"), tip, self._show_table)
        self._rows.addRow(self.table_button)
        tip = tr(
            "A row a line, with | between its cells, or pasted from a spreadsheet; the first row is the heading.\n"
            "Numbers of the run stand in braces"
        )
        self._text("table", tr("Table"), tip, _TEXT_LINES)
        kinds = {
            "text": tr("Nothing: the learner reads and runs"),
            "choose": tr("A prediction: one of several answers"),
            "number": tr("A prediction: a number"),
            "draw": tr("A prediction: the loss, drawn into its plot"),
            "task": tr("A task: a goal that a run must reach"),
        }
        self.kind = choice_combo(tuple(kinds), lambda _kind: self._show_rows(), tuple(kinds.values()))
        self._add("kind", tr("What is asked"), self.kind, tr("The run decides what is right"))
        tip = tr("Fills the empty fields with a question or a task about this run, which you can change")
        self.propose = push_button(tr("Propose one"), tip, self.question_requested.emit)
        self._rows.addRow(self.propose)
        self._of[self.propose] = ("choose", "number", "draw", "task")

    def _add_choices(self) -> None:
        self._line("question", tr("Question"), tr("What will the run do?"), "choose", "number", "draw")
        tips = {
            "choice": tr("What a learner can choose"),
            "when": tr("The answer is right if this is true of the run; exactly one answer must be"),
            "because": tr("Why, with numbers of the run in braces: it is {run 1: loss at end}"),
        }
        for number in range(1, MOST_CHOICES + 1):
            text = tr("Answer {number}", number=number)
            self._line(f"choice {number}", text, tips["choice"], "choose")
            text = tr("Answer {number} is right if", number=number)
            self._condition(f"when {number}", text, tips["when"], "choose")
            text = tr("Answer {number} is right because", number=number)
            self._line(f"because {number}", text, tips["because"], "choose")
        self.more = QPushButton(tr("One more answer"))
        self.more.setToolTip(tr("A question has 2 to {most} answers", most=MOST_CHOICES))
        self.more.setAutoDefault(False)
        self.more.clicked.connect(lambda _checked=False: self._one_more())
        self._rows.addRow(self.more)
        self._of[self.more] = ("choose",)

    def _add_number(self) -> None:
        self._condition("value", tr("The number"), tr("What is measured in the run"), "number")
        tip = tr("A percentage of the number, such as 5")
        self._line("within", tr("A guess is right to within (%)"), tip, "number")
        self._line("run", tr("Run whose loss is drawn"), tr("Its number, from the top of the list"), "draw")
        self._line("because", tr("Because"), tr("Why, with numbers of the run in braces"), "number", "draw")

    def _add_task(self) -> None:
        self._line("goal", tr("Goal"), tr("What the learner must reach by changing the rate"), "task")
        tip = tr("This must be true of the learner's run")
        self._condition("when", tr("The goal is reached if"), tip, "task")
        tip = tr("Said when the goal is reached, with numbers of the run in braces")
        self._line("done", tr("Said when it is reached"), tip, "task")
        tip = tr("Said while the goal is not reached, with numbers of the run in braces; may be left empty")
        self._line("reply", tr("Said before"), tip, "task")
        tip = tr(
            "A rate of run 1 that reaches the goal: it proves that the task can be done. Left empty, one is tried out"
        )
        self._line("rate", tr("A rate that reaches it"), tip, "task")

    def _add_hints(self) -> None:
        asking = ("choose", "number", "draw", "task")
        tip = tr("May be left empty; hints are shown one after the other")
        self._line("hint 1", tr("First hint"), tip, *asking)
        self._line("hint 2", tr("Second hint"), tip, *asking)
        tip = tr("May be left empty; it is shown once the step is done")
        self._text("remember", tr("Remember"), tip, _FEW_LINES)

    def _line(self, place: str, name: str, tip: str, *kinds: str) -> None:
        field = QLineEdit()
        field.installEventFilter(self)
        field.textChanged.connect(lambda _text: self.changed.emit())
        self._add(place, name, field, tip, *kinds)

    def _text(self, place: str, name: str, tip: str, lines: int) -> None:
        field = QPlainTextEdit()
        field.installEventFilter(self)
        field.setTabChangesFocus(True)
        field.setFixedHeight(field.fontMetrics().lineSpacing() * lines + 12)
        field.textChanged.connect(self.changed)
        self._add(place, name, field, tip)

    def _condition(self, place: str, name: str, tip: str, *kinds: str) -> None:
        field = ConditionBox()
        field.editTextChanged.connect(lambda _text: self.changed.emit())
        self._add(place, name, field, tip, *kinds)
        line = field.lineEdit()
        assert line is not None
        line.setAccessibleName(name)
        line.setToolTip(plain(tip))

    def _add(self, place: str, name: str, field: QWidget, tip: str, *kinds: str) -> None:
        self.fields[place], self.names[place] = field, name
        if kinds:
            self._of[field] = kinds
        add_row(self._rows, name, field, plain(tip))
