"""One network in onnxruntime, with every run timed."""

import time
from collections.abc import Callable, Sequence
from pathlib import Path

import onnxruntime  # type: ignore[import-untyped]  # it ships no types

from vestibule.adapters.onnx_engine.batching import Batching, MicroBatcher, Tensor
from vestibule.domain.errors import StartUpError, WeightsError

OnModelRun = Callable[[str, float], None]
"""Called after each run with the network's name and the seconds it took, from any thread."""

__all__ = ["ModelRun", "OnModelRun", "Tensor"]

_ERRORS_ONLY = 3

_UNREADABLE = (
    onnxruntime.capi.onnxruntime_pybind11_state.Fail,
    onnxruntime.capi.onnxruntime_pybind11_state.InvalidArgument,
    onnxruntime.capi.onnxruntime_pybind11_state.InvalidGraph,
    onnxruntime.capi.onnxruntime_pybind11_state.InvalidProtobuf,
    onnxruntime.capi.onnxruntime_pybind11_state.NoSuchFile,
)

_ON_CUDA = ("CUDAExecutionProvider", "TensorrtExecutionProvider")

_FAILED_RUN = (
    onnxruntime.capi.onnxruntime_pybind11_state.EPFail,
    onnxruntime.capi.onnxruntime_pybind11_state.Fail,
    onnxruntime.capi.onnxruntime_pybind11_state.InvalidArgument,
    onnxruntime.capi.onnxruntime_pybind11_state.NotImplemented,
    onnxruntime.capi.onnxruntime_pybind11_state.RuntimeException,
    MemoryError,
    RuntimeError,
)
"""What a run raises for a batch: too large for the memory left, or not of the network's shape."""


class ModelRun:
    """A loaded network with one input. Safe to call from several threads at once."""

    def __init__(
        self,
        path: Path,
        *,
        name: str,
        intra_op_threads: int,
        providers: Sequence[str],
        on_model_run: OnModelRun,
        batching: Batching | None = None,
    ) -> None:
        """Raises StartUpError for a provider that is not here, WeightsError for a bad file."""
        batching = batching or Batching()
        self._session = _session(path, intra_op_threads=intra_op_threads, providers=providers)
        self._name = name
        self._input_name = self._session.get_inputs()[0].name
        self._on_model_run = on_model_run
        self._on_rows = batching.on_rows
        self._answer = self._shared(batching)

    @property
    def fixed_batch(self) -> int | None:
        """How many rows the network takes, if it takes no other number."""
        rows = self._session.get_inputs()[0].shape[0]
        return rows if isinstance(rows, int) and rows > 0 else None

    @property
    def fixed_size_px(self) -> tuple[int, int] | None:
        """Height and width of the network's input, if it takes no other."""
        height, width = self._session.get_inputs()[0].shape[2:]
        return (height, width) if isinstance(height, int) and isinstance(width, int) else None

    def __call__(self, batch: Tensor) -> list[Tensor]:
        """All outputs for one batch, in the graph's order.

        With batching, those that other threads ask for may go through the network in one run.
        """
        return self._answer(batch)

    def _shared(self, batching: Batching) -> Callable[[Tensor], list[Tensor]]:
        """A network that was exported for a fixed number of rows is run as it is."""
        if batching.limits is None or isinstance(self._session.get_inputs()[0].shape[0], int):
            return self._run
        return MicroBatcher(
            self._run,
            name=self._name,
            limits=batching.limits,
            batching=batching,
            failures=_FAILED_RUN,
        )

    def _run(self, batch: Tensor) -> list[Tensor]:
        started = time.perf_counter()
        outputs: list[Tensor] = self._session.run(None, {self._input_name: batch})
        self._on_model_run(self._name, time.perf_counter() - started)
        self._on_rows(self._name, len(batch))
        return outputs

    def by_name(self, batch: Tensor) -> dict[str, Tensor]:
        """As a call, for graphs whose outputs have names rather than an order."""
        names = [output.name for output in self._session.get_outputs()]
        return dict(zip(names, self(batch), strict=True))


def _session(
    path: Path, *, intra_op_threads: int, providers: Sequence[str]
) -> onnxruntime.InferenceSession:
    missing = set(providers) - set(onnxruntime.get_available_providers())
    if missing or not providers:
        raise _provider_missing(missing, providers)
    if any(name in _ON_CUDA for name in providers):
        onnxruntime.preload_dlls(directory="")  # CUDA and cuDNN from wheels beside it, if there
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = intra_op_threads
    options.inter_op_num_threads = 1
    options.log_severity_level = _ERRORS_ONLY
    # Threads that spin while they wait take the core from Postgres, the web service and other
    # runs: on a busy 2-core machine a photo cost 390 ms of CPU with spinning, 250 ms without.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    try:
        session = onnxruntime.InferenceSession(
            str(path), options, providers=[_with_options(name) for name in providers]
        )
    except _UNREADABLE as error:
        raise WeightsError(f"{path.name} is not a network that can be loaded.") from error
    # A provider whose libraries do not load is dropped by onnxruntime with a mere warning.
    dropped = set(providers) - set(session.get_providers())
    if dropped:
        raise _provider_missing(dropped, providers)
    return session


def _with_options(provider: str) -> tuple[str, dict[str, str]]:
    """A face must embed alike on every provider, to 1e-4: TF32's ten bits are too few for that.

    Photos come in many shapes: trying all of cuDNN's algorithms for each would take seconds.
    """
    if provider == "CUDAExecutionProvider":
        return provider, {"use_tf32": "0", "cudnn_conv_algo_search": "HEURISTIC"}
    return provider, {}


def _provider_missing(missing: set[str], asked_for: Sequence[str]) -> StartUpError:
    here = ", ".join(onnxruntime.get_available_providers())
    wanted = ", ".join(sorted(missing)) or "none"
    return StartUpError(
        f"The model was to run on {wanted}, which onnxruntime does not offer on this machine. "
        f"It offers: {here}.",
        providers=list(asked_for),
        missing=sorted(missing),
    )
