"""One calibration by four routes: an emulator of observables, a generator of events, a neural posterior, a direct grid.

    python benchmarks/routes.py

Cu+Cu by T_RENTo and our own hydrodynamics, norm and eta/s from flat priors; data are ln N, <p_T> and v_2{2} of 8 fresh
events. All routes have the same Gaussian likelihood, with the covariance of the data's events and of their own, and the
same exact posterior on a fine grid. The emulator and the generators (two families) learn from the same 24 design
points of 8 events; the neural posterior from what the better generator answers at 2000 parameters of the prior; the direct
route has 12 x 12 points of 8 fresh events and a quadratic surface through them; the last is the prior. Beside the direct
grid: shift of the mean in deviations, ratio of deviations, and the accuracy of the best classifier between the posteriors,
(1 + total variation) / 2, of each two routes too; coverage of 68 and 95 % over 20 data sets with truths from the prior;
seconds of CPU. At last the correlation of v_2^2 and [p_T] of the data's events, which no training vector had.
"""

import time
from types import SimpleNamespace

import numpy as np
import pandas as pd
import torch
from scipy.stats import qmc

from emulant.families import build_model
from emulant.hydro.chain import spectra_of
from emulant.inference.emulation.observables import fit_emulator
from emulant.inference.priors import prior_from
from emulant.initial.nuclei import NUCLEI
from emulant.initial.trento import Trento
from emulant.storage.pairs import Pairs
from emulant.systems import system_from

BLOCK = {
    "kind": "hydro_spectra", "projectile": "Cu", "target": "Cu", "impact": [3.0, 3.0], "cross_section": 4.2,
    "norm": 1.0, "nucleon_width": 0.7, "fluctuation": 1.6, "reduced_p": 0.0, "distance": 0.0, "cells": 28,
    "spacing": 0.75, "start_time": 0.6, "viscosity": 0.15, "switching_temperature": 0.15, "time_step": 0.2,
    "pt_nodes": 8, "pt_max": 3.0, "angles": 12,
}  # fmt: skip
LOW, HIGH = np.array([14.0, 0.06]), np.array([26.0, 0.26])
"""Norm and eta/s."""
EVENTS, DESIGN, SETS, GRID = 8, 24, 20, 12
GENERATORS = {"linear_response": {}, "harmonic_response": {"multiplied": 4}}
STATES = 40
"""Initial states that the generator answers to at each point of the grid, the same at all."""
ANSWERED, POOL = 2000, 1600
"""Parameters at which the generator teaches the neural posterior, and initial states of which each has 8."""
NEURAL = {
    "name": "neural", "family": "neural_posterior",
    "encoder": {"kind": "dense", "width": 32, "layers": 2, "features": 8},
    "flow": {"transforms": 2, "bins": 8, "width": 32},
}  # fmt: skip
STEPS, BATCH = 1500, 128
FINE = 80
COLUMNS = ("ln_N", "mean_pt", "v2")


def states(count, seed):
    """Densities of norm 1, (count, n, n)."""
    keys = ("cross_section", "cells", "spacing", "norm", "nucleon_width", "fluctuation", "reduced_p")
    trento = Trento(NUCLEI["Cu"], NUCLEI["Cu"], (3.0, 3.0), **{key: BLOCK[key] for key in keys})
    return trento.events(range(count), seed).densities


def hydrodynamics(densities, viscosity):
    """Spectra (n, 3, p_T, phi) of densities at one viscosity."""
    keys = ("spacing", "start_time", "switching_temperature", "time_step", "pt_nodes", "pt_max", "angles")
    return spectra_of(densities, viscosity=float(viscosity), **{key: BLOCK[key] for key in keys}).values


def events_of(system, spectra):
    """N, sum of p_T, and |V_2|^2 of each event, (n, 3)."""
    view = system.view(Pairs(np.zeros((len(spectra), 1, 1)), spectra))
    return np.column_stack([view.yields, view.yields * view.mean_pt, np.abs(view.vectors[:, 0]) ** 2])


def observed(events):
    """Ln N, <p_T>, v_2{2} of events (n, 3), and the covariance that one event would have, by the delta method."""
    number, momentum, square = events.mean(0)
    pt, flow = momentum / number, np.sqrt(square)
    influence = [
        events[:, 0] / number,
        (events[:, 1] - pt * events[:, 0]) / number,
        events[:, 2] / (2 * flow),
    ]
    return np.array([np.log(number), pt, flow]), np.cov(influence)


def unit(theta):
    """Parameters on (-1, 1)."""
    return 2 * (theta - LOW) / (HIGH - LOW) - 1


def quadratic(theta):
    """1, u, u^2 and the product."""
    u, v = unit(theta).T
    return np.column_stack([np.ones(len(u)), u, v, u * u, u * v, v * v])


