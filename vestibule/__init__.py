"""Vestibule: what is true of recognising customers with no HTTP and no Celery in sight.

The path of one photo, in the order in which the files are met:

``workflows/submit_photo.py`` checks the upload's limits and header, stores the bytes, writes the
Photo and Job rows, commits, and only then puts the job's id on the queue. ``workflows/run_job.py``
claims the row, so a message delivered twice does its work once. ``workflows/identify_photo.py``
decodes the photo upright, detects faces, gates them by quality (``domain/quality``), embeds all
usable ones in one batch, searches all of them in one query, keeps candidates that have a lawful
basis (``records/gallery.py``) and that nobody said it is not (``domain/rejection.py``), decides at
the threshold for today's gallery (``domain/calibration.py``), assigns each customer at most once
(``domain/assignment.py``), blurs everybody who matched nobody, stores the rest and marks the photo
done.

``ports.py`` is the outside world on one page, ``adapters/`` its implementations, ``wiring.py`` the
one place that knows which of them run.
"""

__version__ = "0.1.0"
