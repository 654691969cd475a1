"""A stand-in for a Qdrant server, where none can be had. It is not one, and no test of one.

It speaks the part of Qdrant's REST interface that Vestibule uses, takes each request by the models
that Qdrant publishes for it (nothing unknown, nothing of another type), and answers with Qdrant's
own engine, ``qdrant_edge``: ``published`` knows the interface, ``shapes`` reads requests by it,
``collections`` keeps points, ``app`` has the routes, and ``process`` starts and kills it.
"""

from tests.servers.qdrant_stand_in.process import QdrantStandIn

__all__ = ["QdrantStandIn"]
