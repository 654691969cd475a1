"""A person at a browser: a device, a language, and everything that the browser complained of."""

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    FilePayload,
    Locator,
    Page,
    Request,
    Response,
    WebError,
    expect,
)

from services.serve import Product
from tests.e2e.phrases import Phrases

PATIENCE_MS = 10_000
# A request that a page left behind when it went away is nobody's fault.
LEFT_BEHIND = "net::ERR_ABORTED"
TOLD_BY_THE_RESPONSE = "Failed to load resource"

# Which steps of the progress were shown, in the order in which each first was.
_WATCH_STEPS = """
window.shownSteps = [];
new MutationObserver(() => {
  for (const step of document.querySelectorAll(".step.is-current, .step.is-done")) {
    const name = step.dataset.step;
    if (!window.shownSteps.includes(name)) window.shownSteps.push(name);
  }
}).observe(document, { subtree: true, childList: true, attributes: true });
"""


@dataclass(frozen=True, slots=True)
class Device:
    """``width`` and ``height`` in CSS pixels."""

    name: str
    width: int
    height: int
    language: str
    is_touched: bool


PHONE = Device("phone", 360, 740, "fr", is_touched=True)
DESKTOP = Device("desktop", 1440, 900, "en", is_touched=False)
LOCALES = {"en": "en-GB", "fr": "fr-FR"}


@dataclass
class Visitor:
    """One signed-in browser window on one device."""

    page: Page
    device: Device
    product: Product
    say: Phrases
    complaints: list[str] = field(default_factory=list)
    expected_statuses: set[int] = field(default_factory=set)

    def expect_refusal(self, status: int) -> None:
        """From now on an answer of this status is what the test is about."""
        self.expected_statuses.add(status)

    def open(self, path: str) -> None:
        self.page.goto(self.product.url + path)

    def press(self, target: Locator) -> None:
        """With a finger or with a mouse."""
        if self.device.is_touched:
            target.tap()
        else:
            target.click()

    def upload(self, content: bytes, name: str = "photo.jpg", kind: str = "image/jpeg") -> None:
        """As people do: the button, then the file in the system's own window."""
        with self.page.expect_file_chooser() as chooser:
            self.press(self.page.locator("[data-choose-photo]:visible").first)
        chooser.value.set_files(photo_file(content, name, kind))

    def see_result(self) -> Locator:
        """Wait for the result; the section that shows it."""
        result = self.page.locator("[data-result]")
        expect(result).to_be_visible()
        return result

    def upload_and_see(self, content: bytes) -> Locator:
        self.upload(content)
        return self.see_result()

    def card(self, state: str) -> Locator:
        """The first card of a state: known, check, unknown or unusable."""
        return self.page.locator(f"article.card-{state}").first


def photo_file(content: bytes, name: str = "photo.jpg", kind: str = "image/jpeg") -> FilePayload:
    return FilePayload(name=name, mimeType=kind, buffer=content)


Visit = Callable[..., Visitor]


class Visits:
    """Opens windows for one test and looks, at the end, whether any of them complained."""

    def __init__(self, browser: Browser, product: Product) -> None:
        self._browser = browser
        self._product = product
        self._contexts: list[BrowserContext] = []
        self._visitors: list[Visitor] = []

    def __call__(
        self, device: Device = DESKTOP, *, language: str | None = None, **options: object
    ) -> Visitor:
        """A window of a person who opened a fresh sign-in link; ``options`` are Playwright's."""
        visitor = self.arrive(device, language=language, **options)
        visitor.page.goto(self._product.sign_in_url())
        return visitor

    def arrive(
        self, device: Device = DESKTOP, *, language: str | None = None, **options: object
    ) -> Visitor:
        """A window of somebody who has opened nothing yet."""
        language = language or device.language
        wanted: dict[str, object] = {
            "viewport": {"width": device.width, "height": device.height},
            "locale": LOCALES[language],
            "has_touch": device.is_touched,
            "is_mobile": device.is_touched,
            "reduced_motion": "reduce",
        }
        context = self._browser.new_context(**{**wanted, **options})  # type: ignore[arg-type]  # one dictionary of options
        context.set_default_timeout(PATIENCE_MS)
        context.add_init_script(_WATCH_STEPS)
        page = context.new_page()
        # From the start, or a chooser that opens at once is not yet waited for.
        page.on("filechooser", lambda _: None)
        visitor = Visitor(page, device, self._product, Phrases(language))
        _listen(context, visitor)
        self._contexts.append(context)
        self._visitors.append(visitor)
        return visitor

    @contextlib.contextmanager
    def all_closed_after(self) -> Iterator["Visits"]:
        try:
            yield self
        finally:
            for context in self._contexts:
                context.close()

    def complaints(self) -> list[str]:
        return [complaint for visitor in self._visitors for complaint in visitor.complaints]

    def picture_windows(self, folder: Path, name: str) -> None:
        """What each window showed when a test failed."""
        folder.mkdir(parents=True, exist_ok=True)
        for number, visitor in enumerate(self._visitors):
            visitor.page.screenshot(path=folder / f"failed-{name}-{number}.png")


def _listen(context: BrowserContext, visitor: Visitor) -> None:
    """Console errors (a refusal by the Content-Security-Policy is one), faults, bad answers."""
    complaints, own_host = visitor.complaints, urlsplit(visitor.product.url).netloc

    def on_console(message: ConsoleMessage) -> None:
        if message.type == "error" and not message.text.startswith(TOLD_BY_THE_RESPONSE):
            complaints.append(f"console: {message.text}")

    def on_fault(error: WebError) -> None:
        complaints.append(f"page: {error.error}")

    def on_response(response: Response) -> None:
        if response.status >= 400 and response.status not in visitor.expected_statuses:
            complaints.append(f"{response.request.method} {response.url}: {response.status}")

    def on_failed(request: Request) -> None:
        is_own = urlsplit(request.url).netloc == own_host
        if is_own and request.failure != LEFT_BEHIND:
            complaints.append(f"{request.method} {request.url}: {request.failure}")

    context.on("console", on_console)
    context.on("weberror", on_fault)
    context.on("response", on_response)
    context.on("requestfailed", on_failed)
