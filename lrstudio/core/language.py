"""The language of every text that a user reads: gettext catalogues, one mechanism for all floors.

A text is English in the source and is looked up when it is needed, so that a language can be changed at any time.
`python packaging/catalogue.py` collects the texts; CONTRIBUTING.md tells how one is added.
"""

from __future__ import annotations

import gettext
import locale
import os
import sys
from collections.abc import Mapping
from importlib.resources import files

LANGUAGES = {"en": "English", "zh_CN": "简体中文"}
"""The languages by their keys, each under its own name."""
_ENVIRONMENT = ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG")


class _InUse:
    language = "en"
    texts: gettext.NullTranslations = gettext.NullTranslations()


def use(language: str) -> None:
    """Makes a language that of all texts from now on; raises ValueError for one that does not exist."""
    if language not in LANGUAGES:
        raise ValueError(tr("no language {name!r}; there are {names}", name=language, names=", ".join(LANGUAGES)))
    if language != _InUse.language:
        _InUse.texts = gettext.NullTranslations() if language == "en" else _catalogue(language)
        _InUse.language = language


def look_up_in(texts: gettext.NullTranslations) -> None:
    """Takes all texts from these translations until another language is used; a test has its own."""
    _InUse.texts, _InUse.language = texts, ""


def language() -> str:
    """Returns the key of the language in use."""
    return _InUse.language


def system_language(environment: Mapping[str, str] = os.environ) -> str:
    """Returns the first of the user's languages that exists here, else English.

    It is that of LANGUAGE, LC_ALL, LC_MESSAGES or LANG, as gettext has it; Windows and macOS tell theirs otherwise.
    """
    named = next((value for name in _ENVIRONMENT if (value := environment.get(name))), "")
    if not named and sys.platform in ("win32", "darwin"):
        named = locale.getlocale()[0] or ""
    return next(filter(None, map(_nearest, named.split(":"))), "en")


def tr(text: str, /, **slots: object) -> str:
    """Returns a text in the language in use, with its {named} slots filled."""
    translated = _InUse.texts.gettext(text) if text else ""
    return translated.format(**slots) if slots else translated


def trn(one: str, many: str, n: int, /, **slots: object) -> str:
    """Returns the form of a text that suits a number, which fills the slot {n}."""
    return _InUse.texts.ngettext(one, many, n).format(n=n, **slots)


def sentences(*texts: str) -> str:
    """Returns whole sentences one after the other, without the empty ones; Chinese has no space between them."""
    return ("" if _InUse.language.startswith("zh") else " ").join(filter(None, texts))


def mark(text: str) -> str:
    """Returns a text as it is; it joins the catalogue, and `tr` translates it where it is shown."""
    return text


def _nearest(name: str) -> str:
    """Returns the language for a name as zh_CN.UTF-8, zh-Hans or Chinese (Simplified)_China; "" if there is none."""
    plain = name.partition(".")[0].replace("-", "_").lower()
    if plain in ("c", "posix"):
        return "en"
    short = {"zh": "zh_CN", "chinese": "zh_CN", "en": "en", "english": "en"}
    return short.get(plain.partition("_")[0].partition(" ")[0], "")


def _catalogue(language: str) -> gettext.GNUTranslations:
    file = files("lrstudio.resources") / "i18n" / language / "LC_MESSAGES" / "lrstudio.mo"
    with file.open("rb") as stream:
        return gettext.GNUTranslations(stream)