def surface(points, values, at):
    """Values (n, ...) at points by a quadratic surface, at other points."""
    flat = values.reshape(len(values), -1)
    return (quadratic(at) @ np.linalg.lstsq(quadratic(points), flat, rcond=None)[0]).reshape(
        -1, *values.shape[1:]
    )


def posterior(mean, covariance, y):
    """Posterior of y on the fine grid, (FINE^2,), sum 1."""
    difference = y - mean
    z = np.einsum("qi,qij,qj->q", difference, np.linalg.inv(covariance), difference)
    log_likelihood = -0.5 * (z + np.linalg.slogdet(covariance)[1])
    weight = np.exp(log_likelihood - log_likelihood.max())
    return weight / weight.sum()


def moments(weight, fine):
    """Mean and deviation of a posterior."""
    mean = weight @ fine
    return mean, np.sqrt(weight @ (fine - mean) ** 2)


def covered(weight, fine, truth, credibility):
    """Whether the truth lies in the central interval, of each parameter."""
    inside = [weight[fine[:, k] <= truth[k]].sum() for k in range(2)]
    return np.abs(np.array(inside) - 0.5) < credibility / 2


def simulated(system, points, seed):
    """Fresh events at each point: numbers (points, EVENTS, 3), densities and spectra."""
    densities = [norm * states(EVENTS, seed + k) for k, (norm, _) in enumerate(points)]
    spectra = [hydrodynamics(d, eta) for d, (_, eta) in zip(densities, points, strict=True)]
    return (
        np.stack([events_of(system, s) for s in spectra]),
        np.concatenate(densities),
        np.concatenate(spectra),
    )


def by_direct_grid(system, grid, fine):
    """Mean and covariance of data on the fine grid."""
    events, _, _ = simulated(system, grid, 10_000)
    vectors, covariances = map(np.array, zip(*map(observed, events), strict=True))
    # A quadratic surface has six coefficients.
    of_surface = 6 / (len(grid) * EVENTS)
    covariance = np.mean(covariances, axis=0) * (1 / EVENTS + of_surface)
    return surface(grid, vectors, fine), np.broadcast_to(covariance, (len(fine), 3, 3))


def by_emulator(design, events, fine):
    """The same by Gaussian processes, whose covariance holds that of 8 events."""
    vectors = np.array([observed(part)[0] for part in events])
    return fit_emulator(unit(design), vectors, components=3).predict(unit(fine))


def answers(model, densities, viscosity):
    """Spectra of a generator."""
    condition = {"inputs": torch.as_tensor(densities), "viscosity": torch.as_tensor(viscosity)}
    return model.sample(len(densities), torch.Generator().manual_seed(1), condition).values.numpy()


def by_generator(system, model, grid, fine):
    """The same by a generator's answers to the same fresh states at each point of the grid."""
    fresh = states(STATES, 77)
    parts = [
        observed(events_of(system, answers(model, norm * fresh, np.full(STATES, eta)))) for norm, eta in grid
    ]
    vectors, covariances = map(np.array, zip(*parts, strict=True))
    covariance = surface(grid, covariances, fine) * (1 / EVENTS + 1 / STATES)
    return surface(grid, vectors, fine), covariance


def by_neural_posterior(system, generator, fine, data):
    """Posteriors of data on the fine grid, learned from a generator's answers at parameters of the prior."""
    draw, pool = np.random.default_rng(11), states(POOL, 99)
    names = ("norm", "viscosity")
    prior = prior_from(
        {name: {"uniform": list(ends)} for name, *ends in zip(names, LOW, HIGH, strict=True)}, "system"
    )
    theta = prior.sample(ANSWERED, draw)
    chosen = draw.integers(POOL, size=(ANSWERED, EVENTS))
    vectors = []
    for (norm, eta), rows in zip(theta, chosen, strict=True):
        spectra = answers(generator, norm * pool[rows], np.full(EVENTS, eta))
        vectors.append(observed(events_of(system, spectra))[0])
    pairs = Pairs(torch.tensor(np.array(vectors)).float(), torch.tensor(theta).float())
    torch.manual_seed(1)
    model = build_model(NEURAL, pairs, SimpleNamespace(prior=prior))
    learn(model, model.examples(pairs, 0).rows)
    grid, weights = torch.tensor(fine), []
    for y in data:
        log_q = model.log_posterior(grid, torch.tensor(y).float().expand(len(grid), 3)).numpy()
        weight = np.exp(log_q - log_q.max())
        weights.append(weight / weight.sum())
    return weights


def learn(model, rows):
    """Train by Adam with a falling rate."""
    generator = torch.Generator().manual_seed(2)
    optimiser = torch.optim.Adam(model.network.parameters(), lr=2e-3)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, STEPS)
    for _ in range(STEPS):
        batch = torch.randint(len(rows[0]), (BATCH,), generator=generator)
        optimiser.zero_grad()
        model.loss(tuple(part[batch] for part in rows), generator).backward()
        optimiser.step()
        schedule.step()


