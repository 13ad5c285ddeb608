"""PyTorch's side of the training benchmark: python3 torch_train.py MODEL THREADS

Prints "ready", then for every line with a number of seconds trains that long and prints milliseconds per step.
"""

import os
import sys
import time

import torch
import torch.nn.functional as F

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "models"))
sys.dont_write_bytecode = True
from export import BENCHMARK

name, threads = sys.argv[1], int(sys.argv[2])
torch.set_num_threads(threads)
torch.manual_seed(0)
model, sample, classes = BENCHMARK[name]()
batch, batches = (16 if "transformer" in name else 64), 50
rows = batch * batches
if sample.is_floating_point():
    x, y = torch.randn(rows, *sample.shape[1:]), torch.randint(classes, (rows,))
else:
    x, y = torch.randint(classes, (rows, *sample.shape[1:])), torch.randint(classes, (rows, *sample.shape[1:]))
optimiser = torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.9)


def step(i):
    at = slice(i % batches * batch, i % batches * batch + batch)
    optimiser.zero_grad(set_to_none=True)
    loss = F.cross_entropy(model(x[at]).flatten(0, -2), y[at].flatten())
    loss.backward()
    optimiser.step()


for i in range(10):
    step(i)
print("ready", flush=True)
for line in sys.stdin:
    start, steps = time.perf_counter(), 0
    while time.perf_counter() - start < float(line):
        for i in range(10):
            step(steps + i)
        steps += 10
    print((time.perf_counter() - start) / steps * 1000, flush=True)
