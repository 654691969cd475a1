"""``vestibule serve``: the embedded mode, all of it in one process."""

import sys
from typing import Annotated

import typer

from services.commands.words import tell_install, words
from services.logged_settings import logged_settings
from services.serve import Product
from services.serve import serve as run_product
from vestibule.domain.index_at_rest import IndexAtRest


def serve(
    demo: Annotated[bool, typer.Option("--demo", help="Load demo guests at start.")] = False,
) -> None:
    """Run the product; prints the address with a one-time sign-in link. Ctrl-C stops it."""

    def announce(product: Product) -> None:
        if demo:
            product.load_demo()
        elsewhere = product.customers_elsewhere()
        if elsewhere:
            words.print(
                f"[yellow]{elsewhere} guests were enrolled with another model pack or other "
                "settings: no photo finds them until they are enrolled anew, or the former pack "
                "is in use again.[/yellow]"
            )
        if product.installation.index_at_rest is IndexAtRest.PLAIN:
            words.print(
                "[yellow]The index of faces lies readable on the disk: memory has no room for it. "
                "Encrypt that disk: docs/operations/at-rest.md.[/yellow]"
            )
        typer.echo(f"Vestibule is ready: {product.sign_in_url()}")
        sys.stdout.flush()

    run_product(logged_settings(), announce=announce, report=tell_install)
