"""Writes gemm-challenge.json: the hardware challenge computed from its description, independently of the TypeScript."""
import hashlib, json, struct
import numpy as np

N, ROUNDS, PICKS = 256, 3, 4
SEED, RANDOMNESS = bytes(range(32)), bytes(range(32, 64))


def h(*parts):
    return hashlib.blake2b(b"".join(parts), digest_size=32).digest()


def chacha20(key, nonce, blocks):
    """Keystream blocks 0 .. blocks-1, all at once: one column per block."""
    words = lambda b: np.frombuffer(b, "<u4").astype(np.uint32)
    head = np.concatenate([words(b"expand 32-byte k"), words(key)])
    s = np.empty((16, blocks), np.uint32)
    s[:12] = head[:, None]
    s[12] = np.arange(blocks, dtype=np.uint32)
    s[13:] = words(nonce)[:, None]
    w = s.copy()
    rot = lambda x, n: (x << np.uint32(n)) | (x >> np.uint32(32 - n))

    def q(a, b, c, d):
        w[a] += w[b]; w[d] = rot(w[d] ^ w[a], 16)
        w[c] += w[d]; w[b] = rot(w[b] ^ w[c], 12)
        w[a] += w[b]; w[d] = rot(w[d] ^ w[a], 8)
        w[c] += w[d]; w[b] = rot(w[b] ^ w[c], 7)

    for _ in range(10):
        q(0, 4, 8, 12); q(1, 5, 9, 13); q(2, 6, 10, 14); q(3, 7, 11, 15)
        q(0, 5, 10, 15); q(1, 6, 11, 12); q(2, 7, 8, 13); q(3, 4, 9, 14)
    return (w + s).T.astype("<u4").tobytes()


def matrix(seed, name):
    stream = np.frombuffer(chacha20(seed, b"gemm/" + name + bytes(6), N * N // 128), np.uint8)
    return np.stack([stream & 15, stream >> 4], axis=1).reshape(N, N).astype(np.int64) - 8


def tree(level):
    levels = [level]
    while len(level) > 1:
        level = [h(b"\1", level[i], level[i + 1]) if i + 1 < len(level) else level[i] for i in range(0, len(level), 2)]
        levels.append(level)
    return levels


rounds, seed = [], SEED
for _ in range(ROUNDS):
    product = matrix(seed, b"A") @ matrix(seed, b"B").T  # B is laid out column by column
    leaves = product.astype("<i4").tobytes()
    leaves = [leaves[i : i + 1024] for i in range(0, len(leaves), 1024)]
    levels = tree([h(b"\0", leaf) for leaf in leaves])
    root = h(b"\2", struct.pack("<Q", len(leaves)), levels[-1][0])
    rounds.append((product, leaves, levels, root))
    seed = h(b"gemm/next", seed, root)

roots = [r[3] for r in rounds]
openings = []
for p in range(PICKS):
    a, b, c = struct.unpack("<III", h(b"gemm/pick", RANDOMNESS, struct.pack("<I", p))[:12])
    t, i, j = a % ROUNDS, b % N, c % N
    product, leaves, levels, _ = rounds[t]
    at, siblings = (i * N + j) // 256, []
    leaf = leaves[at]
    for level in levels[:-1]:
        if at ^ 1 < len(level):
            siblings.append(level[at ^ 1].hex())
        at //= 2
    openings.append({"round": t, "row": i, "column": j, "entry": int(product[i, j]), "leaf": leaf.hex(), "siblings": siblings})
json.dump(
    {
        "seed": SEED.hex(),
        "n": N,
        "rounds": ROUNDS,
        "randomness": RANDOMNESS.hex(),
        "roots": [r.hex() for r in roots],
        "commitment": h(b"gemm/commitment", SEED, struct.pack("<II", N, ROUNDS), *roots).hex(),
        "openings": openings,
    },
    open("gemm-challenge.json", "w"),
    indent=1,
)
