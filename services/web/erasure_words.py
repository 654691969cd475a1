"""Erasures in words: the stores, what was found in them, and what stops one for a while."""

from services.web.words import N_

STORES = {
    "memory": N_("Answers remembered for the night"),
    "index": N_("Index of faces, every generation"),
    "index_files": N_("Files of the index"),
    "pictures": N_("Photos of nights"),
    "objects": N_("Pictures of the guest"),
    "imports": N_("Lists and folders that wait"),
    "rows": N_("The file and all that hangs on it"),
    "key": N_("Key that opens copies in backups"),
}
"""As steps and as checks name them."""

TROUBLES = {
    "held_by_law": N_("A legal hold keeps what its claim needs. It completes by itself after it."),
    "keyring_away": N_(
        "A place of backups was not reached, and its copy of the key is there still."
        " It is done when the place is back, or was given up."
    ),
    "index_unavailable": N_("The index of faces did not answer."),
    "storage_unavailable": N_("The store of pictures did not answer."),
    "database_unavailable": N_("The database did not answer."),
    "volatile_memory_unavailable": N_("The memory of tonight’s answers did not answer."),
    "import_running": N_("A list that names them is being imported. It waits for its end."),
    "still_findable": N_("Something was still there. Every store is gone through again."),
}
OTHER_TROUBLE = N_("Something stopped it.")

PLACES = {
    "away": N_("not reached; it is waited for, and was not looked into"),
    "destroyed": N_("declared destroyed; not rewritten and not looked into"),
    "unreachable": N_("declared out of reach; not rewritten and not looked into"),
    "rewritten": N_("had been given up, came back, and holds the key no longer"),
}
"""How a place of backups stands to an erasure."""

FATES = {
    "destroyed": N_("Destroyed: nothing is there any more"),
    "unreachable": N_("Out of reach for good: what is there may be there still"),
}
