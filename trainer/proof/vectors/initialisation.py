"""Independent implementation of the seeded initialisation, for the vectors beside it.

Run: python3 initialisation.py > initialisation.json
Only the standard library is used; Python's floats are IEEE 754 doubles, `struct` rounds to float32.
"""
import hashlib
import json
import math
import struct


def chacha20(key, length):
    def rotate(x, n):
        return ((x << n) | (x >> (32 - n))) & 0xFFFFFFFF

    def quarter(s, a, b, c, d):
        s[a] = (s[a] + s[b]) & 0xFFFFFFFF; s[d] = rotate(s[d] ^ s[a], 16)
        s[c] = (s[c] + s[d]) & 0xFFFFFFFF; s[b] = rotate(s[b] ^ s[c], 12)
        s[a] = (s[a] + s[b]) & 0xFFFFFFFF; s[d] = rotate(s[d] ^ s[a], 8)
        s[c] = (s[c] + s[d]) & 0xFFFFFFFF; s[b] = rotate(s[b] ^ s[c], 7)

    out = b""
    for block in range((length + 63) // 64):
        start = list(struct.unpack("<4I", b"expand 32-byte k") + struct.unpack("<8I", key) + (block, 0, 0, 0))
        s = start[:]
        for _ in range(10):
            for q in ((0, 4, 8, 12), (1, 5, 9, 13), (2, 6, 10, 14), (3, 7, 11, 15),
                      (0, 5, 10, 15), (1, 6, 11, 12), (2, 7, 8, 13), (3, 4, 9, 14)):
                quarter(s, *q)
        out += struct.pack("<16I", *((x + y) & 0xFFFFFFFF for x, y in zip(s, start)))
    return out[:length]


class Stream:
    def __init__(self, seed):
        self.bytes, self.at = chacha20(seed, 65536), 0

    def u32(self):
        self.at += 4
        return struct.unpack_from("<I", self.bytes, self.at - 4)[0]

    def unit(self):
        low = self.u32()
        return ((self.u32() << 32 | low) >> 11) / 2 ** 53


def log(x):
    mantissa, exponent = math.frexp(x)  # in [0.5, 1): bring it to (0.75, 1.5]
    mantissa, exponent = mantissa * 2, exponent - 1
    if mantissa > 1.5:
        mantissa, exponent = mantissa / 2, exponent + 1
    t = (mantissa - 1) / (mantissa + 1)
    total = 0.0
    for k in range(33, 0, -2):
        total = total * (t * t) + 1 / k
    return exponent * math.log(2) + 2 * t * total


def normals(stream):
    while True:
        u, v = 2 * stream.unit() - 1, 2 * stream.unit() - 1
        s = u * u + v * v
        if 0 < s < 1:
            scale = math.sqrt(-2 * log(s) / s)
            yield u * scale
            yield v * scale


def draw(seed, name, law, shape, fan_in, fan_out, count):
    child = hashlib.blake2b(seed + b"init/" + name.encode() + struct.pack("<Q", 0), digest_size=32).digest()
    stream = Stream(child)
    sigma = math.sqrt({"gmm2": 2 / fan_in, "he": 2 / fan_in, "xavier": 2 / (fan_in + fan_out), "fanIn": 1 / fan_in}[law])
    values, gauss = [], normals(stream)
    for _ in range(count):
        if law == "gmm2":
            centre = 2 if stream.u32() >> 31 else -2
            value = sigma / math.sqrt(5) * (centre + next(gauss))
        elif shape == "uniform":
            value = sigma * math.sqrt(3) * (2 * stream.unit() - 1)
        else:
            value = sigma * next(gauss)
        values.append(value)
    return struct.pack(f"<{count}f", *values).hex()


seed = bytes(range(32))
cases = [("gmm2", None)] + [(law, shape) for law in ("he", "xavier", "fanIn") for shape in ("normal", "uniform")]
print(json.dumps([
    {"law": {"law": law} if shape is None else {"law": law, "shape": shape},
     "fanIn": 200, "fanOut": 300, "float32": draw(seed, "w", law, shape, 200, 300, 100)}
    for law, shape in cases], indent=1))
