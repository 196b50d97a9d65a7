"""`lrstudio run … --code LIBRARY`: a script that repeats the runs."""

from __future__ import annotations

import argparse
from pathlib import Path

from lrstudio.core.language import tr
from lrstudio.engine.code import SCRIPTS
from lrstudio.engine.experiment.command import command
from lrstudio.engine.options import NEW_ONLY, WITH_SESSION
from lrstudio.store.session import load
from lrstudio.terminal.options import experiment_from


def print_script(args: argparse.Namespace) -> int:
    """Prints the script of the experiment in the arguments or of a saved session; trains nothing."""
    others = [f"--{name}" for name in ("csv", "save", "compare") if getattr(args, name)]
    if others:
        raise ValueError(tr("--code: prints a script and trains nothing; leave out {names}", names=", ".join(others)))
    if args.session is None:
        experiment = experiment_from(args)
    else:
        options = (*NEW_ONLY, *(parameter.name for parameter in WITH_SESSION))
        names = [f"--{name.replace('_', '-')}" for name in options if getattr(args, name) is not None]
        if names:
            text = tr("--code: a saved session brings its own experiment; leave out {names}", names=", ".join(names))
            raise ValueError(text)
        session = load(Path(args.session))
        if session.rate_changes:
            raise ValueError(tr("--code: a rate was changed during the run; a script has one rate for each run"))
        experiment = session.experiment
    print(SCRIPTS[args.code](experiment, command(experiment)).text(), end="")
    return 0
