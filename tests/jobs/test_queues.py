"""Names of queues."""

import pytest

from lipwright.errors import UsageError
from lipwright.jobs.queues import JOB_QUEUES, QUEUES, check_queues


def test_a_wrong_queue_is_refused_with_the_name_that_was_meant() -> None:
    with pytest.raises(UsageError, match=r"`gpus`: no such queue. Did you mean `gpu`\?"):
        check_queues(["cpu", "gpus"])


def test_a_worker_without_a_queue_is_refused() -> None:
    with pytest.raises(UsageError, match="at least one queue"):
        check_queues([])


def test_each_queue_is_listened_to_once() -> None:
    assert check_queues(["gpu", "cpu", "gpu"]) == ("gpu", "cpu")


def test_every_kind_of_job_and_of_stage_has_a_queue() -> None:
    assert {*JOB_QUEUES.values()} <= {*QUEUES}
