"""What commands say while they work, on stderr; their results alone go to stdout."""

from collections.abc import Callable

from rich.console import Console
from rich.progress import MofNCompleteColumn, Progress, TimeRemainingColumn

words = Console(stderr=True, highlight=False)


def tell_install(step: str, subject: str) -> None:
    """First starts take a while; say what is going on."""
    if step == "filling":
        words.print(f"Filling {subject} …", style="dim")
    elif step != "installed":
        words.print(f"Model weights: {step} {subject} …", style="dim")


def progress_bar() -> Progress:
    return Progress(
        *Progress.get_default_columns()[:2],
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=words,
        transient=True,
    )


def advancing(bar: Progress, title: str) -> Callable[[int, int], None]:
    """What is told how many are done, of how many."""
    task = bar.add_task(title, total=None)

    def advance(done: int, total: int) -> None:
        bar.update(task, completed=done, total=total)

    return advance
