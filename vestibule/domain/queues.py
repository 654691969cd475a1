"""The queues that jobs wait in."""

QUEUES = ("identify", "enrol", "bulk", "schedule")
"""Most urgent first: somebody stands and waits for the first two."""

BACKGROUND = ("bulk", "schedule")
"""They leave one thread of a worker to the others."""
