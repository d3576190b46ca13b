"""What can go wrong where the work runs."""

from __future__ import annotations

from mriocarbon.errors import MriocarbonError, MriocarbonWarning

__all__ = ["BatchError", "CheckpointWarning", "ClusterError", "ComputeError"]


class ComputeError(MriocarbonError, RuntimeError):
    """A run over batches that stopped; what was finished is in its checkpoint, if it has one."""


class BatchError(ComputeError):
    """One batch could not be computed: its task raised, or ended the worker it ran on.

    Attributes
    ----------
    batch : int
        Number of the batch.
    """

    def __init__(self, what: str, *, batch: int, where: str = "", do: str = "") -> None:
        super().__init__(what, where=where, do=do)
        self.batch = batch


class ClusterError(ComputeError):
    """The cluster is gone: no scheduler answers, or no worker is left."""


class CheckpointWarning(MriocarbonWarning):
    """Part of a checkpoint is damaged; the text says which batches are computed again."""
