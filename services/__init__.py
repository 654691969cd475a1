"""The programs: the API, the worker, the web pages and the command line."""
