"""Labels of axes do not overlap, and no point is lost beyond a frame."""

import numpy as np
import pytest

from emulant.plots.axes import beyond_marked, tidied
from emulant.plots.style import panels


@pytest.mark.parametrize("ends", [(15.0, 70.0), (1.1e-3, 1.9e-2), (1e-4, 3.0), (2.0, 2000.0)])
def test_logarithmic_labels_do_not_overlap(ends):
    figure, axes = panels(height=2.2)
    axes[0, 0].plot([1, 2], ends)
    axes[0, 0].set_yscale("log")
    tidied(axes[0, 0])
    figure.draw_without_rendering()
    labels = [label for label in axes[0, 0].get_yticklabels(which="both") if label.get_text()]
    boxes = sorted((label.get_window_extent() for label in labels), key=lambda box: box.y0)
    assert len(boxes) >= 2
    assert all(below.y1 < above.y0 for below, above in zip(boxes[:-1], boxes[1:], strict=True))


def test_labels_that_somebody_chose_stay():
    _, axes = panels()
    axes[0, 0].set_yscale("log")
    axes[0, 0].plot([1, 2], [1, 50])
    axes[0, 0].set_yticks([1, 7], ["one", "seven"])
    tidied(axes[0, 0])
    assert [label.get_text() for label in axes[0, 0].get_yticklabels()] == ["one", "seven"]


def test_points_beyond_the_frame_are_triangles_at_its_edge():
    _, axes = panels()
    axes[0, 0].errorbar([1, 2, 3], [0.5, 4.0, -9.0], 0.1, fmt="o")
    axes[0, 0].set_ylim(-1, 1)
    beyond_marked(axes[0, 0])
    marked = {line.get_marker(): line.get_xydata().tolist() for line in axes[0, 0].lines[1:]}
    assert marked == {"^": [[2.0, 1.0]], "v": [[3.0, -1.0]]}
    assert axes[0, 0].get_ylim() == (-1, 1) and np.isfinite(axes[0, 0].get_xlim()).all()
