"""Direct preference optimisation towards another answer: the old one is rejected, a substitute or a refusal preferred.

Rafailov et al., "Direct Preference Optimization" (NeurIPS 2023), in the scaling of Maini et al., "TOFU" (2024), where
the preferred answer is a refusal (IdkDPO); Mekala et al., "Alternate Preference Optimization" (2024), prefers plausible
other answers:

    L_f = -(2 / beta) log sigmoid( beta [ (nll_0 - nll)(y_alt | x) - (nll_0 - nll)(y | x) ] ),      sums over the answer
"""

from __future__ import annotations

from torch import Tensor
from torch.nn.functional import logsigmoid


def dpo(
    nll_B: Tensor,
    reference_nll_B: Tensor,
    alternative_nll_B: Tensor,
    alternative_reference_nll_B: Tensor,
    *,
    beta: float,
) -> Tensor:
    """The loss per row; averaged over rows. Both references: under the model before unlearning, cached."""
    gained_B = (alternative_reference_nll_B - alternative_nll_B) - (reference_nll_B - nll_B)
    return -2 / beta * logsigmoid(beta * gained_B)
