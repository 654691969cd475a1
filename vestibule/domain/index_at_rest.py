"""What a stolen disk gives of the index of faces."""

from enum import StrEnum


class IndexAtRest(StrEnum):
    """``SERVER``: whoever runs the index's server answers for its disks."""

    SEALED = "sealed"
    PLAIN = "plain"
    PLAIN_AS_SET = "plain_as_set"
    SERVER = "server"
