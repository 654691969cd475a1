"""A filling of the vector index: templates of one space, from its beginning until it is dropped."""

from dataclasses import dataclass

from vestibule.domain.embedding_space import EmbeddingSpace


@dataclass(frozen=True, slots=True)
class IndexGeneration:
    """What searches and writes name. Two generations of one space are two separate fillings.

    ``number`` counts the generations of an installation, whatever their space.
    """

    number: int
    space: EmbeddingSpace

    @property
    def name(self) -> str:
        """Of its folder, or of its collection in Qdrant."""
        return f"{self.space.id}-{self.number}"


@dataclass(frozen=True, slots=True)
class IndexFiles:
    """What a look through the files of an index found: how often one of the things asked for."""

    files: int
    size_bytes: int
    traces: int