def apart(first, second):
    """Accuracy of the best classifier between posteriors of the same data."""
    return np.mean([0.5 + 0.25 * np.abs(one - other).sum() for one, other in zip(first, second, strict=True)])


def correlation(events):
    """Of v_2^2 and [p_T] about the means of each data set, (sets, events, 3)."""
    pt, square = events[..., 1] / events[..., 0], events[..., 2]
    pt, square = (part - part.mean(1, keepdims=True) for part in (pt, square))
    return float((pt * square).sum() / np.sqrt(np.square(pt).sum() * np.square(square).sum()))


def timed(price, name, work):
    """Run, and add its CPU seconds to a price."""
    start = time.process_time()
    result = work()
    price[name] = price.get(name, 0.0) + time.process_time() - start
    return result


def main():
    """Print the tables."""
    system, price = system_from(BLOCK), {}
    axes = [np.linspace(low, high, GRID) for low, high in zip(LOW, HIGH, strict=True)]
    grid = np.stack(np.meshgrid(*axes, indexing="ij"), -1).reshape(-1, 2)
    cells = [low + (high - low) * (np.arange(FINE) + 0.5) / FINE for low, high in zip(LOW, HIGH, strict=True)]
    fine = np.stack(np.meshgrid(*cells, indexing="ij"), -1).reshape(-1, 2)
    design = LOW + (HIGH - LOW) * qmc.Sobol(2, seed=1).random(DESIGN)
    hydrodynamics(20 * states(1, 0), 0.1)  # Compiles.
    learned = timed(price, "design", lambda: simulated(system, design, 20_000))
    pairs = Pairs(
        *map(torch.as_tensor, learned[1:]), {"viscosity": torch.as_tensor(np.repeat(design[:, 1], EVENTS))}
    )
    models = {
        name: timed(
            price, name, lambda n=name, s=settings: build_model({"name": n, "family": n} | s, pairs, system)
        )
        for name, settings in GENERATORS.items()
    }
    laws = {
        "direct": timed(price, "direct", lambda: by_direct_grid(system, grid, fine)),
        "emulator": timed(price, "emulator", lambda: by_emulator(design, learned[0], fine)),
        "prior": (np.zeros((len(fine), 3)), np.broadcast_to(1e6 * np.eye(3), (len(fine), 3, 3))),
    }
    laws |= {
        name: timed(price, name, lambda m=model: by_generator(system, m, grid, fine))
        for name, model in models.items()
    }
    truths = LOW + (HIGH - LOW) * np.random.default_rng(5).random((SETS, 2))
    data, densities, _ = simulated(system, truths, 30_000)
    vectors = [observed(part)[0] for part in data]
    weights = {name: [posterior(*law, y) for y in vectors] for name, law in laws.items()}
    weights["neural"] = timed(
        price,
        "neural",
        lambda: by_neural_posterior(system, models["harmonic_response"], fine, vectors),
    )
    rows = []
    for name, parts in weights.items():
        pairs_of_moments = [
            (moments(w, fine), moments(d, fine)) for w, d in zip(parts, weights["direct"], strict=True)
        ]
        shifts = np.array([(one[0] - other[0]) / other[1] for one, other in pairs_of_moments])
        widths = np.array([one[1] / other[1] for one, other in pairs_of_moments])
        inside = {
            c: np.mean([covered(w, fine, t, c) for w, t in zip(parts, truths, strict=True)])
            for c in (0.6827, 0.9545)
        }
        rows.append(
            [
                name,
                *np.sqrt((shifts**2).mean(0)),
                *widths.mean(0),
                apart(parts, weights["direct"]),
                *inside.values(),
            ]
        )
    columns = [
        "route",
        "shift_norm",
        "shift_eta",
        "width_norm",
        "width_eta",
        "C2ST",
        "covered_68",
        "covered_95",
    ]
    print(pd.DataFrame(rows, columns=columns).round(3).to_string(index=False))
    print("C2ST of each two routes:")
    table = {one: {other: apart(weights[one], weights[other]) for other in weights} for one in weights}
    print(pd.DataFrame(table).round(3).to_string())
    viscosities, error = np.repeat(truths[:, 1], EVENTS), (SETS * (EVENTS - 1)) ** -0.5
    print(f"rho(v2^2, [pT]): hydrodynamics {correlation(data):.3f}, error {error:.3f}")
    for name, model in models.items():
        drawn = events_of(system, answers(model, densities, viscosities)).reshape(data.shape)
        print(f"  of the same initial states by {name}: {correlation(drawn):.3f}")
    print("CPU s:", {name: round(seconds, 1) for name, seconds in price.items()})


if __name__ == "__main__":
    main()
