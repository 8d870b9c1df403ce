"""Source training alone: as many further steps on the source, without the target."""

from torch import Tensor

from nnpm.methods.base import Method, Step
from nnpm.model.objectives import source_loss


class SourceOnly(Method):
    """The source loss, eq. (5), and nothing else."""

    def losses(self, step: Step) -> dict[str, Tensor]:
        """Eq. (5)."""
        return {"source_loss": source_loss(step.source.logits, step.labels)}
