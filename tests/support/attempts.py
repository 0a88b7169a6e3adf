"""Stages of a job without the job service: each one gets what the ones before it published, each part its share."""

import itertools
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from lipwright.contracts.progress import Progress, SilentProgress
from lipwright.contracts.route import Divided, Route, StageWork
from lipwright.contracts.strict import Strict
from lipwright.store.digest import file_digest


class Told:
    """Remembers what progress is told."""

    def __init__(self) -> None:
        self.parts: list[tuple[str, int | None]] = []
        self.done = 0

    def stage(self, name: str, total: int | None) -> None:
        self.parts.append((name, total))

    def advance(self, n: int = 1) -> None:
        self.done += n

    def check_cancelled(self) -> None:
        pass


@dataclass
class Attempts:
    """`attempts("render")` does a stage of one job and publishes its files."""

    route: Route
    spec: Strict
    folder: Path
    given: Mapping[str, Path]
    """Assets by digest."""
    published: dict[str, dict[str, Path]] = field(default_factory=dict)
    """Files by stage and name."""
    edits: dict[str, Path] = field(default_factory=dict)
    """What a person put in the place of published files."""
    machines: Sequence[Route] = ()
    """The same route on other machines: each attempt is made on the next one; empty for all on one machine."""
    parts: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Names of the parts of the stages that divided themselves, when they were last done."""

    def __post_init__(self) -> None:
        self._turns = itertools.cycle(self.machines or (self.route,))

    def __call__(
        self,
        stage: str,
        *,
        line: int | None = None,
        lines: Mapping[int, int] | None = None,
        take: int = 0,
        progress: Progress | None = None,
    ) -> dict[str, Path]:
        names = [plan.name for plan in self.route.stages(self.spec)]
        earlier: dict[str, Path] = {}
        for before in names[: names.index(stage)]:
            earlier |= self.published.get(before, {})
            earlier |= {name: path for name, path in self.edits.items() if name in self.published.get(before, {})}

        def attempt(
            part: str | None = None, parts: Mapping[str, Mapping[str, Path]] | None = None
        ) -> dict[str, Path] | Divided:
            folder = self.folder / f"{stage}-{secrets.token_hex(4)}"
            folder.mkdir()
            made = next(self._turns).run(
                StageWork(
                    job="job",
                    workspace="acme",
                    spec=self.spec,
                    stage=stage,
                    attempt=1,
                    take=take,
                    line=line,
                    lines=lines or {},
                    folder=folder,
                    assets=self.given,
                    earlier=earlier,
                    progress=progress or SilentProgress(),
                    part=part,
                    parts=parts,
                )
            )
            if isinstance(made, Divided):
                return made
            assert all(path.is_file() and path.resolve().is_relative_to(folder.resolve()) for path in made.values())
            assert all(Path(name).name == name for name in made), "names are never paths"
            return dict(made)

        made = attempt()
        self.parts.pop(stage, None)
        if isinstance(made, Divided):
            self.parts[stage] = made.parts
            made = attempt(parts={part: self._files(attempt(part)) for part in made.parts})
        self.published[stage] = self._files(made)
        return self.published[stage]

    def _files(self, made: dict[str, Path] | Divided) -> dict[str, Path]:
        assert not isinstance(made, Divided), "only a whole stage divides itself, and once"
        return made

    def all(self) -> dict[str, Path]:
        """Do every stage; the result."""
        for plan in self.route.stages(self.spec):
            self(plan.name)
        return self.result()

    def result(self) -> dict[str, Path]:
        """What the finished job gives."""
        files = {name: path for stage in self.published.values() for name, path in stage.items()}
        names = self.route.outputs({name: file_digest(path) for name, path in files.items()})
        return {name: files[name] for name in names}
