"""Assets under an address that changes with their content, so that browsers may keep them."""

import hashlib
from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

STATIC_FOLDER = Path(__file__).parent / "static"


def folder_hash(folder: Path) -> str:
    """One hash for all assets: style sheets and scripts refer to others by relative address."""
    digest = hashlib.sha256()
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        digest.update(path.relative_to(folder).as_posix().encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


class HashedStatic(StaticFiles):
    """Serves ``/static/{hash}/path``; another release's hash is not found rather than mixed up."""

    def __init__(self, folder: Path) -> None:
        super().__init__(directory=folder)
        self.version = folder_hash(folder)

    def url(self, path: str) -> str:
        return f"/static/{self.version}/{path}"

    async def get_response(self, path: str, scope: Scope) -> Response:
        version, _, rest = path.partition("/")
        if version != self.version:
            raise HTTPException(status_code=404)
        response = await super().get_response(rest, scope)
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
        return response
