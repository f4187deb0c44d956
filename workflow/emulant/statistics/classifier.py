"""Accuracy of a classifier that is trained to separate two samples (C2ST), over folds that share no observation."""

import numpy as np

__all__ = ["separation"]

HIDDEN, STEPS, FOLDS = (32, 32), 60, 4
"""A network that sees shifts, widths and shapes of a few parameters; the folds are enough for an error."""


def separation(first: np.ndarray, second: np.ndarray, seed: int) -> tuple[float, float]:
    """Compute the mean accuracy on rows that no training saw, and its standard error over the folds; 1/2 for equal laws.

    Arguments:
        first, second: rows (N, k) in the same order of observations; row n of both is in the same fold.
        seed: of the networks.
    """
    from sklearn.neural_network import MLPClassifier
    from sklearn.preprocessing import StandardScaler

    features = StandardScaler().fit_transform(np.concatenate([first, second]))
    label = np.repeat([0, 1], [len(first), len(second)])
    fold = np.concatenate([np.arange(len(part)) * FOLDS // len(part) for part in (first, second)])
    scores = []
    for number in range(FOLDS):
        network = MLPClassifier(
            hidden_layer_sizes=HIDDEN, max_iter=STEPS, early_stopping=True, random_state=seed
        )
        network.fit(features[fold != number], label[fold != number])
        scores.append(network.score(features[fold == number], label[fold == number]))
    return float(np.mean(scores)), float(np.std(scores, ddof=1) / np.sqrt(FOLDS))
