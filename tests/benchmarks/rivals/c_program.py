"""One run of a line through points in C, compiled with gcc -O2, with the same columns kept as in a trace."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from functools import cache
from pathlib import Path

SOURCE = """
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

int n;
double *x, *y;

static double loss_and_gradient(double w, double b, double *dw, double *db) {
    double sum = 0, sum_w = 0, sum_b = 0;
    for (int i = 0; i < n; i++) {
        double miss = w * x[i] + b - y[i];
        sum += miss * miss;
        sum_w += miss * x[i];
        sum_b += miss;
    }
    *dw = 2 * sum_w / n;
    *db = 2 * sum_b / n;
    return sum / n;
}

static double sgd(long steps, double lr, double *loss, double *rate, double *params, double *grads) {
    double w = 0, b = 0, dw, db;
    for (long t = 0; t < steps; t++) {
        loss[t] = loss_and_gradient(w, b, &dw, &db);
        rate[t] = lr;
        params[2 * t] = w; params[2 * t + 1] = b;
        grads[2 * t] = dw; grads[2 * t + 1] = db;
        w -= lr * dw;
        b -= lr * db;
    }
    return w + b;
}

static double adam(long steps, double lr, double *loss, double *rate, double *params, double *grads) {
    double w = 0, b = 0, dw, db, mw = 0, mb = 0, vw = 0, vb = 0, first = 1, second = 1;
    for (long t = 0; t < steps; t++) {
        loss[t] = loss_and_gradient(w, b, &dw, &db);
        rate[t] = lr;
        params[2 * t] = w; params[2 * t + 1] = b;
        grads[2 * t] = dw; grads[2 * t + 1] = db;
        first = first < 1e-300 ? 0 : first * 0.9; /* subnormal numbers are slow */
        second *= 0.999;
        mw = 0.9 * mw + 0.1 * dw; vw = 0.999 * vw + 0.001 * dw * dw;
        mb = 0.9 * mb + 0.1 * db; vb = 0.999 * vb + 0.001 * db * db;
        double root = sqrt(1 - second), size = lr / (1 - first);
        w -= size * mw / (sqrt(vw) / root + 1e-8);
        b -= size * mb / (sqrt(vb) / root + 1e-8);
    }
    return w + b;
}

int main(int count, char **words) {
    long steps = atol(words[2]);
    double lr = atof(words[3]);
    n = (count - 4) / 2;
    x = malloc(n * sizeof *x); y = malloc(n * sizeof *y);
    for (int i = 0; i < n; i++) { x[i] = atof(words[4 + i]); y[i] = atof(words[4 + n + i]); }
    clock_t begin = clock();
    double *columns[] = {malloc(steps * 8), malloc(steps * 8), malloc(steps * 16), malloc(steps * 16)};
    double end = (strcmp(words[1], "adam") ? sgd : adam)(steps, lr, columns[0], columns[1], columns[2], columns[3]);
    printf("%.9f %g\\n", (double)(clock() - begin) / CLOCKS_PER_SEC, end);
    return 0;
}
"""


@cache
def _compiled() -> tempfile.TemporaryDirectory[str]:
    folder = tempfile.TemporaryDirectory()
    source = Path(folder.name) / "run.c"
    source.write_text(SOURCE, "utf-8")
    subprocess.run(["gcc", "-O2", "-o", source.with_suffix(""), source, "-lm"], check=True)
    return folder


def missing() -> str:
    """Returns why there is no C here; "" where there is."""
    return "" if shutil.which("gcc") else "gcc is not installed"


def train(optimizer: str, lr: float, x: Sequence[float], y: Sequence[float], steps: int) -> float:
    """CPU seconds of so many steps."""
    words = [optimizer, str(steps), *map(repr, (lr, *x, *y))]
    done = subprocess.run([f"{_compiled().name}/run", *words], capture_output=True, text=True, check=True)
    return float(done.stdout.split()[0])
