"""What the engine is worth: error rates with intervals, and the thresholds that follow.

``datasets`` reads folders of labelled photos, ``degradations`` makes club photos of them,
``observation`` runs the engine over them once, ``locating`` says which boxes lie on known faces,
``scenes`` makes group photos whose faces are known. ``detection``, ``verification``,
``identification``, ``bands``, ``histograms`` and ``generalisation`` each measure one thing;
``evaluating`` puts them together into a ``report``, ``comparison`` sets two side by side,
``report_files`` and ``report_tables`` write them down.

``calibrating`` turns the scores of different people into a pack's calibration,
``calibration_files`` reads and writes it, ``shipped`` finds the one of a space.
"""
