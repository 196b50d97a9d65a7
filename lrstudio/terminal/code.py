"""`lrstudio run … --code LIBRARY`: a script that repeats the runs."""

from __future__ import annotations

import argparse
from pathlib import Path

from lrstudio.core.language import tr
from lrstudio.engine.code import script
from lrstudio.engine.options import NEW_ONLY, WITH_SESSION
from lrstudio.store.session import load
from lrstudio.terminal.options import experiment_from


def print_script(args: argparse.Namespace) -> int:
    """Prints the script of the experiment in the arguments or of a saved session; trains nothing."""
    others = [f"--{name}" for name in ("csv", "save", "report", "compare", "seeds") if getattr(args, name)]
    if others:
        raise ValueError(tr("--code: prints a script and trains nothing; leave out {names}", names=", ".join(others)))
    if args.session is None:
        text = script(experiment_from(args), args.code)
    else:
        options = (*NEW_ONLY, *(parameter.name for parameter in WITH_SESSION))
        names = [f"--{name.replace('_', '-')}" for name in options if getattr(args, name) is not None]
        if names:
            message = tr("--code: a saved session brings its own experiment; leave out {names}", names=", ".join(names))
            raise ValueError(message)
        session = load(Path(args.session))
        text = script(session.experiment, args.code, session.rate_changes)
    print(text, end="")
    return 0
