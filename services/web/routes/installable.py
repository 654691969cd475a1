"""What a phone asks for to put Vestibule on its home screen."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from services.web.rendering import web


async def manifest(request: Request) -> Response:
    def icon(file: str, sizes: str, purpose: str, kind: str = "image/png") -> dict[str, str]:
        src = web(request).asset_url(f"icons/{file}")
        return {"src": src, "sizes": sizes, "type": kind, "purpose": purpose}

    return JSONResponse(
        {
            "id": "/",
            "name": "Vestibule",
            "short_name": "Vestibule",
            "start_url": "/",
            "display": "standalone",
            "background_color": "#0B0D10",
            "theme_color": "#0B0D10",
            "icons": [
                icon("app.svg", "any", "any", "image/svg+xml"),
                icon("app-192.png", "192x192", "any"),
                icon("app-512.png", "512x512", "any"),
                icon("app-maskable-512.png", "512x512", "maskable"),
            ],
        },
        media_type="application/manifest+json",
    )


ROUTES = [Route("/manifest.webmanifest", manifest)]
