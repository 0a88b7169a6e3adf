"""Trains the network from sound to mouth and writes it as ONNX, with its memory as input and output.

    nice python training/sound_to_mouth/train.py build/sound_to_mouth --steps 12000 --output sound_to_mouth.onnx

Needs torch (the extra `train`). One thread; the same seed on the same machine gives the same network.
"""

import argparse
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from loss import CURVES, MouthLoss
from numpy.typing import NDArray
from sounds import SILENCE, SOUNDS
from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from lipwright.motion.features import FEATURES
from lipwright.motion.visemes import Viseme

CHANNELS, MEMORY = 96, 192
CONTEXT_FRAMES = 6
"""Frames of 10 ms before the first one that the two convolutions hear."""
LOOK_AHEAD_FRAMES = 8
DROPPED = 0.15
"""The part of the memory's input and output that is left out, at random."""
AVERAGED = 0.999
"""The network that is kept is a running mean of the one that learns; this part of it stays at each step."""
MASKED_BANDS, MASKED_FRAMES, MASKS = 7, 12, 2
"""Up to so many bands, and so many frames of 10 ms, are hidden, so many times each."""
BATCH, FRAMES = 16, 300
WARM_UP = 5
"""Outputs at the start of a piece, in which the memory is still empty, that do not count."""
FROM_SILENCE, SILENT_FRAMES = 0.3, 46
"""The part of the pieces that begins with digital silence, and for how long it lasts."""
AT_REST = (
    np.concatenate([np.full(FEATURES - 1, -3.5), [-4.5]]),
    np.zeros(CURVES),
    np.array([viseme is Viseme.REST for viseme in Viseme], float),
    np.array([SILENCE], float),
)
"""Features of digital silence, what a mouth does in it, and what is heard."""
RATE, LAST_RATE = 2.5e-3, 2.5e-5


