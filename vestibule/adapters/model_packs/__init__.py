"""Model packs: which there are, where their weights come from, and how they get on this machine.

``packs`` says what a pack is, ``catalogue`` names those of the product, ``own_packs`` reads those
that an operator brings. ``archives`` fetches published packages with the package clients,
``brought`` reads an operator's folder or ZIP, ``conversion`` turns weights into ONNX,
``installation`` does it once, ``verification`` checks it ever after. ``acceptance`` keeps who
accepted which terms.
"""

from vestibule.adapters.model_packs.acceptance import (
    Acceptance,
    acceptance_of,
    record_acceptance,
    require_acceptance,
)
from vestibule.adapters.model_packs.catalogue import PACKS
from vestibule.adapters.model_packs.installation import (
    InstallProgress,
    InstallStep,
    install_own_pack,
    install_pack,
    known_pack,
    read_own_pack,
)
from vestibule.adapters.model_packs.own_packs import all_packs
from vestibule.adapters.model_packs.packs import (
    Architecture,
    CommercialUse,
    EmbedderOptions,
    Mirroring,
    ModelFile,
    ModelPack,
    OperatorFile,
)
from vestibule.adapters.model_packs.verification import (
    InstalledPack,
    faults,
    is_present,
    size_bytes,
    sound_pack,
    verify_pack,
)

__all__ = [
    "PACKS",
    "Acceptance",
    "Architecture",
    "CommercialUse",
    "EmbedderOptions",
    "InstallProgress",
    "InstallStep",
    "InstalledPack",
    "Mirroring",
    "ModelFile",
    "ModelPack",
    "OperatorFile",
    "acceptance_of",
    "all_packs",
    "faults",
    "install_own_pack",
    "install_pack",
    "is_present",
    "known_pack",
    "read_own_pack",
    "record_acceptance",
    "require_acceptance",
    "size_bytes",
    "sound_pack",
    "verify_pack",
]
