"""The routes: Qdrant's paths, its envelope around answers, and its refusals."""

import json
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from qdrant_client import models
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from tests.servers.qdrant_stand_in import shapes
from tests.servers.qdrant_stand_in.collections import Collections, ExistsError, MissingError
from tests.servers.qdrant_stand_in.published import operation_at
from tests.servers.qdrant_stand_in.shapes import ShapeError

_DONE = {"operation_id": 0, "status": "completed"}
Answer = Callable[[Request, bytes], Any]


class StandIn:
    """State and answers; every method gets the request and its body, and runs in a thread."""

    def __init__(self, folder: Path, api_key: str) -> None:
        self.api_key = api_key
        self._collections = Collections(folder / "collections")
        self._aliases_file = folder / "aliases.json"
        self._aliases: dict[str, str] = (
            json.loads(self._aliases_file.read_text()) if self._aliases_file.exists() else {}
        )

    # ── collections ─────────────────────────────────────────────────────────────────────────
    def listed(self, _request: Request, _body: bytes) -> Any:
        return {"collections": [{"name": name} for name in self._collections.names()]}

    def exists(self, request: Request, _body: bytes) -> Any:
        return {"exists": request.path_params["name"] in self._collections.names()}

    def described(self, request: Request, _body: bytes) -> Any:
        name = request.path_params["name"]
        made = self._collections.made_as(name)
        params = {
            "vectors": made.vectors.model_dump(mode="json", exclude_none=True),
            "shard_number": made.shard_number or 1,
            "replication_factor": made.replication_factor or 1,
            "write_consistency_factor": made.write_consistency_factor or 1,
            "on_disk_payload": True,
        }
        config = {
            "params": params,
            "hnsw_config": {"m": 16, "ef_construct": 100, "full_scan_threshold": 10_000},
            "optimizer_config": {
                "deleted_threshold": 0.2,
                "vacuum_min_vector_number": 1000,
                "default_segment_number": 0,
                "flush_interval_sec": 5,
            },
        }
        return {
            "status": "green",
            "optimizer_status": "ok",
            "segments_count": 1,
            "points_count": self._collections.count(name),
            "config": config,
            "payload_schema": {},
        }

    def created(self, request: Request, body: bytes) -> Any:
        name = request.path_params["name"]
        self._collections.create(name, shapes.read(models.CreateCollection, body))
        return True

    def dropped(self, request: Request, _body: bytes) -> Any:
        return self._collections.drop(request.path_params["name"])

    def indexed(self, request: Request, body: bytes) -> Any:
        wanted = shapes.read(models.CreateFieldIndex, body)
        self._collections.index(request.path_params["name"], wanted.field_name)
        return _DONE

    # ── points ──────────────────────────────────────────────────────────────────────────────
    def upserted(self, request: Request, body: bytes) -> Any:
        points = shapes.read(models.PointsList, body).points
        self._collections.upsert(request.path_params["name"], points)
        return _DONE

    def deleted(self, request: Request, body: bytes) -> Any:
        wanted = shapes.read(models.PointIdsList, body)
        self._collections.delete(request.path_params["name"], list(wanted.points))
        return _DONE

    def retrieved(self, request: Request, body: bytes) -> Any:
        wanted = shapes.read(models.PointRequest, body)
        return self._collections.retrieve(request.path_params["name"], list(wanted.ids))

    def scrolled(self, request: Request, body: bytes) -> Any:
        wanted = shapes.read(models.ScrollRequest, body)
        return self._collections.scroll(request.path_params["name"], wanted)

    def queried(self, request: Request, body: bytes) -> Any:
        wanted = shapes.read(models.QueryRequestBatch, body).searches
        return self._collections.query(request.path_params["name"], wanted)

    # ── aliases ─────────────────────────────────────────────────────────────────────────────
    def aliases(self, _request: Request, _body: bytes) -> Any:
        named = [
            {"alias_name": alias, "collection_name": name} for alias, name in self._aliases.items()
        ]
        return {"aliases": named}

    def realiased(self, request: Request, body: bytes) -> Any:
        after = dict(self._aliases)
        for action in shapes.read(models.ChangeAliasesOperation, body).actions:
            if isinstance(action, models.CreateAliasOperation):
                self._collections.made_as(action.create_alias.collection_name)
                after[action.create_alias.alias_name] = action.create_alias.collection_name
            elif isinstance(action, models.DeleteAliasOperation):
                after.pop(action.delete_alias.alias_name, None)
            else:
                raise ShapeError("renaming is not used here")
        self._aliases_file.write_text(json.dumps(after))
        self._aliases = after
        return True


def create_app(folder: Path, *, api_key: str) -> Starlette:
    here = StandIn(folder, api_key)
    table: list[tuple[str, str, Answer]] = [
        ("GET", "/collections", here.listed),
        ("POST", "/collections/aliases", here.realiased),
        ("GET", "/collections/{name}", here.described),
        ("PUT", "/collections/{name}", here.created),
        ("DELETE", "/collections/{name}", here.dropped),
        ("GET", "/collections/{name}/exists", here.exists),
        ("PUT", "/collections/{name}/index", here.indexed),
        ("PUT", "/collections/{name}/points", here.upserted),
        ("POST", "/collections/{name}/points", here.retrieved),
        ("POST", "/collections/{name}/points/delete", here.deleted),
        ("POST", "/collections/{name}/points/scroll", here.scrolled),
        ("POST", "/collections/{name}/points/query/batch", here.queried),
        ("GET", "/aliases", here.aliases),
    ]
    routes = [
        Route(path, _guarded(here, answer), methods=[method]) for method, path, answer in table
    ]
    return Starlette(routes=[Route("/readyz", _ready), *routes])


async def _ready(_request: Request) -> Response:
    return PlainTextResponse("all shards are ready")


def _guarded(here: StandIn, answer: Answer) -> Callable[[Request], Awaitable[Response]]:
    async def answered(request: Request) -> Response:
        if request.headers.get("api-key") != here.api_key:
            return PlainTextResponse("Must provide an API key", status_code=401)
        body = await request.body()
        began = time.perf_counter()
        try:
            asked = operation_at(request.method, request.url.path)
            asked.check_parameters(request.query_params.multi_items())
            result = await run_in_threadpool(answer, request, body)
        except MissingError as error:
            return _refused(404, f"Not found: Collection `{error}` doesn't exist!")
        except ExistsError as error:
            return _refused(409, f"Wrong input: Collection `{error}` already exists!")
        except ShapeError as error:
            return _refused(422, f"Format error: {error}")
        except ValueError as error:
            return _refused(400, f"Wrong input: {error}")
        return JSONResponse({"result": result, "status": "ok", "time": time.perf_counter() - began})

    return answered


def _refused(status: int, words: str) -> Response:
    return JSONResponse(
        {"status": {"error": words}, "result": None, "time": 0.0}, status_code=status
    )
