"""Trains the network from Whisper's states to mouth, for recordings, and writes it as ONNX.

    nice python training/sound_to_mouth/train_recording.py build/sound_to_mouth --data heard-1 heard-2 --output x.onnx

Needs torch (the extra `train`). One thread; the same seed on the same machine gives the same network.
"""

import argparse
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from loss import CURVES, MouthLoss
from numpy.typing import NDArray
from sounds import SOUNDS
from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from lipwright.motion.visemes import Viseme

STATE, CHANNELS, SAYS = 512, 96, 96
DILATIONS = (1, 2, 4, 8)
"""Of the convolutions over 3 frames: a frame hears .3 s to both sides, beside all that its state knows."""
DROPPED = 0.2
CURVE_WEIGHTS = (3.0, 2.0, 1.0, 2.0, 1.0, 1.0)
"""Width counts more than in the streaming network."""
AVERAGED = 0.998
"""The network that is kept is a running mean of the one that learns; this part of it stays at each step."""
BATCH, FRAMES, EDGE = 8, 200, 10
"""Pieces of 4 s, of which the first and the last frames do not count."""
BESIDE = 60
"""Frames at both ends of what Whisper heard at once that are never learned from: nobody uses them."""
WARM_STEPS = 50
WEIGHT_DECAY = 1e-2


class RecordingNet(nn.Module):
    """A state every 20 ms in; 19 viseme logits and 6 curves every 20 ms out."""

    def __init__(self) -> None:
        super().__init__()
        self.usual = nn.LayerNorm(STATE, elementwise_affine=False)
        self.drop = nn.Dropout(DROPPED)
        self.narrow = nn.Linear(STATE, CHANNELS)
        self.beside = nn.ModuleList(nn.Conv1d(CHANNELS, CHANNELS, 3, padding=d, dilation=d) for d in DILATIONS)
        self.norms = nn.ModuleList(nn.LayerNorm(CHANNELS) for _ in DILATIONS)
        self.head = nn.Sequential(nn.Linear(CHANNELS, SAYS), nn.ReLU(), nn.Linear(SAYS, len(Viseme) + CURVES))
        self.tells = nn.Linear(CHANNELS, SOUNDS)

    def forward(self, states: Tensor) -> tuple[Tensor, Tensor]:
        """`states` (batch, n, 512); logits (batch, n, 19) and curves (batch, n, 6)."""
        return self.say(self.listen(states))

    def listen(self, states: Tensor) -> Tensor:
        """(batch, n, 96)"""
        heard = torch.relu(self.narrow(self.drop(self.usual(states))))
        for conv, norm in zip(self.beside, self.norms, strict=True):
            heard = heard + self.drop(torch.relu(conv(norm(heard).transpose(1, 2)))).transpose(1, 2)
        return heard

    def say(self, heard: Tensor) -> tuple[Tensor, Tensor]:
        out = self.head(self.drop(heard))
        return out[..., : len(Viseme)], out[..., len(Viseme) :]


class Heard(NamedTuple):
    """What `listen.py` made."""

    states: NDArray[np.float16]
    curves: NDArray[np.float16]
    visemes: NDArray[np.float16]
    sounds: NDArray[np.int8]


def main() -> None:
    """Train and export."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--data", nargs="+", default=["heard"])
    parser.add_argument("--steps", type=int, default=4000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--begin", type=Path, help="go on from a network that an earlier run left beside its ONNX file")
    parser.add_argument("--rate", type=float, default=2e-3)
    parser.add_argument("--last-rate", type=float, default=1e-5)
    parser.add_argument("--output", type=Path, required=True)
    options = parser.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(options.seed)
    net = RecordingNet()
    if options.begin:
        net.load_state_dict(torch.load(options.begin))
    rates = (options.rate, options.last_rate)
    kept = train(net, [read(options.folder, name) for name in options.data], options.steps, options.seed, rates)
    export(kept, options.output)
    torch.save(kept.state_dict(), options.output.with_suffix(".pt"))
    print(f"{sum(p.numel() for p in net.parameters())} parameters, {options.output.stat().st_size} bytes")


def read(folder: Path, name: str) -> Heard:
    """States stay on the disk."""
    with np.load(folder / f"{name}.npz") as labels:
        stored = (labels["curves"], labels["visemes"], labels["sounds"])
    return Heard(np.load(folder / f"{name}.states.npy", mmap_mode="r"), *stored)


def train(net: RecordingNet, data: list[Heard], steps: int, seed: int, rates: tuple[float, float]) -> nn.Module:
    """AdamW with a cosine schedule. Returns the mean network."""
    rng = np.random.default_rng(seed)
    kept = AveragedModel(net, multi_avg_fn=get_ema_multi_avg_fn(AVERAGED))
    optimiser = torch.optim.AdamW(net.parameters(), lr=rates[0], weight_decay=WEIGHT_DECAY)
    loss_of = MouthLoss(CURVE_WEIGHTS)
    counts = slice(EDGE, FRAMES - EDGE)
    smoothed = None
    for step in range(steps):
        warm = min(1.0, step / WARM_STEPS + 0.02)
        for group in optimiser.param_groups:
            group["lr"] = rates[0] * warm * 0.5 * (1 + np.cos(np.pi * step / steps)) + rates[1]
        states, *labels = batch(data, rng)
        heard = net.listen(states)
        said = (*net.say(heard), net.tells(net.drop(heard)))
        curves, visemes, sounds = (label[:, counts] for label in labels)
        loss = loss_of(tuple(part[:, counts] for part in said), (curves, visemes, sounds))
        optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        optimiser.step()
        kept.update_parameters(net)
        smoothed = loss.item() if smoothed is None else 0.98 * smoothed + 0.02 * loss.item()
        if step % 100 == 0:
            print(f"step {step}: loss {smoothed:.4f}", flush=True)
    return kept.module


def batch(data: list[Heard], rng: np.random.Generator) -> list[Tensor]:
    """Random pieces of 4 s."""
    shares = np.array([len(part.states) for part in data], float)
    rows: list[list[NDArray[np.float32]]] = []
    for _ in range(BATCH):
        part = data[rng.choice(len(data), p=shares / shares.sum())]
        piece = rng.integers(len(part.states))
        start = rng.integers(BESIDE, part.states.shape[1] - BESIDE - FRAMES + 1)
        rows.append([np.asarray(values[piece, start : start + FRAMES], np.float32) for values in part])
    return [torch.from_numpy(np.stack(column)) for column in zip(*rows, strict=True)]


def export(net: nn.Module, path: Path) -> None:
    """Write the network for pieces of 12 s: states (1, 600, 512)."""
    path.parent.mkdir(parents=True, exist_ok=True)
    torch.onnx.export(
        net.eval(),
        (torch.zeros(1, 600, STATE),),
        str(path),
        input_names=["states"],
        output_names=["visemes", "curves"],
        opset_version=17,
        dynamo=False,
    )


if __name__ == "__main__":
    main()
