"""Three ways to learn one linear model from the same rows: certified, by Opacus's DP-SGD, and plainly.

Both private ways add or remove one row (present against absent) and meet the same (epsilon, delta) = (epsilon, n^-1.1).
Both travel as far as the privacy lets them: step size times steps is kappa n mu / bound, where `bound` is what one row
can pull at most and mu the Gaussian width of (epsilon, delta). In a direction without data the noise of the result is
about kappa, whatever n and epsilon are. kappa and the rest are a rule, chosen on other public data.
"""

import math
import warnings
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from benchmarks.clipped_loss import clipped_softmax_excess
from benchmarks.engine import accuracy, part
from benchmarks.public_data import Floats, Split
from unlearning.accounting import smallest_deletion_steps, smallest_noise
from unlearning.accounting.gdp import GdpBound, mu_for
from unlearning.accounting.ledger import Loss
from unlearning.accounting.recommend import loss_constants
from unlearning.certified.constants import Constants
from unlearning.certified.objective import CAP, EXCESS
from unlearning.certified.rows import batches_of
from unlearning.certified.steps import steps_over
from unlearning.linear import shrink_factors

MOST_BATCHES = 16
USUAL_BATCH, USUAL_EPOCHS = 256, 20


@dataclass(frozen=True, kw_only=True)
class CertifiedRule:
    """kappa as above; relaxations = eta lam steps: how far the penalty has pulled by the end."""

    kappa: float
    relaxations: float

    def __str__(self) -> str:
        return f"kappa {self.kappa:g}, relaxations {self.relaxations:g}"


@dataclass(frozen=True, kw_only=True)
class TravelRule:
    """DP-SGD by the same idea. rate: the share of the rows in a Poisson batch (1: all); clip: the norm clipped to."""

    kappa: float
    rate: float
    steps: int
    clip: float

    def __str__(self) -> str:
        return f"kappa {self.kappa:g}, sampling {self.rate:g}, {self.steps} steps, clip {self.clip:g}"

    def settings(self, *, n: int, epsilon: float) -> "DpSgd":
        travel = self.kappa * n * mu_for(epsilon=epsilon, delta=delta_of(n)) / self.clip
        return DpSgd(rate=self.rate, steps=self.steps, clip=self.clip, learning_rate=travel / self.steps)


@dataclass(frozen=True, kw_only=True)
class UsualRule:
    """DP-SGD as its users set it: a learning rate and a clipping norm, batches of 256, 20 epochs, whatever n is."""

    learning_rate: float
    clip: float

    def __str__(self) -> str:
        return f"learning rate {self.learning_rate:g}, clip {self.clip:g}"

    def settings(self, *, n: int, epsilon: float) -> "DpSgd":
        rate = min(1.0, USUAL_BATCH / n)
        return DpSgd(
            rate=rate, steps=round(USUAL_EPOCHS / rate), clip=self.clip, learning_rate=self.learning_rate / self.clip
        )


@dataclass(frozen=True, kw_only=True)
class DpSgd:
    """What Opacus is run with."""

    rate: float
    steps: int
    clip: float
    learning_rate: float


def delta_of(n: int) -> float:
    return float(n**-1.1)


