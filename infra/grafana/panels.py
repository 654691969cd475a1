"""How a panel and a dashboard of Grafana are written down."""

from typing import Any

SOURCE = {"type": "prometheus", "uid": "prometheus"}
Panel = dict[str, Any]


def panel(
    title: str,
    why: str,
    *queries: tuple[str, str],
    unit: str = "short",
    kind: str = "timeseries",
    width: int = 8,
    red_from: float | None = None,
) -> Panel:
    """``queries`` are PromQL and what its lines are called."""
    steps = [{"color": "green", "value": None}]
    if red_from is not None:
        steps.append({"color": "red", "value": red_from})
    return {
        "type": kind,
        "title": title,
        "description": why,
        "datasource": SOURCE,
        "gridPos": {"w": width, "h": 8, "x": 0, "y": 0},
        "fieldConfig": {
            "defaults": {
                "unit": unit,
                "min": None if "margin" in title else 0,
                "thresholds": {"mode": "absolute", "steps": steps},
                "custom": {"thresholdsStyle": {"mode": "line" if red_from else "off"}}
                if kind == "timeseries"
                else {},
            },
            "overrides": [],
        },
        "targets": [
            {"refId": chr(65 + n), "expr": query, "legendFormat": legend, "datasource": SOURCE}
            for n, (query, legend) in enumerate(queries)
        ],
    }


def stat(title: str, why: str, query: str, *, unit: str = "short", red_from: float) -> Panel:
    return panel(title, why, (query, ""), unit=unit, kind="stat", width=4, red_from=red_from)


def quantiles(metric: str, by: str = "", where: str = "") -> list[tuple[str, str]]:
    labels, legend = (f"le, {by}", f"{{{{{by}}}}} ") if by else ("le", "")
    rate = f"sum by ({labels}) (rate({metric}_bucket{{{where}}}[5m]))"
    return [
        (f"histogram_quantile(0.5, {rate})", f"{legend}half"),
        (f"histogram_quantile(0.95, {rate})", f"{legend}95 %"),
    ]


def dashboard(uid: str, title: str, panels: list[Panel]) -> dict[str, Any]:
    x = y = 0
    for number, one in enumerate(panels, start=1):
        if x + one["gridPos"]["w"] > 24:
            x, y = 0, y + 8
        one["id"] = number
        one["gridPos"] |= {"x": x, "y": y}
        x += one["gridPos"]["w"]
    return {
        "uid": uid,
        "title": title,
        "tags": ["vestibule"],
        "timezone": "browser",
        "refresh": "15s",
        "time": {"from": "now-6h", "to": "now"},
        "schemaVersion": 39,
        "editable": False,
        "links": [
            {"type": "dashboards", "tags": ["vestibule"], "title": "Vestibule", "asDropdown": False}
        ],
        "panels": panels,
    }
