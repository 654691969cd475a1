"""What is to be known of model packs, in words that are translated."""

from services.web.words import N_

# What is to be known of a pack before it is used; one that is not here shows the API's own note.
PACK_NOTES: dict[str, str] = {
    "open": N_(
        "The detector was trained on WIDER FACE. The embedder was trained on MS-Celeb-1M, photos "
        "of public figures gathered from the web without their consent; its publisher withdrew the "
        "set in 2019. Whether a model trained on it may be used where you are is for your counsel "
        "to decide."
    ),
    "dlib": N_(
        "The detector was trained on WIDER FACE. The embedder is dedicated to the public domain "
        "and was trained on about 3 million faces of 7,485 people from FaceScrub, VGG-Face and the "
        "web. It is much less exact with many guests."
    ),
    "opencv-zoo": N_(
        "The detector was trained on WIDER FACE. The zoo does not say which photos the embedder "
        "was trained on; its authors’ paper uses photos of public figures gathered from the web "
        "without their consent. Whether such a model may be used where you are is for your counsel "
        "to decide."
    ),
    "buffalo_l": N_(
        "By InsightFace. The detector was trained on WIDER FACE, the embedder on WebFace600K, "
        "photos of public figures gathered from the web without their consent."
    ),
    "buffalo_s": N_(
        "By InsightFace, small and fast. The detector was trained on WIDER FACE, the embedder on "
        "WebFace600K, photos of public figures gathered from the web without their consent."
    ),
    "antelopev2": N_(
        "By InsightFace. The detector was trained on WIDER FACE, the embedder on Glint360K, photos "
        "of public figures gathered from the web without their consent."
    ),
}

# Names of networks are the same in every language.
ARCHITECTURES: dict[str, str] = {
    "centerface": "CenterFace",
    "scrfd": "SCRFD",
    "yunet": "YuNet",
    "mobilefacenet": "MobileFaceNet",
    "dlib-resnet-v1": "dlib ResNet v1",
    "arcface": "ArcFace",
    "sface": "SFace",
}

COMMERCIAL_USE: dict[str, str] = {
    "allowed": N_("Commercial use: allowed"),
    "ask_counsel": N_("Commercial use: ask your counsel"),
    "forbidden": N_("Commercial use: only with a licence from the maker"),
}

# The terms of the catalogue, paragraph by paragraph, word for word as the API has them.
TERMS: frozenset[str] = frozenset(
    {
        N_(
            "InsightFace publishes the code under the MIT licence, and the trained models for "
            "non-commercial research purposes only. That covers models downloaded by its package "
            "as well as by hand."
        ),
        N_(
            "Recognising guests of a club, or people who work there, is not research: it needs a "
            "commercial licence from InsightFace (https://www.insightface.ai), on paper, before "
            "this pack is used for it."
        ),
        N_(
            "The recognition models were trained on photos gathered from the web without the "
            "consent of the people in them."
        ),
        N_(
            "Who accepts this states that one of the two holds: the use here is non-commercial "
            "research, or a commercial licence for these models has been obtained."
        ),
    }
)