def constants_by_rule(rule: CertifiedRule, *, n: int, pull: "Pull", epsilon: float) -> tuple[Constants, GdpBound]:
    """Everything the engine needs, from public facts alone; and what the model then costs one row.

    As many cyclic batches as keep 16 passes for each: they make a pass go that much farther for 3 % of the noise.
    """
    mu = mu_for(epsilon=epsilon, delta=delta_of(n))
    travel = rule.kappa * n * mu / pull.lipschitz
    lam = rule.relaxations / travel
    eta = 2.0 / (2.0 * lam + pull.beta)
    wanted = math.ceil(travel / eta)
    batch = math.ceil(n / max(1, min(MOST_BATCHES, math.isqrt(wanted // 16))))
    each = math.ceil(n / batch)
    steps = each * math.ceil(wanted / each)  # whole passes
    cyclic = batch if each > 1 else None
    noise = smallest_noise(
        lam=lam,
        beta=pull.beta,
        lipschitz=pull.lipschitz,
        n=n,
        eta=eta,
        steps_learn=steps,
        epsilon=epsilon,
        delta=delta_of(n),
        adjacency="zero_out",
        batch=cyclic,
    )
    return Constants(lam=lam, eta=eta, sigma=noise.sigma, n_0=n, steps=steps, batch=cyclic), GdpBound(noise.mu)


@dataclass(frozen=True)
class Pull:
    """What one row does: the loss's excess, the most it can pull (L) and how fast that changes (beta), for |x| <= 1."""

    excess: Callable[[Tensor, Tensor], Tensor]
    lipschitz: float
    beta: float


def engines_loss(classes: int) -> Pull:
    """The loss that the engine takes by itself."""
    return _pull("binary" if classes == 2 else "softmax", classes)


def capped_loss(classes: int) -> Pull:
    """The engine's loss `capped`."""
    return _pull("capped_binary" if classes == 2 else "capped_softmax", classes)


def _pull(name: Loss, classes: int) -> Pull:
    return Pull(EXCESS[name], *loss_constants(name, 1.0, classes=classes))


def clipped(classes: int) -> Pull:
    """DP-SGD's clipping in the engine's steps, for a diagnosis; with two classes it is the capped loss."""
    return capped_loss(2) if classes == 2 else Pull(clipped_softmax_excess, CAP, 0.5)


def steps_to_halve(constants: Constants, *, pull: Pull, epsilon: float) -> int:
    """The fewest steps after which what later releases say of one deleted row (A) is half of epsilon."""
    return smallest_deletion_steps(
        lam=constants.lam,
        beta=pull.beta,
        lipschitz=pull.lipschitz,
        n=constants.n_0,
        eta=constants.eta,
        sigma=constants.sigma,
        steps_learn=constants.steps,
        epsilon=epsilon / 2.0,
        delta=delta_of(constants.n_0),
        adjacency="zero_out",
        batch=constants.batch,
    ).steps


def certified(data: Split, *, epsilon: float, rule: CertifiedRule, pull: Pull) -> float:
    """Accuracy on the held-out rows after the engine's own noisy steps; the noise has no seed."""
    constants, _ = constants_by_rule(rule, n=len(data.labels), pull=pull, epsilon=epsilon)
    outputs = 1 if data.classes == 2 else data.classes
    theta = steps_over(
        torch.zeros((outputs, data.rows.shape[1] + 1), dtype=torch.float64),
        batches_of([part(data.rows, data.labels)], constants),
        excess=pull.excess,
        constants=constants,
        after_step=lambda _step: None,
    )
    return accuracy(theta.numpy(), data.unseen_rows, data.unseen_labels)


def dp_sgd(data: Split, *, epsilon: float, rule: TravelRule | UsualRule, seed: int) -> float:
    """Accuracy of Opacus's DP-SGD on the same shrunk rows: its clipping, its noise, its tightest accountant (PRV)."""
    from opacus import PrivacyEngine
    from opacus.accountants.utils import get_noise_multiplier
    from torch import nn
    from torch.utils.data import DataLoader, TensorDataset

    warnings.simplefilter("ignore")
    torch.manual_seed(seed)
    chosen = rule.settings(n=len(data.labels), epsilon=epsilon)
    n, rows, labels = len(data.labels), torch.from_numpy(shrunk(data.rows)).float(), torch.from_numpy(data.labels)
    noise = get_noise_multiplier(
        target_epsilon=epsilon,
        target_delta=delta_of(n),
        sample_rate=chosen.rate,
        steps=chosen.steps,
        accountant="prv",
        epsilon_tolerance=0.002 * epsilon,
    )
    layer = nn.Linear(rows.shape[1], data.classes, bias=False)  # the intercept is a column of the rows
    nn.init.zeros_(layer.weight)
    model, optimizer, criterion, loader = PrivacyEngine(accountant="prv").make_private(
        module=layer,
        optimizer=torch.optim.SGD(layer.parameters(), lr=chosen.learning_rate),
        criterion=nn.CrossEntropyLoss(),
        data_loader=DataLoader(TensorDataset(rows, labels), batch_size=max(1, round(chosen.rate * n))),
        noise_multiplier=noise,
        max_grad_norm=chosen.clip,
        poisson_sampling=chosen.rate < 1.0,
        grad_sample_mode="ghost",
    )
    done = 0
    while done < chosen.steps:
        for picked in loader.batch_sampler:
            if len(picked) and done < chosen.steps:
                here = slice(None) if len(picked) == n else torch.tensor(picked)
                optimizer.zero_grad()
                criterion(model(rows[here]), labels[here]).backward()
                optimizer.step()
            done += 1
    weights = layer.weight.detach().double().numpy()
    return accuracy(weights, data.unseen_rows, data.unseen_labels)


def plain(data: Split) -> float:
    """Accuracy of scikit-learn's LogisticRegression at its defaults, on the scaled rows, not shrunk."""
    from sklearn.linear_model import LogisticRegression

    model = LogisticRegression(max_iter=300).fit(data.rows, data.labels)
    return float(model.score(data.unseen_rows, data.unseen_labels))


def shrunk(rows_NF: Floats) -> Floats:
    """[row, 1], each shrunk by itself to length at most 1: what the engine's steps see."""
    return np.hstack([rows_NF, np.ones((len(rows_NF), 1))]) * shrink_factors(rows_NF, norm_bound=1.0)[:, None]
