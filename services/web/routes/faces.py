"""What a person says of one face."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from services.web.forms import read_form, uuid_field
from services.web.photo_view import face_card
from services.web.rendering import api_of, go_to, is_fragment, render_fragment


async def answer(request: Request) -> Response:
    """Record the answer and show the card as it is now."""
    form = await read_form(request)
    api = api_of(request)
    face_id = request.path_params["face_id"]
    face = await api.post(f"/v1/faces/{face_id}/answer", json={"answer": form.get("answer", "")})
    photo_id = uuid_field(form, "photo_id")
    if not is_fragment(request):
        return go_to(request, f"/photos/{photo_id}#face-{face['number']}")
    card = face_card(face, 1, 1)  # a card alone draws no box
    return render_fragment(request, "_face_card.html", card=card, photo_id=photo_id)


ROUTES = [Route("/faces/{face_id:uuid}/answer", answer, methods=["POST"])]
