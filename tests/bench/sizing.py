"""`make sizing`: how many machines of which kind a chain needs, calculated from measured figures.

Reads docs/benchmarks.md and writes docs/operations/scale.md. With ``--venues`` or ``--templates``
it prints the steps for that chain instead and writes nothing.
"""

import argparse
import sys
from dataclasses import fields, replace
from pathlib import Path

from tests.bench import report, sizing_words
from tests.bench.machine import ROOT
from tests.bench.measured import read_measured
from tests.bench.sizing_model import CHAINS, Assumptions, Basis, Chain, plan

DOCUMENT = ROOT / "docs" / "operations" / "scale.md"
FIGURES = ROOT / "docs" / "benchmarks.md"


def main() -> None:
    arguments = _arguments()
    named = {each.name: getattr(arguments, each.name) for each in fields(Assumptions)}
    given = {name: value for name, value in named.items() if value is not None}
    measured = read_measured(FIGURES)
    basis = Basis(
        measured, replace(Assumptions(), **given), arguments.dimension or measured.dimension
    )
    if arguments.venues or arguments.templates:
        chain = Chain(arguments.venues or 1, arguments.templates or CHAINS[0].templates)
        sys.stdout.write(sizing_words.steps(chain, plan(chain, basis), basis) + "\n")
        return
    write(DOCUMENT, basis)


def write(document: Path, basis: Basis) -> None:
    """Raises ValueError where the document has no place for it."""
    plans = {chain: plan(chain, basis) for chain in CHAINS}
    larger = plan(CHAINS[-1], replace(basis, dimension=512))
    words = sizing_words.document(plans, larger, basis)
    report.write_between(sizing_words.START, words, sizing_words.END, document)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.sizing", description=__doc__)
    parser.add_argument("--venues", type=int)
    parser.add_argument("--templates", type=int)
    parser.add_argument("--dimension", type=int, help="of the pack's embeddings")
    for each in fields(Assumptions):
        parser.add_argument(f"--{each.name.replace('_', '-')}", type=type(each.default))
    return parser.parse_args()


if __name__ == "__main__":
    main()
