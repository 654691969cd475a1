"""What the engine is worth: error rates with intervals, and the thresholds that follow.

``datasets`` reads folders of labelled photos, ``degradations`` makes club photos of them,
``observation`` runs the engine over them once. ``calibrating`` turns the scores of different
people into a pack's calibration, ``calibration_files`` reads and writes it, ``shipped`` finds the
one of a space.
``detection``, ``verification``, ``identification`` and ``generalisation`` each measure one thing;
``evaluating`` puts them together into the report that ``publishing`` writes.
"""
