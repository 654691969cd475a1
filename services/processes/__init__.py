"""The distributed mode's processes, one a module; ``services/serve.py`` is all of them in one."""
