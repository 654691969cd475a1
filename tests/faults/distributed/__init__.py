"""A package, so that what its tests share ends with it and not with the whole run."""
