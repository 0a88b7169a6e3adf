"""The avatar of a job: its files as the attempt has them, read like any other avatar's."""

from collections.abc import Mapping
from pathlib import Path

from lipwright.contracts.avatar import CLIP, AvatarIdentity
from lipwright.errors import AvatarNotFound, MediaNotFound
from lipwright.pipeline.avatar import bank, kept_scan
from lipwright.pipeline.avatar.library import AvatarLibrary
from lipwright.pipeline.avatar.picture import pose_files


class LentLibrary(AvatarLibrary):
    """One avatar. Nothing is written; whoever gave the files has compared them with their digests."""

    def __init__(self, identity: AvatarIdentity, files: Mapping[str, Path]) -> None:
        """
        Args:
            files: of what `needed` tells, by digest.
        """
        super().__init__(Path(identity.name))
        self._identity = identity
        self._files = files

    def load(self, name: str) -> AvatarIdentity:
        """The identity. Raises: AvatarNotFound: another is asked for."""
        if name != self._identity.name:
            raise AvatarNotFound(f"avatar `{name}`: this job shows `{self._identity.name}`.")
        return self._identity

    def path(self, name: str, asset_name: str) -> Path:
        """Where a file lies. Raises: AvatarNotFound, MediaNotFound."""
        identity = self.load(name)
        if not identity.has(asset_name) or identity.digest(asset_name) not in self._files:
            raise MediaNotFound(f"avatar `{name}` has no `{asset_name}`. Create it again.")
        return self._files[identity.digest(asset_name)]


def needed(identity: AvatarIdentity) -> frozenset[str]:
    """Digests of all assets that a video of an avatar is made from."""
    if identity.kind == "clip":
        return frozenset(
            asset.digest
            for asset in identity.assets
            if asset.name == CLIP or asset.name.startswith(kept_scan.PREFIX) or asset.made_by == bank.MADE_BY
        )
    wanted = {name for pose in ("", *identity.poses()) for name in pose_files(pose)}
    return frozenset(asset.digest for asset in identity.assets if asset.name in wanted)
