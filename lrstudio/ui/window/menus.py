"""The menu bar; the Problem, Optimizer and Schedule menus list their catalogues."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QApplication, QMainWindow, QMenu, QMessageBox

from lrstudio.core.language import LANGUAGES, tr
from lrstudio.core.optimizers import OPTIMIZERS
from lrstudio.core.problems import PROBLEMS
from lrstudio.core.schedules import SCHEDULES
from lrstudio.engine.code import LIBRARIES
from lrstudio.engine.examples import EXAMPLES, Example
from lrstudio.engine.experiment import GRADIENT_MODES, Experiment
from lrstudio.engine.experiment.pace import Equal
from lrstudio.ui.canvases.loss import SMOOTHINGS
from lrstudio.ui.docks.experiment import ExperimentDock
from lrstudio.ui.docks.tab_dock import TabDock
from lrstudio.ui.docks.transport import Transport
from lrstudio.ui.fields.actions import RadioMenu, action, add_action
from lrstudio.ui.files.actions import FileActions
from lrstudio.ui.files.recent import RecentFiles, RecentMenu
from lrstudio.ui.instruments.tools import Tools
from lrstudio.ui.lessons.dock import LessonDock
from lrstudio.ui.look.font_size import FontSize
from lrstudio.ui.look.help import HelpDesk, page_about, pointed_at, set_help
from lrstudio.ui.look.plain import menu_text
from lrstudio.ui.look.theme import THEME_NAMES
from lrstudio.ui.session.bench import Bench
from lrstudio.ui.session.open_session import OpenSession
from lrstudio.ui.views.menu import ViewMenu
from lrstudio.ui.views.views import Views
from lrstudio.ui.window.figure_actions import FigureActions
from lrstudio.ui.window.help import ShortcutsDialog, about_text
from lrstudio.ui.window.preset_menus import fill_optimizer_presets, fill_presets
from lrstudio.ui.window.reference import TERMS, HelpWindow
from lrstudio.ui.window.run_actions import RunActions

Keys = QKeySequence.StandardKey
Reset = Callable[[], object]


class Menus(QObject):
    """Fills the window's menu bar and updates its checked entries."""

    def __init__(
        self,
        window: QMainWindow,
        *,
        session: OpenSession,
        bench: Bench,
        files: FileActions,
        recent: RecentFiles,
        run_actions: RunActions,
        dock: ExperimentDock,
        transport: Transport,
        views: Views,
        figures: FigureActions,
        table: TabDock,
        tools: Tools,
        lessons: LessonDock,
        font_size: FontSize,
        reset_layout: Reset,
        modes: Sequence[QAction],
        choose_language: Callable[[str], object],
    ) -> None:
        super().__init__(window)
        self._window = window
        bar = window.menuBar()
        tip = tr("The plot that was used last, as a picture")
        self.copy_view = action(self, tr("Copy &plot"), figures.copy_current, "Ctrl+Alt+C", tip)
        tip = tr("The plot that was used last as PNG, SVG or PDF")
        self.export_view = action(self, tr("Export p&lot…"), figures.export_current, "Ctrl+Alt+E", tip)
        self._fill_file(bar.addMenu(tr("&File")), files, recent, figures, lessons, tools)
        self.undo = action(self, tr("&Undo"), session.changes.undo, Keys.Undo, tr("Take the last change back"))
        self.redo = action(self, tr("&Redo"), session.changes.redo, Keys.Redo, tr("Make it again"))
        history = session.changes
        history.undoTextChanged.connect(self._name_undo)
        history.redoTextChanged.connect(self._name_redo)
        history.canUndoChanged.connect(self.undo.setEnabled)
        history.canRedoChanged.connect(self.redo.setEnabled)
        self.undo.setEnabled(False)
        self.redo.setEnabled(False)
        self._fill_edit(bar.addMenu(tr("&Edit")), dock, figures)
        self.problem = RadioMenu.of(bar.addMenu(tr("&Problem")), PROBLEMS, dock.choose_problem)
        self.optimizer = RadioMenu.of(bar.addMenu(tr("&Optimizer")), OPTIMIZERS, dock.choose_optimizer)
        self.schedule = RadioMenu.of(bar.addMenu(tr("&Schedule")), SCHEDULES, dock.choose_schedule)
        fill_optimizer_presets(self.optimizer.menu, dock)
        fill_presets(self.schedule.menu, dock)
        self._fill_run(bar.addMenu(tr("&Run")), run_actions, transport, dock)
        tools.fill(bar.addMenu(tr("&Tools")))
        view = bar.addMenu(tr("&View"))
        self._fill_view(view, views, table, font_size, reset_layout)
        view.addSeparator()
        view.addActions(modes)
        self._fill_language(view.addMenu(tr("&Language (语言)")), choose_language)
        self._fill_help(bar.addMenu(tr("&Help")), lessons, files)
        dock.runs.selected.connect(lambda _run: self.show_experiment(session.experiment))
        self._runs, self._dock, self._views, self._bench = dock.runs, dock, views, bench
        HelpDesk(window).asked.connect(self.show_help)
        pages = {
            dock: "window/experiment", dock.ruler: "window/rate", dock.lr: "window/rate", dock.runs: "window/runs",
            dock.start: "view/landscape", transport: "window/time", lessons: "tool/lessons",
            views.question: "guide/first",
        }  # fmt: skip
        for widget, page in pages.items():
            set_help(widget, page)

    def show_experiment(self, experiment: Experiment) -> None:
        """Checks the entries of the problem and of the current run."""
        run = experiment.runs[min(self._runs.current, len(experiment.runs) - 1)]
        self.problem.show(experiment.problem.key)
        self.optimizer.show(run.optimizer.key)
        self.schedule.show(run.schedule.key)
        self.gradient.show(experiment.gradient.mode)
        dock = self._dock
        for widgets, page in (
            ((dock.problem, dock.problem_form), f"problem/{experiment.problem.key}"),
            ((dock.optimizer, dock.optimizer_form), f"optimizer/{run.optimizer.key}"),
            ((dock.schedule, dock.schedule_form), f"schedule/{run.schedule.key}"),
        ):
            for widget in widgets:
                set_help(widget, page)

    def _name_undo(self, change: str) -> None:
        self.undo.setText(tr("&Undo {change}", change=menu_text(change)).strip())

    def _name_redo(self, change: str) -> None:
        self.redo.setText(tr("&Redo {change}", change=menu_text(change)).strip())

    def _fill_file(
        self, menu: QMenu, files: FileActions, recent: RecentFiles, figures: FigureActions, lessons: LessonDock,
        tools: Tools,
    ) -> None:  # fmt: skip
        add_action(menu, tr("&New"), files.new, Keys.New, tr("Start over with one run on the first problem"))
        examples = menu.addMenu(tr("&Examples"))
        examples.setToolTipsVisible(True)
        group, actions = "", dict[QAction, Example]()
        for number, example in enumerate(EXAMPLES, 1):
            if example.group != group:
                group = example.group
                examples.addSection(tr(group))
            show = partial(files.show_example, example)
            key = f"Ctrl+{number}" if number <= 9 else None
            actions[add_action(examples, tr(example.title), show, key)] = example
        examples.aboutToShow.connect(partial(_describe, actions))
        add_action(menu, tr("&Open…"), files.open, Keys.Open, tr("Open a session file"))
        RecentMenu(menu.addMenu(tr("Open &recent")), recent)
        menu.addAction(lessons.open_folder)
        tip = tr("Columns of a CSV file as the problem's data")
        add_action(menu, tr("&Import data…"), files.import_data, "Ctrl+I", tip)
        tip = tr("A training log that grows, or a folder of logs, in the window of logs")
        add_action(menu, tr("&Follow…"), tools.follow, "Ctrl+Shift+F", tip)
        menu.addSeparator()
        add_action(menu, tr("&Save"), files.save, Keys.Save, tr("Save the session in its file"))
        add_action(menu, tr("Save &as…"), files.save_as, "Ctrl+Shift+S", tr("Save in another file"))
        add_action(menu, tr("&Export CSV…"), files.export_csv, "Ctrl+E", tr("All steps of all runs as a table"))
        tip = tr("All plots or one of them as PNG, SVG or PDF")
        add_action(menu, tr("Export &figure…"), figures.export, "Ctrl+Shift+E", tip)
        menu.addAction(self.export_view)
        tip = tr("The run from its first step to its last as GIF, animated PNG or WebP")
        add_action(menu, tr("Export &moving picture…"), figures.export_movie, "Ctrl+Shift+G", tip)
        tip = tr("A page as HTML or PDF: question, set-up, plots, verdicts, table and the command that repeats it")
        add_action(menu, tr("Export repor&t…"), figures.export_report, "Ctrl+Shift+P", tip)
        scripts = menu.addMenu(tr("Export sc&ript"))
        for library, name in LIBRARIES.items():
            tip = tr("A Python script that repeats the runs with {library} and prints their table", library=name)
            add_action(scripts, tr("{library}…", library=name), partial(files.export_script, library), None, tip)
        add_action(menu, tr("&Print…"), figures.print, Keys.Print, tr("Print the plots"))
        menu.addSeparator()
        add_action(menu, tr("&Quit"), self._window.close, "Ctrl+Q", tr("Close the window"))

    def _fill_edit(self, menu: QMenu, dock: ExperimentDock, figures: FigureActions) -> None:
        menu.addActions([self.undo, self.redo])
        menu.addSeparator()
        tip = tr("The plots as they stand, as a picture")
        add_action(menu, tr("Copy fi&gure"), figures.copy, "Ctrl+Shift+C", tip)
        menu.addAction(self.copy_view)
        menu.addSeparator()
        menu.addActions(dock.runs.menu_actions())

    def _fill_run(self, menu: QMenu, run: RunActions, transport: Transport, dock: ExperimentDock) -> None:
        menu.addActions([run.play, run.step, run.reset])
        menu.addSeparator()
        menu.addActions([run.first, run.back, run.last])
        menu.addSeparator()
        add_action(menu, tr("&Slower"), lambda: transport.change_speed(-1), "[", tr("Fewer steps a second"))
        add_action(menu, tr("&Faster"), lambda: transport.change_speed(1), "]", tr("More steps a second"))
        menu.addSeparator()
        texts = {
            "analytic": (tr("Exact gradient"), tr("From the formula of the loss")),
            "forward": (tr("Measured: one-sided difference"), tr("(loss(w + eps) - loss(w)) / eps")),
            "central": (tr("Measured: central difference"), tr("(loss(w + eps) - loss(w - eps)) / (2 eps)")),
        }
        choices = [(mode, *texts[mode]) for mode in GRADIENT_MODES]
        self.gradient = RadioMenu(menu.addMenu(tr("&Gradient")), choices, dock.choose_gradient)

    def _fill_view(self, menu: QMenu, views: Views, table: TabDock, font_size: FontSize, reset: Reset) -> None:
        self.views = ViewMenu(views.area)
        self.views.fill(menu)
        add_action(menu, tr("&Reset layout"), reset, tip=tr("Views and docks as they were at first"))
        menu.addSeparator()
        menu.addAction(table.shown)
        menu.addSeparator()
        tip = tr("Show the loss on a logarithmic scale")
        log = add_action(menu, tr("&Logarithmic loss"), lambda: None, "Ctrl+L", tip, checked=True)
        log.toggled.connect(lambda on: views.set_options(log_loss=on))
        tip = tr("The landscape of two parameters in space, to be turned with the mouse")
        surface = add_action(menu, tr("Landscape in &space"), lambda: None, "Ctrl+Alt+3", tip, checked=False)
        surface.toggled.connect(lambda on: views.set_options(in_space=on))
        tip = tr("Give the first steps as much room as the many later ones")
        log_steps = add_action(menu, tr("Logarithmic s&teps"), lambda: None, "Ctrl+Shift+L", tip, checked=False)
        log_steps.toggled.connect(lambda on: views.set_options(log_steps=on))
        counts: dict[Equal, tuple[str, str]] = {
            "steps": (tr("&Steps"), tr("A step of each run takes the same room")),
            "epochs": (tr("&Epochs"), tr("An epoch of each run takes the same room, whatever its batch size")),
            "samples": (tr("S&amples"), tr("As epochs, and the axis counts the data points that were seen")),
        }
        axis = menu.addMenu(tr("Horizontal a&xis"))
        own = [(name, *texts) for name, texts in counts.items()]
        self.axis = RadioMenu(axis, own, lambda name: views.set_options(axis=name))
        self.axis.show("steps")
        tip = tr("Share of the old mean that is kept at each step; the raw loss stays visible")
        smoothings = [(f"{beta:g}", f"{beta:g}" if beta else tr("None"), tip) for beta in SMOOTHINGS]
        smoothing = menu.addMenu(tr("S&moothing of the loss"))
        self.smoothing = RadioMenu(smoothing, smoothings, lambda beta: views.set_options(smoothing=float(beta)))
        self.smoothing.show("0")
        plots = [surface, log, log_steps, axis.menuAction(), smoothing.menuAction()]
        self.views.plot_actions = [*plots, self.copy_view, self.export_view]
        menu.addSeparator()
        texts = {
            "system": (tr("As the system"), tr("Light or dark, and changing with it")),
            "light": (tr("Light"), tr("Dark letters on white")),
            "dark": (tr("Dark"), tr("Light letters on black")),
        }
        choices = [(name, *texts[name]) for name in THEME_NAMES]
        self.theme = RadioMenu(menu.addMenu(tr("&Theme")), choices, views.theme_chosen.emit)
        self._fill_font_size(menu.addMenu(tr("&Font size")), font_size)

    def _fill_language(self, menu: QMenu, choose: Callable[[str], object]) -> None:
        tip = tr("The window opens anew with everything in it; open instruments are closed")
        names = {"system": tr("As the system")} | LANGUAGES
        self.language = RadioMenu(menu, [(key, name, tip) for key, name in names.items()], choose)

    def _fill_font_size(self, menu: QMenu, size: FontSize) -> None:
        tip = tr("Larger letters, up to 24 points")
        larger = add_action(menu, tr("&Larger"), lambda: size.change(1), "Ctrl++", tip)
        larger.setShortcuts([QKeySequence("Ctrl++"), QKeySequence("Ctrl+=")])
        tip = tr("Smaller letters, down to 9 points")
        add_action(menu, tr("&Smaller"), lambda: size.change(-1), "Ctrl+-", tip)
        tip = tr("Letters of the system's size")
        add_action(menu, tr("&Reset"), lambda: size.choose(None), "Ctrl+0", tip)

    def _fill_help(self, menu: QMenu, lessons: LessonDock, files: FileActions) -> None:
        menu.addActions([lessons.shown, lessons.begin_tour, lessons.make_step, lessons.list.learner.export])
        menu.addSeparator()
        tip = tr("The guide and the reference; at once the page about what is below the mouse or has the focus")
        show = lambda: self.show_help(page_about(pointed_at(self._window)))  # noqa: E731
        add_action(menu, tr("&Guide and reference"), show, "F1", tip)
        tip = tr("What the words mean")
        add_action(menu, tr("Glossar&y"), lambda: self.show_help(TERMS), tip=tip)
        tip = tr("All keys and mouse gestures on one page")
        add_action(menu, tr("&Keyboard shortcuts"), self._show_shortcuts, "Ctrl+/", tip)
        tip = tr("A notebook (Jupyter) that does in Python what this window does, with what comes out")
        add_action(menu, tr("Save Python &notebook…"), files.save_notebook, tip=tip)
        menu.addSeparator()
        add_action(menu, tr("&About LR Studio"), self._about, tip=tr("Which version this is"))

    def show_help(self, key: str) -> None:
        """Shows a page of the help, by its key."""
        above = QApplication.activeModalWidget() or self._window  # a dialog blocks the windows of others
        window = above.findChild(HelpWindow) or HelpWindow(self._bench, lambda: self._views.theme, above)
        window.show_page(key)
        window.show()
        window.raise_()
        window.activateWindow()

    def _show_shortcuts(self) -> None:
        ShortcutsDialog(self._window.menuBar(), self._window).show()

    def _about(self) -> None:
        QMessageBox.about(self._window, tr("About LR Studio"), about_text())


def _describe(actions: dict[QAction, Example]) -> None:
    """Sets the questions as tips: some need eigenvalues, which no start of the program should wait for."""
    while actions:
        entry, example = actions.popitem()
        entry.setStatusTip(example.question)
        keys = entry.shortcut().toString()
        entry.setToolTip(f"{example.question} ({keys})" if keys else example.question)
