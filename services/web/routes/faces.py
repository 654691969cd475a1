"""What a person says of one face."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from services.web.forms import read_form, uuid_field
from services.web.photo_view import photo_view
from services.web.problems import RefusedError
from services.web.rendering import api_of, go_to, is_fragment, render_fragment


async def answer(request: Request) -> Response:
    """Record the answer; show the card, the boxes and the tallies as they are now."""
    form = await read_form(request)
    api = api_of(request)
    face_id = request.path_params["face_id"]
    face = await api.post(f"/v1/faces/{face_id}/answer", json={"answer": form.get("answer", "")})
    photo_id = uuid_field(form, "photo_id")
    if not is_fragment(request):
        return go_to(request, f"/photos/{photo_id}#face-{face['number']}")
    photo = await api.get(f"/v1/photos/{photo_id}")
    view = photo_view(photo)
    card = next((card for card in view.cards if card.face["id"] == str(face_id)), None)
    if card is None:
        raise RefusedError(404, "not_found")
    values = {"card": card, "view": view, "photo": photo, "photo_id": photo_id}
    return render_fragment(request, "_face_answer.html", **values)


ROUTES = [Route("/faces/{face_id:uuid}/answer", answer, methods=["POST"])]
