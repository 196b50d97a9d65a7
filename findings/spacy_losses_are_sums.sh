#!/bin/sh
# The losses that `spacy train` prints are sums over the updates since the row above: the first row is not like the others.
#
# Guess: LOSS in a row is the mean loss of the updates since the row above, or that of the last one, so that the column tells
#   whether the loss falls, however often it is printed.
# Behaviour: it is their sum. The first row, at step 0, has one update and each further one eval_frequency, so that the loss
#   of a training that goes well seems to leap after the first row, and is twice as large with twice the eval_frequency. The
#   JSON lines of ConsoleLogger.v3 have the same sums.
# Seen with spacy 3.8.18, textcat on 60 short texts:
#   eval_frequency 5     steps 0 5 10 15 20     losses 0.25 1.16 1.03 0.904 0.79
#   eval_frequency 10    steps 0 10 20     losses 0.25 2.19 1.69
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
python3 -m venv venv
venv/bin/pip install -q --disable-pip-version-check spacy==3.8.18
venv/bin/python - >log 2>&1 <<'PY' || { cat log; exit 1; }
import random

import spacy
from spacy.tokens import DocBin

choose, words = random.Random(0), {1: ["good", "nice", "fine"], 0: ["bad", "sad", "poor"]}
for name, count in (("train", 60), ("dev", 20)):
    texts, nlp = DocBin(), spacy.blank("en")
    for _text in range(count):
        good = choose.randrange(2)
        text = nlp(" ".join(choose.choice(words[good]) for _word in range(6)))
        text.cats = {"POS": float(good), "NEG": float(not good)}
        texts.add(text)
    texts.to_disk(f"{name}.spacy")
PY
venv/bin/python -m spacy init config config.cfg --pipeline textcat >>log 2>&1 || { cat log; exit 1; }
for every in 5 10; do
    venv/bin/python -m spacy train config.cfg --paths.train train.spacy --paths.dev dev.spacy \
        --training.max_steps 20 --training.eval_frequency $every --training.logger.@loggers spacy.ConsoleLogger.v3 \
        --training.logger.progress_bar eval --training.logger.output_file $every.jsonl >>log 2>&1 || { cat log; exit 1; }
done
venv/bin/python - <<'PY'
import json

import spacy

print("spacy", spacy.__version__)
found = {}
for every in (5, 10):
    with open(f"{every}.jsonl", encoding="utf-8") as file:
        rows = list(map(json.loads, file))
    steps, losses = [row["step"] for row in rows], [row["losses"]["textcat"] for row in rows]
    found[every] = dict(zip(steps, losses, strict=True))
    print("eval_frequency", every, "   steps", *steps, "   losses", *(f"{loss:.3g}" for loss in losses))
few, many = found[5], found[10]
assert list(few) == [0, 5, 10, 15, 20] and list(many) == [0, 10, 20], "the behaviour has changed"
assert few[0] == many[0] and few[5] > 4 * few[0], "the behaviour has changed"
assert all(abs(many[step] - few[step - 5] - few[step]) < 0.01 * many[step] for step in (10, 20)), "the behaviour has changed"
PY
