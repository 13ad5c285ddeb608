"""Makes the models and the reference figures in this folder: python3 export.py

Needs PyTorch (1.13 was used) and NumPy; the tests that read what it makes do not. For every model there are
NAME.onnx, as exported for training, and NAME.safetensors with the samples, their order, what the model says of the
first batch, the losses, and all parameters and running statistics after 1 and 20 steps of SGD and of AdamW.
"""

import json
import os
import struct

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

FOLDER = os.path.dirname(os.path.abspath(__file__))
BATCH, ROWS, STEPS = 8, 32, 20
SGD = dict(lr=0.05, momentum=0.9, weight_decay=1e-3)
# A larger epsilon than usual: attention's bias of the keys has no gradient but rounding, which Adam would scale up.
ADAMW = dict(lr=1e-3, weight_decay=0.05, eps=1e-6)


class Mlp(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(
            nn.Linear(64, 48), nn.ReLU(), nn.Linear(48, 32), nn.Tanh(), nn.Linear(32, 10)
        )

    def forward(self, x):
        return self.layers(x)


class LeNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 6, 5, padding=2)
        self.conv2 = nn.Conv2d(6, 16, 5)
        self.fc1 = nn.Linear(64, 32)
        self.fc2 = nn.Linear(32, 10)

    def forward(self, x):
        x = F.max_pool2d(torch.relu(self.conv1(x)), 2)
        x = torch.relu(F.max_pool2d(self.conv2(x), 2))
        return self.fc2(torch.relu(self.fc1(torch.flatten(x, 1))))


class Residual(nn.Module):
    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(outputs)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(outputs)
        self.down = nn.Sequential()
        if stride != 1 or inputs != outputs:
            self.down = nn.Sequential(nn.Conv2d(inputs, outputs, 1, stride, bias=False), nn.BatchNorm2d(outputs))

    def forward(self, x):
        y = self.bn2(self.conv2(torch.relu(self.bn1(self.conv1(x)))))
        return torch.relu(y + self.down(x))


class ResNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(3, 8, 3, padding=1, bias=False), nn.BatchNorm2d(8), nn.ReLU())
        self.pool = nn.MaxPool2d(3, 2, 1)
        self.blocks = nn.Sequential(Residual(8, 8, 1), Residual(8, 16, 2))
        self.head = nn.Linear(16, 10)

    def forward(self, x):
        x = self.blocks(self.pool(self.stem(x)))
        return self.head(F.adaptive_avg_pool2d(x, 1).flatten(1))


class MobileNet(nn.Module):
    """An inverted residual with a depthwise convolution, a squeeze and excitation, and a classifier."""

    def __init__(self):
        super().__init__()
        self.expand = nn.Sequential(nn.Conv2d(8, 24, 1, bias=False), nn.BatchNorm2d(24), nn.ReLU6())
        self.depthwise = nn.Sequential(
            nn.Conv2d(24, 24, 3, 2, 1, groups=24, bias=False), nn.BatchNorm2d(24), nn.Hardswish()
        )
        self.squeeze = nn.Sequential(
            nn.AdaptiveAvgPool2d(1), nn.Conv2d(24, 6, 1), nn.ReLU(), nn.Conv2d(6, 24, 1), nn.Hardsigmoid()
        )
        self.project = nn.Sequential(nn.Conv2d(24, 8, 1, bias=False), nn.BatchNorm2d(8))
        self.pool = nn.AvgPool2d(3, 2, 1, count_include_pad=False)
        self.head = nn.Linear(8, 10)

    def forward(self, x):
        y = self.depthwise(self.expand(x))
        y = self.project(y * self.squeeze(y)) + self.pool(x)
        return self.head(y.mean((2, 3)))


class Text(nn.Module):
    """Embedding, a convolution over the sequence, the strongest of each feature, a classifier."""

    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(50, 16)
        self.conv = nn.Conv1d(16, 24, 3, padding=1)
        self.head = nn.Linear(24, 4)

    def forward(self, tokens):
        x = self.embedding(tokens).transpose(1, 2)
        return self.head(F.leaky_relu(self.conv(x), 0.1).amax(2))


