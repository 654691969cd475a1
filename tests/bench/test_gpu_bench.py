"""The arithmetic of `make bench-gpu`, and a run of it on the processor."""

import json
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from tests.bench import gpu
from tests.bench.cards import Card, read_card
from tests.bench.flops import Demand, demand_of


def network() -> onnx.ModelProto:
    """A 3x3 convolution of 3 channels into 4, and a product of matrices down to 10 numbers."""
    weights = [
        numpy_helper.from_array(np.zeros((4, 3, 3, 3), np.float32), "kernel"),
        numpy_helper.from_array(np.zeros((4 * 8 * 8, 10), np.float32), "matrix"),
    ]
    nodes = [
        helper.make_node("Conv", ["image", "kernel"], ["maps"], pads=[1, 1, 1, 1]),
        helper.make_node("Relu", ["maps"], ["positive"]),
        helper.make_node("Flatten", ["positive"], ["flat"]),
        helper.make_node("MatMul", ["flat", "matrix"], ["answer"]),
    ]
    image = helper.make_tensor_value_info("image", TensorProto.FLOAT, ["N", 3, "H", "W"])
    answer = helper.make_tensor_value_info("answer", TensorProto.FLOAT, ["N", 10])
    graph = helper.make_graph(nodes, "toy", [image], [answer], weights)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)


def test_operations_are_counted_from_the_graph() -> None:
    maps, flat, answer = 4 * 8 * 8, 4 * 8 * 8, 10
    demand = demand_of(network(), (1, 3, 8, 8))
    assert demand.flops == 2 * maps * 27 + maps + flat + 2 * answer * 256
    held = 4 * 3 * 3 * 3 + 2560
    assert demand.bytes_moved == 4 * (held + 3 * 64 + 2 * (maps + maps + flat + answer))
    assert demand_of(network(), (2, 3, 8, 8)).flops == 2 * demand.flops


def test_shares_are_of_what_the_data_sheet_promises() -> None:
    card = Card("Toy", 1.0, "1", peak_tflops=1.0, peak_gb_per_s=100.0)
    demand = Demand(flops=10**9, bytes_moved=10**8)
    row = gpu.row_of(32, 0.08, alone=80.0, demand=demand, card=card)
    assert row["a_second"] == 400
    assert row["over_batch_1"] == 5.0
    assert row["share_of_flops"] == 0.4
    assert row["share_of_memory"] == 0.4
    assert row["gflops_a_second"] == 400
    unknown = gpu.row_of(32, 0.08, alone=None, demand=demand, card=None)
    assert (
        unknown["share_of_flops"] is unknown["share_of_memory"] is unknown["over_batch_1"] is None
    )


@pytest.mark.parametrize(
    ("line", "name", "peak"),
    [
        ("NVIDIA H100 80GB HBM3, 81559, 550.54", "NVIDIA H100 80GB HBM3", 67.0),
        ("NVIDIA H100 PCIe, 81559, 550.54", "NVIDIA H100 PCIe", 51.0),
        ("NVIDIA L40S, 46068, 550.54", "NVIDIA L40S", 91.6),
        ("NVIDIA L4, 23034, 550.54", "NVIDIA L4", 30.3),
        ("Somebody's new card, 1024, 1", "Somebody's new card", None),
    ],
)
def test_card_is_read_as_its_driver_prints_it(line: str, name: str, peak: float | None) -> None:
    card = read_card(line)
    assert (card.name, card.peak_tflops) == (name, peak)


@pytest.mark.parametrize(("over", "verdict"), [(5.0, "reached"), (4.99, "missed")])
def test_report_says_whether_the_aim_was_reached(over: float, verdict: str) -> None:
    rows = [{"batch": 32, "skipped": None, "over_batch_1": over}]
    parts = [{"provider": "CUDAExecutionProvider", "item": "face", "batches": rows}]
    assert verdict in gpu.aim_words({"parts": parts})
    assert "not judged" in gpu.aim_words({"parts": []})


def test_without_a_card_it_says_what_to_install(capsys: pytest.CaptureFixture[str]) -> None:
    assert gpu.main(["--provider", "NoSuchExecutionProvider"]) == gpu.NOTHING_HERE
    said = capsys.readouterr().err
    assert "No NoSuchExecutionProvider here" in said
    assert "requirements/gpu.txt" in said


def test_run_on_the_processor_fills_every_field(tmp_path: Path) -> None:
    out = tmp_path / "gpu.json"
    arguments = ["--provider", "CPUExecutionProvider", "--batches", "1,2", "--seconds", "0.01"]
    assert gpu.main([*arguments, "--out", str(out)]) == 0
    figures = json.loads(out.read_text())
    assert [part["item"] for part in figures["parts"]] == ["face", "photo"]
    for part in figures["parts"]:
        assert [row["batch"] for row in part["batches"]] == [1, 2]
        assert part["batches"][0]["over_batch_1"] == 1.0
        assert all(row["a_second"] > 0 and row["gflops_a_second"] > 0 for row in part["batches"])
    assert "| CPU | face | 2 |" in gpu.as_markdown(figures)
