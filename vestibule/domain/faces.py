"""What a detector says of one face."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

RgbImage = NDArray[np.uint8]
"""RGB, uint8, shape (H, W, 3), upright (EXIF orientation already applied)."""

Embeddings = NDArray[np.float32]
"""float32, shape (n, d); whether rows are unit length depends on the embedding space."""

Box = tuple[float, float, float, float]
"""x1, y1, x2, y2 in pixels of the upright source image, x2 > x1 and y2 > y1."""


@dataclass(frozen=True, slots=True)
class DetectedFace:
    """One face found in one image.

    ``landmarks_xy_px`` is float32 (5, 2): image-left eye, image-right eye, nose tip, image-left
    mouth corner, image-right mouth corner, in pixels of the upright source image. They may lie
    outside the image when the face is cut off. ``detection_score`` is the detector's own score
    in 0..1 and is comparable only within that detector.
    """

    box_xyxy_px: Box
    landmarks_xy_px: NDArray[np.float32]
    detection_score: float

    @property
    def width_px(self) -> float:
        return self.box_xyxy_px[2] - self.box_xyxy_px[0]

    @property
    def height_px(self) -> float:
        return self.box_xyxy_px[3] - self.box_xyxy_px[1]

    def shifted(self, dx_px: float, dy_px: float) -> "DetectedFace":
        """The same face in the frame of a crop or a canvas that is offset by (dx, dy)."""
        x1, y1, x2, y2 = self.box_xyxy_px
        return DetectedFace(
            box_xyxy_px=(x1 + dx_px, y1 + dy_px, x2 + dx_px, y2 + dy_px),
            landmarks_xy_px=self.landmarks_xy_px + np.array([dx_px, dy_px], np.float32),
            detection_score=self.detection_score,
        )


def crop_around(image: RgbImage, box_xyxy_px: Box, *, widen: float) -> RgbImage:
    """A square copy around a box, ``widen`` times its longer side, cut at the image's edge."""
    height, width = image.shape[:2]
    left, top, right, bottom = crop_window(
        box_xyxy_px, width_px=width, height_px=height, widen=widen
    )
    return image[top:bottom, left:right].copy()


def crop_window(
    box_xyxy_px: Box, *, width_px: int, height_px: int, widen: float
) -> tuple[int, int, int, int]:
    """Left, top, right and bottom of what ``crop_around`` cuts out of an image of that size."""
    x1, y1, x2, y2 = box_xyxy_px
    half = max(x2 - x1, y2 - y1) * widen / 2
    cx, cy = (x1 + x2) / 2, (y1 + y2) / 2
    left, right = max(0, int(cx - half)), min(width_px, int(cx + half) + 1)
    top, bottom = max(0, int(cy - half)), min(height_px, int(cy + half) + 1)
    return left, top, right, bottom


def overlap(one: Box, other: Box) -> float:
    """Shared area over the area of both together, 0..1."""
    width = min(one[2], other[2]) - max(one[0], other[0])
    height = min(one[3], other[3]) - max(one[1], other[1])
    if width <= 0 or height <= 0:
        return 0.0
    shared = width * height
    return shared / (_area(one) + _area(other) - shared)


def _area(box: Box) -> float:
    return (box[2] - box[0]) * (box[3] - box[1])
