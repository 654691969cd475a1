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
    x1, y1, x2, y2 = box_xyxy_px
    half = max(x2 - x1, y2 - y1) * widen / 2
    cx, cy = (x1 + x2) / 2, (y1 + y2) / 2
    height, width = image.shape[:2]
    left, right = max(0, int(cx - half)), min(width, int(cx + half) + 1)
    top, bottom = max(0, int(cy - half)), min(height, int(cy + half) + 1)
    return image[top:bottom, left:right].copy()
