import pytest
import torch
from safetensors.torch import save_file

from emulant.errors import InputError
from emulant.families import load_model
from emulant.families.diffusion.model import Model
from emulant.networks.lattice import OddLatticeNetwork
from emulant.storage.records import write_json
from emulant.training.loop import TrainingSettings, train
from tests.settings import SMALL_DIFFUSION

SHORT = TrainingSettings(steps=12, batch=32, report_every=4, checkpoint_every=100)


def fields(count=600):
    generator = torch.Generator().manual_seed(1)
    white = torch.randn(count, 6, 6, generator=generator)
    return white + 0.5 * white.roll(1, 1) + 0.5 * white.roll(1, 2)


@pytest.mark.parametrize("shape", [(8,), (4, 6), (4, 4, 4)])
def test_network_is_odd_and_commutes_with_translations(shape):
    torch.manual_seed(0)
    network = OddLatticeNetwork(len(shape), channels=4, blocks=2)
    torch.nn.init.normal_(network.project)
    x, level = torch.randn(3, 2, *shape), torch.tensor([-1.0, 0.0, 2.0])
    out = network(x, level)
    torch.testing.assert_close(network(-x, level), -out)
    torch.testing.assert_close(network(x.roll(1, 2), level), out.roll(1, 1), atol=1e-5, rtol=1e-5)
    assert out.abs().max() > 0


def test_an_untrained_model_samples_its_measure():
    data = fields(20000)
    model = Model.build(SMALL_DIFFUSION, data)
    generated = model.sample(8000, torch.Generator().manual_seed(2)).values
    assert float(generated.var()) == pytest.approx(float(data.var()), rel=0.02)
    assert float((generated * generated.roll(1, 1)).mean()) == pytest.approx(
        float((data * data.roll(1, 1)).mean()), rel=0.05
    )


def test_a_stopped_training_goes_on_to_the_same_weights(tmp_path):
    def run(checkpoint, **options):
        torch.manual_seed(3)
        model = Model.build(SMALL_DIFFUSION, fields())
        return train(
            model, model.examples(fields(), 5), SHORT, seed=5, checkpoint=checkpoint, stamp="x", **options
        )

    whole, curve = run(tmp_path / "a")
    run(tmp_path / "b", stop_after=7)
    resumed, again = run(tmp_path / "b")
    assert repr(curve) == repr(again)
    for name in whole:
        torch.testing.assert_close(whole[name], resumed[name], atol=0, rtol=0)


def test_bfloat16_rounds_the_network_of_a_generation_alone():
    """A relative error of 2^-9 in each factor leaves some 2^-8 of what the network does; likelihoods have none."""
    torch.manual_seed(1)
    model, latents = Model.build(SMALL_DIFFUSION, fields()), torch.randn(256, 6, 6)
    torch.nn.init.normal_(model.network.project, std=0.1)
    generator, noise = torch.Generator(), torch.full((256,), 0.5)
    exact, force = model.generate(latents, generator), model.residual(latents, noise)
    model.settings = SMALL_DIFFUSION | {
        "generation": SMALL_DIFFUSION["generation"] | {"precision": "bfloat16"}
    }
    rounded = model.generate(latents, generator)
    torch.testing.assert_close(model.residual(latents, noise), force, atol=0, rtol=0)
    torch.nn.init.zeros_(model.network.project)
    without = model.generate(latents, generator)
    assert rounded.dtype == torch.float32
    assert 0 < (rounded - exact).std() < 0.02 * (without - exact).std()


def test_a_checkpoint_of_another_config_is_not_continued(tmp_path):
    torch.manual_seed(3)
    model = Model.build(SMALL_DIFFUSION, fields())
    examples = model.examples(fields(), 5)
    train(model, examples, SHORT, seed=5, checkpoint=tmp_path / "c", stamp="one", stop_after=4)
    _, curve = train(
        Model.build(SMALL_DIFFUSION, fields()),
        examples,
        SHORT,
        seed=5,
        checkpoint=tmp_path / "c",
        stamp="two",
    )
    assert [row["step"] for row in curve] == [4, 8, 12]


@pytest.mark.parametrize("last", [{}, {"last_map": 256}])
def test_save_and_load_without_pickle(tmp_path, last):
    torch.manual_seed(1)
    settings = SMALL_DIFFUSION | last
    model = Model.build(settings, fields())
    torch.nn.init.normal_(model.network.project, std=0.01)
    model.calibrate(model.examples(fields(), 1), torch.Generator().manual_seed(3))
    assert (model.last_map is not None) == bool(last)
    save_file(model.tensors(), tmp_path / "weights.safetensors")
    write_json(tmp_path / "model.json", {"settings": settings, "site_shape": [6, 6]})
    loaded = load_model(tmp_path)
    one, two = (m.sample(5, torch.Generator().manual_seed(7)).values for m in (model, loaded))
    torch.testing.assert_close(one, two, atol=0, rtol=0)


def test_a_last_map_is_not_measured_on_fields_that_are_no_numbers():
    torch.manual_seed(1)
    model = Model.build(SMALL_DIFFUSION | {"last_map": 256}, fields())
    torch.nn.init.constant_(model.network.project, 1e30)
    with pytest.raises(InputError, match="last_map: expected a model whose fields are finite"):
        model.calibrate(model.examples(fields(), 1), torch.Generator().manual_seed(3))


def test_score_points_down_the_action_of_a_gaussian():
    model = Model.build({**SMALL_DIFFUSION, "zero_mode_components": 0}, fields(20000))
    x = fields(4) / model.field_unit()
    t = 0.3
    noise = model.path.noise(t) * model.field_unit()
    exact = (
        -model.measure.filtered(x * model.field_unit(), 1 / (model.measure.power + noise**2))
        * model.field_unit()
    )
    torch.testing.assert_close(model.score(x, t), exact.to(x.dtype), atol=1e-4, rtol=1e-3)


@pytest.mark.parametrize(("solver", "steps"), [("probability_flow", 40), ("euler_maruyama", 150)])
def test_every_solver_makes_the_measured_variance(solver, steps):
    """An untrained model is its Gaussian measure: 5 % at 1000 fields of 36 sites is 5 errors."""
    data = fields(20000)
    settings = {
        **SMALL_DIFFUSION,
        "zero_mode_components": 0,
        "generation": {"solver": solver, "steps": steps},
    }
    generated = Model.build(settings, data).sample(1000, torch.Generator().manual_seed(2)).values
    assert float(generated.var()) == pytest.approx(float(data.var()), rel=0.05)
