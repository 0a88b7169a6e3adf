"""A few numbers of each frame: all that is kept of a long video."""

from array import array
from collections.abc import Sequence

import numpy as np

from lipwright.quality.mouth import Floats


class Ledger:
    """Rows of named numbers, 4 bytes each."""

    def __init__(self, names: Sequence[str]) -> None:
        """Begin with no row."""
        self.names = tuple(names)
        self._values = array("f")

    def __len__(self) -> int:
        return len(self._values) // len(self.names)

    def add(self, **values: float) -> None:
        """Add a row; what is not given is NaN.

        Raises: KeyError: a name that the ledger does not have.
        """
        for name in values:
            if name not in self.names:
                raise KeyError(name)
        self._values.extend(values.get(name, float("nan")) for name in self.names)

    def __getitem__(self, name: str) -> Floats:
        """One column, float64 (rows,)."""
        table = np.frombuffer(self._values, np.float32) if len(self._values) else np.zeros(0, np.float32)
        return np.asarray(table.reshape(-1, len(self.names))[:, self.names.index(name)], np.float64)
