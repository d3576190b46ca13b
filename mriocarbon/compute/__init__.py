"""Where the work runs: threads of this process, a Dask cluster, SLURM. The results are the same.

from mriocarbon.compute import batches, concatenated, engine

if __name__ == "__main__":  # processes that "dask" begins read the script again
    with engine("dask", workers=2) as where:
        results = where.run(task, batches(10_000, 500, seed=1), shared=arrays, checkpoint="run")
        draws = concatenated(results)
"""

from mriocarbon.compute.batch import Batch, batches, batches_of
from mriocarbon.compute.checkpoint import Checkpoint
from mriocarbon.compute.dask import DaskEngine
from mriocarbon.compute.drive import Progress
from mriocarbon.compute.engine import Engine, engine
from mriocarbon.compute.failures import (
    BatchError,
    CheckpointWarning,
    ClusterError,
    ComputeError,
)
from mriocarbon.compute.reduce import concatenated, summed
from mriocarbon.compute.seeds import batch_rng
from mriocarbon.compute.shared import Handle
from mriocarbon.compute.slurm import SlurmEngine, job_script
from mriocarbon.compute.threads import Threads

__all__ = [
    "Batch",
    "BatchError",
    "Checkpoint",
    "CheckpointWarning",
    "ClusterError",
    "ComputeError",
    "DaskEngine",
    "Engine",
    "Handle",
    "Progress",
    "SlurmEngine",
    "Threads",
    "batch_rng",
    "batches",
    "batches_of",
    "concatenated",
    "engine",
    "job_script",
    "summed",
]
