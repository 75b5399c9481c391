"""Write the checkpoints of ../fixtures/pth: small files by torch.save, one for each way in which it lays out or refuses things.

Needs PyTorch >= 1.13 and numpy (Debian: apt-get install python3-torch).  Usage: python3 make_pth_cases.py OUT_DIR
expected.safetensors has the values of those that can be read, in float32 and row-major: CASE.NAME.
"""
import math
import os
import sys

import torch
from torch import nn

from make_fixtures import noise, save_safetensors


def values(stream, *shape):
    return torch.from_numpy(noise(stream, math.prod(shape))).view(shape)


def tiny_model():
    """A convolution and a norm, one of them in a nested module, so that _metadata has something to say."""
    model = nn.Sequential(nn.Conv2d(2, 3, 3), nn.Sequential(nn.LayerNorm(3)))
    for stream, p in enumerate(model.parameters()):
        p.data = values(10 + stream, *p.shape)
    return model


def views():
    """Tensors that share one storage: whole, turned, cut out, repeated; and shapes at the edge."""
    base = values(0, 6, 8)
    cube = values(1, 2, 3, 4)
    return {
        "whole": base,
        "transposed": base.t(),
        "row": base[2],
        "column": base[:, 5],
        "sliced": base[1:6:2, 2:8:3],
        "cube": cube,
        "permuted": cube.permute(2, 0, 1),
        "permuted_slice": cube.permute(2, 0, 1)[1:3, :, ::2],
        "channels_last": values(2, 2, 3, 4, 5).to(memory_format=torch.channels_last),
        "expanded": base[:1, 3:4].expand(4, 2),
        "one_axis_of_one": base.t()[3:4],
        "scalar": torch.tensor(2.5),
        "from_the_middle": base.flatten()[17],
        "empty": torch.zeros(0, 3),
        "empty_slice": base[3:3],
    }


def types():
    edge = torch.tensor([0.0, -0.0, 1.0, -1.5, 2.0 ** -14, 2.0 ** -24, -(2.0 ** -20), 65504.0, 1 / 3])
    return {
        "float": torch.cat([values(3, 7), torch.tensor([1e-42, 3.4e38])]),
        "half": edge.half(),
        "half_turned": values(4, 3, 5).half().t(),
        "bfloat16": torch.cat([edge, torch.tensor([3.3e38, 1e-40])]).bfloat16(),
        "bfloat16_turned": values(5, 3, 5).bfloat16().t()[1:, ::2],
    }


class RunsACommand:
    def __reduce__(self):
        return os.system, ("echo the pickle was executed > pwned.txt",)


def main(out):
    os.makedirs(out, exist_ok=True)
    expected = {}

    def readable(case, tensors, saved, **options):
        torch.save(saved, f"{out}/{case}.pth", **options)
        for name, t in tensors.items():
            # A copy: the values may be a view on others.
            expected[f"{case}.{name}"] = t.detach().float().clone(memory_format=torch.contiguous_format)

    def refused(case, saved, **options):
        torch.save(saved, f"{out}/{case}.pth", **options)

    model = tiny_model()
    state = model.state_dict()
    wrong = {name: t + 1 for name, t in state.items()}
    parallel = nn.DataParallel(model).state_dict()
    readable("views", views(), views())
    readable("types", types(), types())
    readable("bare", state, state)
    readable("parallel", state, parallel)
    readable("parallel_params", state, {"params": parallel})
    readable("state_dict", state, {"epoch": 7, "state_dict": parallel, "arch": "tiny"})
    readable("parameters", state, dict(model.named_parameters()))
    readable("protocol4", state, {"params": state}, pickle_protocol=4)
    readable("protocol5", state, {"params": state}, pickle_protocol=5)
    # What training scripts leave beside the weights, the average last.
    optimizer = torch.optim.Adam(model.parameters(), betas=(0.9, 0.99))
    model(values(6, 1, 2, 5, 5)).sum().backward()
    optimizer.step()
    state = {name: t.clone() for name, t in state.items()}
    readable("training", state, {
        "iteration": 300000, "seed": 2 ** 70, "negative": -(2 ** 40), "loss": 0.01, "names": ["rain", "räume \U0001f327", ""], "done": True,
        "none": None, "sizes": (1, (2, 3), (4, 5, 6), (7, 8, 9, 10), ()), "steps": torch.arange(5),
        "optimizer": optimizer.state_dict(), "state_dict": wrong, "params": wrong, "params_ema": state,
    })
    readable("average_missing", state, {"params_ema": None, "params": state})

    refused("long", {"weight": values(7, 2), "steps": torch.arange(5)})
    refused("double", {"weight": values(8, 2).double()})
    refused("nested", {"model": {"params": state}, "epoch": 3})
    refused("list", [values(9, 2)])
    refused("whole_model", model)
    refused("legacy", {"params": state}, _use_new_zipfile_serialization=False)
    refused("command", {"params": RunsACommand(), **state})
    torch.jit.script(model).save(f"{out}/script.pth")
    save_safetensors(f"{out}/expected.safetensors", expected)


if __name__ == "__main__":
    main(sys.argv[1])
