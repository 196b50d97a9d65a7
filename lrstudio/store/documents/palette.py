"""The colours and dashes of runs on white, in the window and in documents."""

RUN_COLORS = ("#0055A6", "#B84A00", "#1E8F75", "#EB5ABB", "#B98300", "#3E95ED", "#594200", "#262626")
"""The Okabe-Ito palette, adapted: a contrast of 3:1 on white, pairwise different under colour blindness."""
DASHES: tuple[tuple[float, ...], ...] = (
    (),
    (11, 5),
    (3, 4),
    (14, 4, 3, 4),
    (7, 4),
    (20, 6),
    (10, 4, 3, 4, 3, 4),
    (6, 3, 6, 9),
)
"""Lengths on, off, … in pixels; runs differ without colours, too."""
