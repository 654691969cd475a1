"""What a guest's own phone asks and answers. The link is the key: nobody is signed in."""

from fastapi import APIRouter

from services.api import consent_schemas as schemas
from services.api.dependencies import Product
from services.api.routes.notices import shown
from vestibule.workflows.ask_by_phone import answer_by_phone, look_at_link

router = APIRouter(prefix="/consent-links", tags=["consent"])


@router.post("/lookup")
def look_at_question(body: schemas.ConsentLinkToken, product: Product) -> schemas.ConsentQuestion:
    """What is asked; 410 once the link no longer works. Looking does not spend it."""
    asked = look_at_link(product, body.token)
    return schemas.ConsentQuestion.model_validate(
        {
            "asks": asked.asks,
            "name": asked.name,
            "notice": shown(asked.notice),
            "agreed": asked.agreed,
        }
    )


@router.post("/answer")
def answer_question(body: schemas.ConsentAnswer, product: Product) -> schemas.ConsentAnswered:
    """Agree to what is ticked, or withdraw from it. Works once."""
    asks = answer_by_phone(
        product,
        body.token,
        body.purposes,
        typed_name=body.typed_name,
        language=body.language,
    )
    return schemas.ConsentAnswered.model_validate({"asks": asks})