class Block(nn.Module):
    def __init__(self, width, heads, length):
        super().__init__()
        self.heads = heads
        self.norm1, self.norm2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.qkv = nn.Linear(width, 3 * width)
        self.out = nn.Linear(width, width)
        self.up, self.down = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)
        self.register_buffer("mask", torch.full((length, length), float("-inf")).triu(1), persistent=False)

    def forward(self, x):
        batch, length, width = x.shape
        split = lambda t: t.view(batch, length, self.heads, width // self.heads).transpose(1, 2)
        q, k, v = map(split, self.qkv(self.norm1(x)).chunk(3, -1))
        weights = torch.softmax(q @ k.transpose(-1, -2) * (width // self.heads) ** -0.5 + self.mask, -1)
        x = x + self.out((weights @ v).transpose(1, 2).reshape(batch, length, width))
        return x + self.down(F.gelu(self.up(self.norm2(x))))


class Transformer(nn.Module):
    def __init__(self, vocabulary=32, width=24, heads=2, length=12):
        super().__init__()
        self.tokens, self.places = nn.Embedding(vocabulary, width), nn.Parameter(0.1 * torch.randn(length, width))
        self.blocks = nn.Sequential(Block(width, heads, length), Block(width, heads, length))
        self.norm, self.head = nn.LayerNorm(width), nn.Linear(width, vocabulary, bias=False)

    def forward(self, tokens):
        return self.head(self.norm(self.blocks(self.tokens(tokens) + self.places)))


class Convolutional(nn.Module):
    """The network of the throughput benchmark: two convolutions of 16 and 32 filters on 28x28 images."""

    def __init__(self):
        super().__init__()
        self.conv1, self.conv2 = nn.Conv2d(1, 16, 5), nn.Conv2d(16, 32, 5)
        self.fc1, self.fc2 = nn.Linear(512, 128), nn.Linear(128, 10)

    def forward(self, x):
        x = F.max_pool2d(torch.relu(self.conv1(x)), 2)
        x = F.max_pool2d(torch.relu(self.conv2(x)), 2)
        return self.fc2(torch.relu(self.fc1(x.flatten(1))))


class UNet(nn.Module):
    """One level down and up again, with a skip; a class for every pixel."""

    def __init__(self):
        super().__init__()
        conv = lambda i, o: nn.Sequential(nn.Conv2d(i, o, 3, padding=1), nn.GroupNorm(2, o), nn.SiLU())
        self.inside, self.below, self.outside = conv(3, 8), conv(8, 16), conv(16, 8)
        self.up = nn.ConvTranspose2d(16, 8, 2, 2)
        self.head = nn.Conv2d(8, 3, 1)

    def forward(self, x):
        side = self.inside(x)
        deep = self.up(self.below(F.max_pool2d(side, 2)))
        return self.head(self.outside(torch.cat([side, deep], 1)))


def wide():
    return nn.Sequential(nn.Linear(784, 256), nn.ReLU(), nn.Linear(256, 128), nn.ReLU(), nn.Linear(128, 10))


# Models of the throughput benchmark, with a sample and the number of classes; made here and timed by torch_train.py.
BENCHMARK = {
    "bench-mlp": lambda: (wide(), torch.randn(1, 784), 10),
    "bench-cnn": lambda: (Convolutional(), torch.randn(1, 1, 28, 28), 10),
    "bench-transformer": lambda: (Transformer(64, 64, 4, 32), torch.randint(64, (1, 32)), 64),
}


def labels(classes, *shape):
    return torch.randint(classes, (ROWS, *shape))


MODELS = {
    "mlp": lambda: (Mlp(), torch.randn(ROWS, 64), labels(10)),
    "lenet": lambda: (LeNet(), torch.randn(ROWS, 1, 16, 16), labels(10)),
    "resnet": lambda: (ResNet(), torch.randn(ROWS, 3, 16, 16), labels(10)),
    "mobilenet": lambda: (MobileNet(), torch.randn(ROWS, 8, 8, 8), labels(10)),
    "text": lambda: (Text(), torch.randint(50, (ROWS, 16)), labels(4)),
    "transformer": lambda: (Transformer(), torch.randint(32, (ROWS, 12)), labels(32, 12)),
    "unet": lambda: (UNet(), torch.randn(ROWS, 3, 12, 12), labels(3, 12, 12)),
}


def loss_of(output, target):
    classes_last = output.dim() == target.dim() + 1 and output.dim() == 3
    return F.cross_entropy(output.transpose(1, 2) if classes_last else output, target)


def train(model, x, y, order, make):
    """Losses of all steps, and the state after 1 and after all of them."""
    model.train()
    optimiser, losses, states = make(model.parameters()), [], {}
    for step, rows in enumerate(order, 1):
        optimiser.zero_grad()
        loss = loss_of(model(x[rows]), y[rows])
        loss.backward()
        optimiser.step()
        losses.append(loss.item())
        if step in (1, STEPS):
            states[step] = {k: v.clone() for k, v in model.state_dict().items() if v.is_floating_point()}
    return losses, states


def save(path, tensors):
    """A safetensors file: length of the header, header, data."""
    names, header, start = {"float32": "F32", "int64": "I64"}, {}, 0
    for name, value in tensors.items():
        end = start + value.nbytes
        header[name] = {"dtype": names[str(value.dtype)], "shape": value.shape, "data_offsets": [start, end]}
        start = end
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text)
        for value in tensors.values():
            file.write(np.ascontiguousarray(value).tobytes())


def write_onnx(name, model, x):
    torch.onnx.export(
        model,
        x,
        os.path.join(FOLDER, f"{name}.onnx"),
        opset_version=17,
        input_names=["x"],
        output_names=["y"],
        dynamic_axes={"x": {0: "batch"}, "y": {0: "batch"}},
        training=torch.onnx.TrainingMode.TRAINING,
        do_constant_folding=False,
    )


def export(name, make):
    torch.manual_seed(7)
    model, x, y = make()
    write_onnx(name, model, x[:BATCH])
    order = torch.arange(STEPS * BATCH).view(STEPS, BATCH) * 5 % ROWS
    start = {k: v.clone() for k, v in model.state_dict().items()}
    tensors = {"x": x, "target": y, "order": order}
    model.eval()
    with torch.no_grad():
        tensors["output"] = model(x[order[0]])
    for label, make_optimiser in {
        "sgd": lambda p: torch.optim.SGD(p, **SGD),
        "adamw": lambda p: torch.optim.AdamW(p, **ADAMW),
    }.items():
        model.load_state_dict(start)
        losses, states = train(model, x, y, order, make_optimiser)
        tensors[f"{label}/losses"] = torch.tensor(losses)
        for step, state in states.items():
            tensors.update({f"{label}/{step}/{k}": v for k, v in state.items()})
    save(os.path.join(FOLDER, f"{name}.safetensors"), {k: v.numpy() for k, v in tensors.items()})
    print(name, sum(p.numel() for p in model.parameters()), "parameters")


if __name__ == "__main__":
    torch.set_num_threads(1)
    for name, make in MODELS.items():
        export(name, make)
    for name, make in BENCHMARK.items():
        model, x, _ = make()
        for parameter in model.parameters():
            parameter.data.zero_()  # the benchmark fills them; zeros take no room in the history
        write_onnx(name, model, x)
