"""The worker: takes ids from the queue and runs their jobs."""