class SoundToMouthNet(nn.Module):
    """41 features every 10 ms in; 19 viseme logits and 6 curves every 20 ms out."""

    def __init__(self) -> None:
        super().__init__()
        self.near = nn.Conv1d(FEATURES, CHANNELS, 5)
        self.halve = nn.Conv1d(CHANNELS, CHANNELS, 4, stride=2)
        self.memory = nn.GRU(CHANNELS, MEMORY, batch_first=True)
        self.drop = nn.Dropout(DROPPED)
        self.head = nn.Sequential(nn.Linear(MEMORY, 96), nn.ReLU(), nn.Linear(96, len(Viseme) + CURVES))
        self.mean = nn.Parameter(torch.zeros(FEATURES), requires_grad=False)
        self.spread = nn.Parameter(torch.ones(FEATURES), requires_grad=False)

    def forward(self, features: Tensor, state: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """`features` (batch, 6 + 2 n, 41), `state` (1, batch, 192); logits and curves (batch, n, ...), new state."""
        remembered, state = self.listen(features, state)
        return *self.say(remembered), state

    def listen(self, features: Tensor, state: Tensor) -> tuple[Tensor, Tensor]:
        """What is remembered after every 20 ms, (batch, n, 192), and the new state."""
        heard = ((features - self.mean) / self.spread).transpose(1, 2)
        heard = torch.relu(self.halve(torch.relu(self.near(heard)))).transpose(1, 2)
        remembered, state = self.memory(self.drop(heard), state)
        return self.drop(remembered), state

    def say(self, remembered: Tensor) -> tuple[Tensor, Tensor]:
        """Logits of the visemes, and curves."""
        out = self.head(remembered)
        return out[..., : len(Viseme)], out[..., len(Viseme) :]


def main() -> None:
    """Train and export."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--steps", type=int, default=12000)
    parser.add_argument("--minutes", type=float, default=1e9, help="end the schedule by then, with fewer steps")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--data", default="train.npz", help="the mixture's file in the folder")
    parser.add_argument("--begin", type=Path, help="go on from a network that an earlier run left beside its ONNX file")
    parser.add_argument("--rate", type=float, default=RATE)
    parser.add_argument("--output", type=Path, required=True)
    options = parser.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(options.seed)
    with np.load(options.folder / options.data) as stored:
        data = (stored["features"], stored["curves"], stored["visemes"], stored["sounds"][..., None])
    net = SoundToMouthNet()
    sample = data[0][::7].astype(np.float32).reshape(-1, FEATURES)
    net.mean.data = torch.from_numpy(sample.mean(axis=0))
    net.spread.data = torch.from_numpy(sample.std(axis=0))
    if options.begin:
        net.load_state_dict(torch.load(options.begin))
    train(net, data, Length(options.steps, 60 * options.minutes), options.seed, options.rate, options.output)
    print(f"{sum(p.numel() for p in net.parameters())} parameters, {options.output.stat().st_size} bytes")


@dataclass(frozen=True)
class Length:
    """When training ends."""

    steps: int
    seconds: float

    def part(self, step: int, elapsed_s: float) -> float:
        """How much of it is over; 1 at the end."""
        return max(step / self.steps, elapsed_s / self.seconds)


def train(
    net: SoundToMouthNet,
    data: tuple[NDArray[np.float16], ...],
    length: Length,
    seed: int,
    first_rate: float,
    path: Path,
) -> None:
    """AdamW with a cosine schedule. What is learned is written every 1000 steps and at the end."""
    rng = np.random.default_rng(seed)
    tells = nn.Linear(MEMORY, SOUNDS)  # learns with the network, is no part of it
    kept = AveragedModel(net, multi_avg_fn=get_ema_multi_avg_fn(AVERAGED))
    learning = [*(p for p in net.parameters() if p.requires_grad), *tells.parameters()]
    optimiser = torch.optim.AdamW(learning, lr=RATE, weight_decay=1e-3)
    loss_of = MouthLoss()
    smoothed, begun = None, time.monotonic()
    step = 0
    while (done := length.part(step, time.monotonic() - begun)) < 1:
        rate = LAST_RATE + (first_rate - LAST_RATE) * min(1.0, step / 50 + 0.02) * 0.5 * (1 + np.cos(np.pi * done))
        for group in optimiser.param_groups:
            group["lr"] = rate
        features, curves, visemes, sounds = batch(data, rng)
        remembered, _ = net.listen(masked(varied(features)), torch.zeros(1, BATCH, MEMORY))
        remembered = remembered[:, WARM_UP:]
        logits, heard = net.say(remembered)
        loss = loss_of((logits, heard, tells(remembered)), (curves, visemes, sounds))
        optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(learning, 1.0)
        optimiser.step()
        kept.update_parameters(net)
        smoothed = loss.item() if smoothed is None else 0.98 * smoothed + 0.02 * loss.item()
        if step % 100 == 0:
            print(f"step {step}: loss {smoothed:.4f}, {time.monotonic() - begun:.0f} s", flush=True)
        if step % 1000 == 999:
            export(kept.module, path)
        step += 1
    export(kept.module, path)
    torch.save(kept.module.state_dict(), path.with_suffix(".pt"))
    print(f"{step} steps")


def batch(data: tuple[NDArray[np.float16], ...], rng: np.random.Generator) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Random pieces of 3 s. Output j hears up to feature start + 2 j + 7 and speaks of 80 ms before that.

    Some pieces begin with digital silence, out of which the stream's own noise or voice comes at once.
    """
    count, length = BATCH, FRAMES + CONTEXT_FRAMES
    streams = rng.integers(len(data[0]), size=count)
    starts = rng.integers(data[0].shape[1] - length, size=count)
    starts[: round(FROM_SILENCE * count)] = -SILENT_FRAMES
    pieces = [np.empty((count, length, values.shape[2]), np.float32) for values in data]
    for piece, values, rest in zip(pieces, data, AT_REST, strict=True):
        for row, (stream, start) in enumerate(zip(streams, starts, strict=True)):
            silent = max(-start, 0)
            piece[row, :silent] = rest
            piece[row, silent:] = values[stream, max(start, 0) : start + length]
    first = CONTEXT_FRAMES + 2 - LOOK_AHEAD_FRAMES + 2 * WARM_UP
    labelled = slice(first, first + FRAMES - 2 * WARM_UP, 2)
    features, curves, visemes, sounds = (torch.from_numpy(piece) for piece in pieces)
    return features, curves[:, labelled], visemes[:, labelled], sounds[:, labelled, 0]


def varied(features: Tensor) -> Tensor:
    """Other throats and other microphones: the mel axis stretched and moved, and the spectrum bent."""
    count, frames, bands = len(features), features.shape[1], FEATURES - 1
    stretch = 1 + 0.10 * torch.randn(count, 1).clamp(-1.5, 1.5)
    place = (torch.arange(float(bands))[None] * stretch + 0.6 * torch.randn(count, 1)).clamp(0, bands - 1.01)
    low = place.floor().long()
    part = (place - low)[:, None]
    heard = features[..., :bands]
    below = torch.gather(heard, 2, low[:, None].expand(-1, frames, -1))
    above = torch.gather(heard, 2, (low + 1)[:, None].expand(-1, frames, -1))
    bend = torch.randn(count, 1, 3) * torch.tensor([0.2, 0.15, 0.1])
    axis = torch.linspace(-1, 1, bands)
    tilt = bend[..., :1] * axis + bend[..., 1:2] * torch.cos(torch.pi * axis)
    tilt = tilt + bend[..., 2:] * torch.sin(2 * torch.pi * axis)
    return torch.cat([below * (1 - part) + above * part + tilt, features[..., bands:]], -1)


def masked(features: Tensor) -> Tensor:
    """Some bands and some moments hidden, so that no single one is relied on."""
    count, frames, bands = len(features), features.shape[1], FEATURES - 1
    shown = torch.ones(count, frames, bands)
    for axis, widest in ((1, MASKED_FRAMES), (2, MASKED_BANDS)):
        place = torch.arange(shown.shape[axis])[None, None]
        width = torch.rand(count, MASKS, 1) * widest
        start = torch.rand(count, MASKS, 1) * (shown.shape[axis] - widest)
        hidden = ((place >= start) & (place < start + width)).any(dim=1)
        shown = shown * ~hidden.unsqueeze(3 - axis)
    heard = features[..., :bands]
    usual = heard.mean(dim=1, keepdim=True)
    return torch.cat([usual + (heard - usual) * shown, features[..., bands:]], -1)


def export(net: SoundToMouthNet, path: Path) -> None:
    """Write the network for blocks of 40 ms: features (1, 10, 41) and state (1, 1, 192)."""
    path.parent.mkdir(parents=True, exist_ok=True)
    torch.onnx.export(
        net.eval(),
        (torch.zeros(1, CONTEXT_FRAMES + 4, FEATURES), torch.zeros(1, 1, MEMORY)),
        str(path),
        input_names=["features", "state"],
        output_names=["visemes", "curves", "next_state"],
        opset_version=17,
        dynamo=False,
    )


if __name__ == "__main__":
    main()
