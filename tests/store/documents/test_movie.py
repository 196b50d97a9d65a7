"""Moving pictures: what other programs find in them."""

from __future__ import annotations

import gc
import io
import struct
import weakref

import numpy as np
import pytest
from PIL import Image

from lrstudio.store.documents.movie import FRAME_MS, HOLD_MS, frame_steps, movie


def frames(count: int = 6) -> list[np.ndarray]:
    """Returns pictures of a red square that goes over a coloured ground."""
    across, down = np.meshgrid(np.arange(64), np.arange(48))
    ground = np.stack([across * 2, down * 3, across * 0 + 90], axis=2).astype(np.uint8)
    pictures = []
    for index in range(count):
        picture = ground.copy()
        picture[10:20, 5 + 6 * index : 15 + 6 * index] = (200, 30, 30)
        pictures.append(picture)
    return pictures


def made(pictures: list[np.ndarray], suffix: str) -> bytes:
    shares: list[float] = []
    data = movie(pictures, suffix, shares.append)
    assert shares == sorted(shares) and shares[-1] == 1
    return data


@pytest.mark.parametrize("suffix", [".gif", ".png", ".webp"])
def test_another_program_finds_every_frame_as_it_was_drawn(suffix: str) -> None:
    pictures = frames()
    image = Image.open(io.BytesIO(made(pictures, suffix)))
    assert (getattr(image, "n_frames", 1), image.info["loop"]) == (len(pictures), 0)
    durations = []
    for index, picture in enumerate(pictures):
        image.seek(index)
        image.load()
        durations.append(image.info["duration"])
        assert np.abs(np.asarray(image.convert("RGB")).astype(int) - picture).mean() < 4
    assert durations == [FRAME_MS] * (len(pictures) - 1) + [HOLD_MS]


@pytest.mark.parametrize("suffix", [".gif", ".png", ".webp"])
def test_a_picture_that_is_being_encoded_is_cancelled_at_any_frame(suffix: str) -> None:
    told: list[float] = []
    movie(frames(12), suffix, told.append)
    encoding = told.count(told[11])  # after the frames were prepared
    assert encoding > 12
    for limit in (1, encoding // 2, encoding - 1):
        times = 0

        def cancel(fraction: float, limit: int = limit) -> None:
            nonlocal times
            times += fraction == told[11]
            if times == limit:
                raise InterruptedError

        with pytest.raises(InterruptedError):
            movie(frames(12), suffix, cancel)


def test_the_pictures_of_an_encoded_file_are_freed_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    made_of, fromarray = [], Image.fromarray

    def picture(frame: np.ndarray) -> Image.Image:
        made_of.append(weakref.ref(image := fromarray(frame)))
        return image

    gc.disable()
    try:
        with monkeypatch.context() as patch:
            patch.setattr("PIL.Image.fromarray", picture)
            movie(frames(4), ".webp", lambda _fraction: None)
        assert len(made_of) == 4 and not any(reference() for reference in made_of)
    finally:
        gc.enable()


def test_an_apng_is_a_png_whose_chunks_are_in_order() -> None:
    data = made(frames(3), ".png")
    assert data.startswith(b"\x89PNG\r\n\x1a\n")
    kinds, at = [], 8
    while at < len(data):
        (length,) = struct.unpack(">I", data[at : at + 4])
        kinds.append(data[at + 4 : at + 8].decode())
        at += 12 + length
    assert kinds[0] == "IHDR" and kinds[-1] == "IEND"
    assert kinds.count("acTL") == 1 and kinds.count("fcTL") == 3 and kinds.index("acTL") < kinds.index("IDAT")


def test_what_does_not_change_is_stored_once() -> None:
    still = np.random.Generator(np.random.PCG64(1)).integers(0, 255, (60, 80, 3)).astype(np.uint8)
    for suffix in (".gif", ".png"):
        assert len(made([still] * 40, suffix)) < 1.6 * len(made([still] * 2, suffix))


def test_the_frames_go_evenly_from_the_first_step_to_the_last() -> None:
    steps = frame_steps(10, 1000)
    assert (steps[0], steps[-1], len(steps)) == (0, 1000, 111)
    assert max(np.diff(steps)) - min(np.diff(steps)) <= 1
    assert frame_steps(2, 3)[-1] == 3


def test_another_format_is_refused() -> None:
    with pytest.raises(ValueError, match=r"\.gif, \.png, \.webp"):
        movie(frames(2), ".mp4", lambda _fraction: None)
