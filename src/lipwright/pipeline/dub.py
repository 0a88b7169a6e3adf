"""The route of `lipwright dub`, which makes nothing where nothing has changed."""

from typing import TYPE_CHECKING

from lipwright.contracts.dub import DubReport, DubRequest
from lipwright.contracts.progress import Progress
from lipwright.contracts.sidecar import sidecar_path
from lipwright.media.claim import claimed
from lipwright.media.output import check_writable
from lipwright.pipeline.project.folder import open_project
from lipwright.pipeline.share import Share
from lipwright.store.stages import StageStore

if TYPE_CHECKING:
    from lipwright.pipeline.engines import DubEngines


def dub(
    request: DubRequest,
    *,
    engines: "DubEngines",
    store: StageStore,
    progress: Progress,
    share: Share | None = None,
) -> DubReport:
    """Make the video of a request, or go on with it up to the stage after which it waits for a person.

    Args:
        share: what this run does of that stage, where it recognises words, speaks lines or draws windows; None for all.
    Returns: what was made. When nothing has changed since the last run, nothing is made.
    Raises: InputError, ProviderError, WorkFailed, OutputError, Cancelled: nothing is left under the output's name; the
        project says at which stage it ended, and finished work is kept. Partly: others do the rest of the stage.
    """
    beside = sidecar_path(request.output)
    for path in (request.output, beside):
        check_writable(path)
    with claimed(request.output, beside), open_project(request, engines.manner) as project:
        known = project.unchanged()
        if known is not None:
            return known
        # Every stage and its libraries: it takes longer than to see that nothing has changed.
        from lipwright.pipeline.dubbing import Dubbing

        return Dubbing(request, engines, store, progress, project, share).run()
