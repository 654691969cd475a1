"""``python -m tests.servers.qdrant_stand_in FOLDER PORT``; the key is in the environment."""

import os
import sys
from pathlib import Path

import uvicorn

from tests.servers.qdrant_stand_in.app import create_app

if __name__ == "__main__":
    app = create_app(Path(sys.argv[1]), api_key=os.environ["QDRANT__SERVICE__API_KEY"])
    uvicorn.run(
        app,
        host=os.environ.get("QDRANT__SERVICE__HOST", "127.0.0.1"),
        port=int(sys.argv[2]),
        log_level="warning",
        access_log=False,
        lifespan="off",
        timeout_keep_alive=75,
    )
