/** Rules that make parameters better, with PyTorch's meaning of every hyper-parameter. */
import { ensure } from "./error.ts";
import type { Build } from "./graph/build.ts";
import type { Value } from "./graph/graph.ts";
import type { DType } from "./tensor.ts";

/** A tensor that an optimiser keeps between steps; it begins as zeros. */
export interface Slot {
  readonly name: string;
  readonly dtype: DType;
  readonly dims: readonly number[];
  /** The parameter it belongs to; absent for those of the whole optimiser. */
  readonly of?: string;
}

export interface Parameter {
  readonly name: string;
  readonly value: Value;
  readonly gradient: Value;
}

/** Reads and replaces slots by name while a step is written. */
export interface Slots {
  read(name: string): Value;
  write(name: string, next: Value): void;
}

export interface Optimiser {
  slots(parameters: readonly { readonly name: string; readonly dims: readonly number[] }[]): Slot[];
  /** The parameters after one step with learning rate `lr`, a float32 scalar. */
  step(b: Build, parameters: readonly Parameter[], lr: Value, slots: Slots): Value[];
}

export interface SgdOptions {
  readonly momentum?: number;
  readonly nesterov?: boolean;
  /** Added to the gradient, times the parameter. */
  readonly weightDecay?: number;
}

/** Stochastic gradient descent: v = momentum v + g; p = p - lr v (Nesterov: p - lr (g + momentum v)). */
export function sgd({ momentum = 0, nesterov = false, weightDecay = 0 }: SgdOptions = {}): Optimiser {
  range("momentum", momentum, 0, 1);
  range("weightDecay", weightDecay, 0, Infinity);
  ensure(!nesterov || momentum > 0, "BadJob", "Nesterov needs a momentum");
  const slotOf = (name: string) => `momentum/${name}`;
  return {
    slots: (parameters) =>
      momentum === 0
        ? []
        : parameters.map(({ name, dims }) => ({ name: slotOf(name), dtype: "float32", dims, of: name })),
    step(b, parameters, lr, slots) {
      return parameters.map(({ name, value, gradient }) => {
        const decayed = weightDecay === 0 ? gradient : b.add(gradient, b.scale(value, weightDecay));
        if (momentum === 0) return b.sub(value, b.mul(decayed, lr));
        const velocity = b.add(b.scale(slots.read(slotOf(name)), momentum), decayed);
        slots.write(slotOf(name), velocity);
        const direction = nesterov ? b.add(decayed, b.scale(velocity, momentum)) : velocity;
        return b.sub(value, b.mul(direction, lr));
      });
    },
  };
}

export interface AdamOptions {
  readonly beta1?: number;
  readonly beta2?: number;
  readonly epsilon?: number;
  readonly weightDecay?: number;
}

/** Kingma and Ba 2014; weight decay is added to the gradient. */
export function adam(options: AdamOptions = {}): Optimiser {
  return moments(options, false);
}

/** Loshchilov and Hutter 2017: as Adam, but the parameters decay first, by lr times weightDecay (0.01 unless given). */
export function adamW(options: AdamOptions = {}): Optimiser {
  return moments({ weightDecay: 0.01, ...options }, true);
}

/**
 * m = beta1 m + (1 - beta1) g; v = beta2 v + (1 - beta2) g²; p = p - lr (m / c1) / (sqrt(v / c2) + epsilon), where
 * c = 1 - beta^t corrects the start from zero. c is kept as a slot, c = beta c + 1 - beta: in double precision this is
 * the same on every machine, which a power is not, and exact where 1 - beta^t loses digits.
 */
function moments(
  { beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8, weightDecay = 0 }: AdamOptions,
  decoupled: boolean,
): Optimiser {
  range("beta1", beta1, 0, 1);
  range("beta2", beta2, 0, 1);
  range("epsilon", epsilon, 0, Infinity);
  range("weightDecay", weightDecay, 0, Infinity);
  const correction = (n: 1 | 2): Slot => ({ name: `correction${n}`, dtype: "float64", dims: [] });
  return {
    slots: (parameters) => [
      ...parameters.map(
        ({ name, dims }): Slot => ({ name: `moment1/${name}`, dtype: "float32", dims, of: name }),
      ),
      ...parameters.map(
        ({ name, dims }): Slot => ({ name: `moment2/${name}`, dtype: "float32", dims, of: name }),
      ),
      correction(1),
      correction(2),
    ],
    step(b, parameters, lr, slots) {
      const follow = (name: string, seen: Value, beta: number) => {
        const next = b.add(b.scale(slots.read(name), beta), b.scale(seen, 1 - beta));
        slots.write(name, next);
        return next;
      };
      const one = b.scalar({ dtype: "float64" }, 1);
      const c1 = follow("correction1", one, beta1);
      const c2 = follow("correction2", one, beta2);
      const rate = b.cast(b.div(b.cast(lr, "float64"), c1), "float32");
      const root = b.cast(b.sqrt(c2), "float32");
      return parameters.map(({ name, value, gradient }) => {
        const before =
          decoupled && weightDecay > 0
            ? b.mul(value, b.sub(b.scalar(lr, 1), b.scale(lr, weightDecay)))
            : value;
        const g = decoupled || weightDecay === 0 ? gradient : b.add(gradient, b.scale(value, weightDecay));
        const first = follow(`moment1/${name}`, g, beta1);
        const second = follow(`moment2/${name}`, b.mul(g, g), beta2);
        const size = b.add(b.div(b.sqrt(second), root), b.scalar(second, epsilon));
        return b.sub(before, b.mul(b.div(first, size), rate));
      });
    },
  };
}

/** Scales all gradients together so that their Euclidean norm is at most `norm`, as PyTorch's clip_grad_norm_. */
export function clipByNorm(b: Build, gradients: readonly Value[], norm: number): Value[] {
  range("clipNorm", norm, Number.MIN_VALUE, Infinity);
  const squares = gradients.map((g) => b.sum(b.mul(g, g), [...g.dims.keys()], false));
  const total = b.sqrt(squares.reduce((sum, square) => b.add(sum, square)));
  const factor = b.div(b.scalar(total, norm), b.add(total, b.scalar(total, 1e-6)));
  const atMost1 = b.one("Min", [factor, b.scalar(factor, 1)]);
  return gradients.map((g) => b.mul(g, atMost1));
}

function range(name: string, value: number, low: number, high: number): void {
  const inside = Number.isFinite(value) && value >= low && (value < high || high === Infinity);
  ensure(inside, "BadJob", `${name} is ${value}, expected a number from ${low} up to ${high}`);
}
