"""The OpenAPI document as a page to read: no scripts, nothing fetched from elsewhere."""

from html import escape
from typing import Any

from fastapi.responses import HTMLResponse

_STYLE = """
body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;
background:#0b0d10;color:#e8ecf1}
a{color:#7ce7c4}h2{margin-top:2.5rem;border-bottom:1px solid #2a323b}
code,pre{background:#14181d;padding:.15em .4em;border-radius:6px}pre{padding:1rem;overflow:auto}
article{margin:1.5rem 0}summary{cursor:pointer}.method{font-weight:700;color:#7ce7c4}
"""
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'"


def reference_page(document: dict[str, Any]) -> HTMLResponse:
    """Operations by tag, then the schemas, with links between them."""
    operations = [
        (method, path, operation)
        for path, item in document["paths"].items()
        for method, operation in item.items()
    ]
    tags = dict.fromkeys(tag for _, _, op in operations for tag in op.get("tags", ["other"]))
    parts = [f"<h1>{escape(document['info']['title'])} API</h1>"]
    parts.append(f"<p>{escape(document['info']['description'].strip())}</p>")
    parts.append('<p><a href="/v1/openapi.json">OpenAPI document</a></p>')
    for tag in tags:
        parts.append(f"<h2>{escape(tag)}</h2>")
        parts += [_operation(*op) for op in operations if tag in op[2].get("tags", ["other"])]
    parts.append("<h2>Schemas</h2>")
    schemas = document.get("components", {}).get("schemas", {})
    parts += [_schema(name, schema) for name, schema in schemas.items()]
    page = (
        '<!doctype html><html lang="en"><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>Vestibule API</title><style>{_STYLE}</style><main>{''.join(parts)}</main></html>"
    )
    return HTMLResponse(page, headers={"Content-Security-Policy": _POLICY})


def _operation(method: str, path: str, operation: dict[str, Any]) -> str:
    words = operation.get("description") or operation.get("summary", "")
    answers = ", ".join(
        f"<code>{escape(status)}</code> {_links(answer)}"
        for status, answer in operation.get("responses", {}).items()
    )
    parameters = "".join(
        f"<li><code>{escape(p['name'])}</code> in {escape(p['in'])}</li>"
        for p in operation.get("parameters", [])
    )
    body = _links(operation["requestBody"]) if "requestBody" in operation else ""
    return (
        f'<article><h3><span class="method">{escape(method.upper())}</span> '
        f"<code>{escape(path)}</code></h3><p>{escape(words)}</p>"
        + (f"<ul>{parameters}</ul>" if parameters else "")
        + (f"<p>Body: {body}</p>" if body else "")
        + f"<p>Answers: {answers}</p></article>"
    )


def _links(part: dict[str, Any]) -> str:
    """The media types of a body or an answer, each with its schema."""
    shown = []
    for media_type, content in part.get("content", {}).items():
        reference = content.get("schema", {}).get("$ref", "")
        name = reference.rsplit("/", 1)[-1]
        link = f' <a href="#{escape(name)}">{escape(name)}</a>' if name else ""
        shown.append(f"<code>{escape(media_type)}</code>{link}")
    return " ".join(shown)


def _schema(name: str, schema: dict[str, Any]) -> str:
    required = set(schema.get("required", []))
    rows = "".join(
        f"<li><code>{escape(field)}</code>{' (required)' if field in required else ''} "
        f"{escape(facts.get('description', ''))}</li>"
        for field, facts in schema.get("properties", {}).items()
    )
    words = escape(schema.get("description", ""))
    head = f'<article id="{escape(name)}"><h3>{escape(name)}</h3><p>{words}</p>'
    return f"{head}<ul>{rows}</ul></article>"
