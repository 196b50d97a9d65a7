"""The preview of a step that a teacher makes, and what is said in the end of its run."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QScrollArea, QVBoxLayout, QWidget

from lrstudio.core.language import tr
from lrstudio.core.record import dataclass
from lrstudio.engine.experiment import Experiment
from lrstudio.engine.lessons import LessonError, Prose, Step, prose, shown
from lrstudio.engine.lessons.draft import Draft, Rehearsal, setup_of, step_of
from lrstudio.engine.lessons.parts import MOST_CHOICES
from lrstudio.engine.lessons.reader import PATHS
from lrstudio.engine.lessons.writer import StepError, new_lesson, with_step
from lrstudio.store.lessons.folder import Heading, add_step
from lrstudio.ui.fields.rows import heading as title_label
from lrstudio.ui.lessons.text import MUTED, ProseView
from lrstudio.ui.look.plain import Label
from lrstudio.ui.session.bench import Work

_FORMS = {"question": "**{text}**", "goal": "**{text}**", "choice": "○ {text}", "hint": "→ {text}"}
"""How texts are shown in the preview."""


@dataclass(frozen=True, eq=False)
class Preview:
    """The texts of a step by place as a learner sees them, what is said in the end, and the first error."""

    texts: dict[str, Prose]
    answer: str
    place: str
    error: str


class PreviewPane(QScrollArea):
    """A step as learners will see it, with what the run says in the end; `names` are those of the form's fields."""

    _CHOICES = tuple(f"choice {number}" for number in range(1, MOST_CHOICES + 1))
    _PLACES = ("table", "look", "question", *_CHOICES, "goal", "hint 1", "hint 2")

    def __init__(self, names: Mapping[str, str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.title = title_label("")
        self.title.setWordWrap(True)
        names = {**names, "answer": tr("What the run says in the end")}
        self.parts = {place: ProseView(names[place]) for place in ("text", *self._PLACES, "answer", "remember")}
        self.answer_heading = Label(tr("What the run says in the end"))
        self.remember_heading = Label(tr("Remember"))
        page = QWidget()
        layout = QVBoxLayout(page)
        top = Label(tr("As learners see it"))
        layout.addWidget(top)
        layout.addWidget(self.title)
        for place in ("text", *self._PLACES):
            layout.addWidget(self.parts[place])
        layout.addWidget(self.answer_heading)
        layout.addWidget(self.parts["answer"])
        layout.addWidget(self.remember_heading)
        layout.addWidget(self.parts["remember"])
        layout.addStretch()
        for label in (top, self.answer_heading, self.remember_heading):
            label.setForegroundRole(MUTED)
        self.setWidget(page)
        self.setWidgetResizable(True)
        self.setAccessibleName(top.text())
        self.setToolTip(tr("What learners will see; scroll for more"))
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)

    def show_waiting(self) -> None:
        self.answer_heading.setText(tr("What the run says in the end: it is being computed…"))

    def show_preview(self, preview: Preview) -> None:
        """Shows a preview; a text that is invalid is left out."""
        empty = prose("")
        self.title.setText(preview.texts["title"].plain if "title" in preview.texts else "")
        for place, view in self.parts.items():
            view.show_prose(preview.texts.get(place, empty))
        self.parts["answer"].show_prose(shown(preview.answer))
        self.answer_heading.setText(tr("What the run says in the end"))
        self.answer_heading.setVisible(bool(preview.answer))
        self.remember_heading.setVisible("remember" in preview.texts)


def check_step(step: Step) -> None:
    """Checks a step by the reader; StepError with the place that is wrong."""
    with_step(new_lesson("x", PATHS[0], 1, 1), "preview", step)


def saved_step(
    draft: Draft,
    experiment: Experiment,
    rehearsal: Rehearsal,
    work: Work,
    path: Path,
    heading: Heading | None,
    at: int | None,
) -> Path | StepError:
    """Writes the step of a draft once its run decides it, and returns its file; an error with the place that it is of.

    `heading` and `at` are those of `add_step`. A task without a rate that solves it gets one that does.
    """
    try:
        if draft["kind"] == "task" and not draft["rate"].strip():
            draft = {**draft, "rate": rehearsal.solved(draft, experiment, work.stop)}
        step = step_of(draft, experiment)
        check_step(step)
        rehearsal.rehearse(step, work.stop)
        add_step(path, step, heading, at)
    except StepError as error:
        return error
    except LessonError as error:
        return StepError("lesson", str(error))
    return path


def preview_of(
    draft: Draft, experiment: Experiment, rehearsal: Rehearsal, work: Work, places: Mapping[str, str]
) -> Preview:
    """Returns the preview of a draft; `places` are what can be pointed at is called."""
    frame = Step("", "", setup_of(experiment, draft["pace"]), sets_up=True)
    texts: dict[str, Prose] = {}
    kind = draft["kind"]
    number = ("choice", "goal", "when")
    hidden = {"text": ("question", "choice", "goal", "hint"), "choose": ("goal",), "number": number, "draw": number}
    left_out = hidden.get(kind, ("question", "choice"))
    for place, text in draft.items():
        if not text.strip() or place.split(" ")[0] in left_out or place in ("table", "look"):
            continue
        try:
            texts[place] = frame.filled(_FORMS.get(place.split(" ")[0], "{text}").replace("{text}", text.strip()))
        except ValueError:
            continue  # the error is told below the form
    if looks := ", ".join(places[name.strip()] for name in draft.get("look", "").split(",") if name.strip()):
        texts["look"] = shown(tr("→ Show me: {name}", name=looks))
    try:
        step = step_of(draft, experiment)
        check_step(step)
        if step.table is not None:
            texts["table"] = rehearsal.table(step, work.stop)
        return Preview(texts, rehearsal.rehearse(step, work.stop), "", "")
    except StepError as error:
        return Preview(texts, "", error.place, str(error))
