"""Goes through the steps of a lesson: sets up, holds the run until the prediction is made, and judges what ran."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QObject, Signal

from lrstudio.core.elementary.scales import log10
from lrstudio.core.language import language, tr
from lrstudio.core.record import dataclass
from lrstudio.engine.claims import Outcome
from lrstudio.engine.experiment import Experiment
from lrstudio.engine.lessons import Drawing, Guess, Judgement, Lesson, Prose, Step, translated
from lrstudio.engine.training.pilot import State
from lrstudio.ui.canvases.sketch import Sketch
from lrstudio.ui.lessons.learners import Learners
from lrstudio.ui.session.bench import Bench, LatestJob
from lrstudio.ui.session.open_session import OpenSession

_ENDED = (State.FINISHED, State.DIVERGED)
Judged = tuple[Judgement | None, Judgement | None, Prose]
"""Of the prediction and of the task, and the table of the step."""


@dataclass(eq=False)
class Work:
    """What a learner has done in a step; `hints` is the number of those seen, `tried` what was judged last."""

    guess: Guess | None = None
    prediction: Judgement | None = None
    task: Judgement | None = None
    solved: bool = False
    hints: int = 0
    table: Prose | None = None
    tried: Experiment | None = None


class Course(QObject):
    """The lesson that is gone through. No widgets."""

    listed = Signal(object)
    """The lessons, which are read in the background."""
    unread = Signal(str)
    """Why they could not be read."""
    step_changed = Signal()
    judged = Signal()
    hold_changed = Signal(str)
    """Why the run must not begin yet; empty if it may."""
    concealed = Signal(bool)
    """Whether the window must not show which rates are good, because the step asks for it."""
    pace_chosen = Signal(object)
    ended = Signal()

    def __init__(self, session: OpenSession, bench: Bench, learners: Learners, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session, self._learners = session, learners
        self.lesson: Lesson | None = None
        self.index = 0
        self._wanted: tuple[Lesson, int] | None = None
        self.sketch: Sketch | None = None
        """The curve that is drawn, or was drawn, in the current step."""
        self._works: dict[tuple[str, int], Work] = {}
        self._bench, self._job = bench, LatestJob[object](bench)
        session.state_changed.connect(self._judge)
        session.simulation_changed.connect(self._go_on)
        session.visit_ended.connect(self._end)
        learners.learner_changed.connect(self._works.clear)

    @property
    def step(self) -> Step:
        assert self.lesson is not None
        return self.lesson.steps[self.index]

    @property
    def work(self) -> Work:
        """What was done in the current step."""
        assert self.lesson is not None
        return self._works.setdefault((self.lesson.id, self.index), Work())

    @property
    def open(self) -> bool:
        """Whether the current step asks something that is not judged, or sets a task that is not solved."""
        if self.lesson is None:
            return False
        step, work = self.step, self.work
        asks = step.prediction is not None and work.prediction is None
        return asks or (step.task is not None and not work.solved)

    @property
    def held(self) -> bool:
        """Whether the run waits for a prediction."""
        return self.lesson is not None and self.step.prediction is not None and self.work.guess is None

    def read(self) -> None:
        """Reads the lessons in the language in use; `listed` follows."""
        name = language()

        def job(_work: object) -> tuple[Lesson, ...]:
            found = translated(name)
            for step in (step for lesson in found for step in lesson.steps):
                step.prepare()  # slots may need the curvature, which the window does not wait for
            return found

        self._bench.start(job, done=self.listed.emit, failed=self.unread.emit)

    def begin(self, lesson: Lesson) -> None:
        """Begins a lesson, or goes on with it; the session is set aside until `leave`."""
        self._show(lesson, self._learners.next_step(lesson))

    def go(self, by: int) -> None:
        """Goes to another step of the lesson."""
        assert self.lesson is not None
        index = self.index + by
        if 0 <= index < len(self.lesson.steps):
            self._show(self.lesson, index)

    def set_up(self) -> None:
        """Shows the experiment of the step as it was at first."""
        setup = self.step.setup
        if setup is not None and self._session.visit(setup.experiment):
            self.pace_chosen.emit(setup.pace)

    def predict(self, guess: Guess) -> None:
        """Makes the prediction, and lets the run begin."""
        assert self.lesson is not None
        if self.sketch is not None and isinstance(guess, Drawing):
            self.sketch.fix(guess)
        self.work.guess = guess
        self._learners.answered(self.lesson, self.index, _answer(self.step, guess))
        self._hold()
        self.step_changed.emit()

    def show_hint(self) -> None:
        assert self.lesson is not None
        self.work.hints += 1
        self._learners.hinted(self.lesson, self.index)
        self.judged.emit()

    def leave(self) -> None:
        """Ends the lesson; the session is as it was before."""
        self._session.end_visit()
        self._end()

    def _go_on(self) -> None:
        """Begins the lesson that waits for the session, or judges."""
        if self._wanted is not None and self._session.simulation is not None:
            wanted, self._wanted = self._wanted, None
            self._show(*wanted)
        else:
            self._judge()

    def _show(self, lesson: Lesson, index: int) -> None:
        step, before = lesson.steps[index], self._session.experiment
        setup = step.setup
        if setup is not None and (step.sets_up or setup.experiment.bare() != before.replanned().bare()):
            if not self._session.visit(setup.experiment):
                if self._session.task is None:  # the session has just come back, and is not there yet
                    self._wanted = lesson, index
                else:
                    self._session.message.emit(tr("A file is being read or written; try again when that is over"))
                return
            self.pace_chosen.emit(setup.pace)
        self._job.cancel()
        self.lesson, self.index = lesson, index
        self.sketch = self._sketch_of(step)
        self._hold()
        self.step_changed.emit()
        self._judge()

    def _sketch_of(self, step: Step) -> Sketch | None:
        """Returns the sketch of a step that asks for a drawing, with what was drawn before."""
        run = None if step.prediction is None else step.prediction.draws
        if run is None or step.setup is None:
            return None
        sketch = Sketch(step.setup.experiment.steps, log10(step.first_loss(run)), self)
        if isinstance(self.work.guess, Drawing):
            sketch.fix(self.work.guess)
        return sketch

    def _hold(self) -> None:
        text = tr("First make your prediction in the lesson; then the run may begin")
        self.hold_changed.emit(text if self.held else "")
        self._session.set_foretelling(not self.held)
        self.concealed.emit(self.open and "ruler" not in self.step.look)

    def _judge(self) -> None:
        """Judges the run if it is over."""
        session, lesson = self._session, self.lesson
        trace, experiment = session.trace, session.experiment
        if lesson is None or trace is None or session.simulation is None or session.state not in _ENDED:
            return
        if not Outcome(experiment, trace).whole:
            return  # the state is still that of the run before
        step, work, index = self.step, self.work, self.index

        def judged(outcome: Outcome) -> Judged:
            return *step.judge(work.guess, outcome), step.table_of(outcome)

        def done(news: Judged) -> None:
            prediction, work.task, work.table = news
            if prediction is not None and (work.prediction is None or prediction.right is not None):
                work.prediction = prediction
            work.solved |= work.task is not None and work.task.right is True
            self._note(lesson, index, work, experiment)
            self._hold()
            self.judged.emit()

        self._job.ask(
            (step.title, experiment, trace, trace.length, work.guess),
            lambda job: judged(Outcome(experiment, trace, job.stop)),
            done,
            failed=partial(session.failed.emit, tr("Could not judge the run")),
        )

    def _note(self, lesson: Lesson, index: int, work: Work, experiment: Experiment) -> None:
        """Notes the judgement of a run; the same experiment twice is one attempt."""
        step = lesson.steps[index]
        first = next((each for each in (work.prediction, work.task) if each is not None), None)
        latest = work.task if step.task is not None else work.prediction
        if latest is None or latest.right is None or first is None or first.right is None or work.tried == experiment:
            return
        again, work.tried = work.tried is not None, experiment
        if step.task is not None:
            self._learners.answered(lesson, index, _tried(step.task.free, experiment))
        right = latest.right if again else first.right
        done = (step.prediction is None or work.prediction is not None) and (step.task is None or work.solved)
        self._learners.judged(lesson, index, right, done=done)

    def _end(self) -> None:
        if self.lesson is not None:
            self._job.cancel()
            self.lesson = self.sketch = None
            self._hold()
            self.ended.emit()


def _answer(step: Step, guess: Guess) -> str:
    """Returns a guess as the learner saw it."""
    if isinstance(guess, Drawing):
        return str(guess)
    choices = () if step.prediction is None else step.prediction.choices
    return step.filled(choices[int(guess)].text).plain if choices else f"{guess:.12g}"


def _tried(names: tuple[str, ...], experiment: Experiment) -> str:
    """Returns the values of the first run, or of the experiment, that a task leaves free."""
    run = experiment.runs[0]
    values = {name: getattr(run, name, None) if hasattr(run, name) else getattr(experiment, name) for name in names}
    texts = (f"{name}={getattr(value, 'key', value)}" for name, value in values.items())
    return ", ".join(texts)
