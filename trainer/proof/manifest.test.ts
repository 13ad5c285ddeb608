import fc from "fast-check";
import { expect, test } from "vitest";
import { canonicalJson } from "./canonical.ts";
import { checkpoints, encodeManifest, manifestHash, parseManifest, totalSteps } from "./manifest.ts";

const hash = `0x${"ab".repeat(32)}`;
const job = {
  version: 1,
  model: { uri: "file:lenet.onnx", hash },
  loss: { type: "softmaxCrossEntropy" },
  optimiser: { type: "adamW", learningRate: 0.001 },
  batch: 64,
  length: { epochs: 3 },
  checkpointEvery: 100,
  training: {
    format: "idx",
    uri: "https://x.example/images",
    targetsUri: "file:labels",
    divide: 255,
    root: hash,
    samples: 60000,
  },
  validation: { access: "released", root: hash, samples: 10000 },
};
const read = (value: unknown) => parseManifest(JSON.stringify(value));
const problem = (change: Record<string, unknown>) => {
  const result = read({ ...job, ...change });
  return result.ok ? "accepted" : result.problems.map((p) => `${p.field}: ${p.message}`).join("; ");
};

test("one job has one byte string, whatever the spacing, order and defaults left out", () => {
  const first = read(job);
  const turned = Object.fromEntries(Object.entries(job).reverse());
  const second = parseManifest(JSON.stringify(turned, null, 4));
  if (!first.ok || !second.ok) throw new Error("refused");
  expect(manifestHash(second.manifest)).toBe(manifestHash(first.manifest));
  const again = parseManifest(encodeManifest(first.manifest));
  expect(again).toEqual(first);
  expect(totalSteps(first.manifest)).toBe(3 * 937);
  expect(checkpoints(first.manifest)).toBe(29);
});

test("the example of RFC 8785, section 3.2.2", () => {
  const text = `{"numbers":[333333333.33333329,1E30,4.50,2e-3,0.000000000000000000000000001],"string":"\\u20ac$\\u000F\\u000aA'\\u0042\\u0022\\u005c\\\\\\"\\/","literals":[null,true,false]}`;
  const expected = `{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\\u000f\\nA'B\\"\\\\\\\\\\"/"}`;
  expect(new TextDecoder().decode(canonicalJson(JSON.parse(text)))).toBe(expected);
});

test("a bad field is named", () => {
  expect(problem({ optimiser: { type: "adamW", learningRate: -1 } })).toMatch(/^optimiser.learningRate: /);
  expect(problem({ optimiser: { type: "sgd", learningRate: 0.1, nesterov: true } })).toMatch(
    /^optimiser.nesterov: /,
  );
  expect(problem({ model: { uri: "ftp://x/y", hash } })).toMatch(/^model.uri: must be a file:/);
  expect(problem({ model: { uri: "file:x", hash: "0xAB" } })).toMatch(/^model.hash: must be 0x/);
  expect(problem({ batch: 0 })).toMatch(/^batch: /);
  expect(problem({ batch: 65536 })).toMatch(/^batch: .*must not exceed/);
  expect(problem({ segment: 51 })).toMatch(/^segment: /);
  expect(problem({ checkpointEvery: 500 })).toMatch(/^checkpointEvery: gives 6 checkpoints over 2811 steps/);
  expect(problem({ loss: { type: "meanSquaredError" } })).toMatch(/^accuracy: /);
  const endless = { length: { steps: 1e9 }, checkpointEvery: 5e7, segment: 1 };
  expect(problem(endless)).toMatch(/^segment: gives more than 100000 segments/);
  expect(problem({ speed: 1 })).toMatch(/speed/);
  expect(problem({ thresholds: { spearman: 7 } })).toMatch(/^thresholds.spearman: /);
});

test("what is no manifest is refused, never thrown", () => {
  expect(parseManifest("{")).toMatchObject({ ok: false, code: "NotJson" });
  expect(parseManifest(Uint8Array.of(0xff, 0xfe))).toMatchObject({ ok: false, code: "NotJson" });
  expect(parseManifest(" ".repeat(2 ** 20 + 1))).toMatchObject({ ok: false, code: "TooLarge" });
  fc.assert(fc.property(fc.json(), (text) => !parseManifest(text).ok));
});
