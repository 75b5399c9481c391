/**
 * What kernels do, counted by formulas that follow from their headers and nothing else: from shapes, options and the size of a brick.
 *
 * A test compares fetches, exponentials, writes and draws with what a device counts. Counted is what is written in the kernel: also for
 * pixels beyond the width that share a brick with others, and also what a compiler may leave out since nobody needs it.
 */
import { STATES } from '../../src/ops/scan.ts';
import type { Inputs } from '../../src/tensor/draw.ts';
import { ceilDiv, type Layout } from '../../src/tensor/layout.ts';
import type { Kernel } from '../../src/tensor/program.ts';
import { Rehearsal } from '../../src/tensor/rehearsal.ts';
import { Tensor } from '../../src/tensor/tensor.ts';
import type { Work } from '../results.ts';

export const NO_WORK: Work = { multiplyAdds: 0, exponentials: 0, fetches: 0, writes: 0, draws: 0 };

export function addWork(a: Work, b: Work): Work {
  return {
    multiplyAdds: a.multiplyAdds + b.multiplyAdds,
    exponentials: a.exponentials + b.exponentials,
    fetches: a.fetches + b.fetches,
    writes: a.writes + b.writes,
    draws: a.draws + b.draws,
  };
}

/** Stands in for an engine and adds up the work of what is run on it, without a device: `conv2d(counter, x, weights)`. */
export class WorkCounter extends Rehearsal {
  work: Work = NO_WORK;

  override draw(kernel: Kernel, out: Tensor, inputs: Inputs): void {
    super.draw(kernel, out, inputs, 0);
    this.work = addWork(this.work, drawWork(kernel, out, inputs));
  }
}

/** The work of one draw. @throws Error on a kernel that this file has no formula for. */
export function drawWork(kernel: Kernel, out: Pick<Tensor, 'layout' | 'quads' | 'shape'>, inputs: Inputs): Work {
  const name = kernel.shader.file.replace(/^.*\/(.*)\.frag$/, '$1');
  const count = KERNELS[name];
  if (!count)
    throw new Error(`What ${kernel.shader.file} does is not known: bench/limits/work.ts has no formula for it.`);
  const draw = new Draw(kernel, out, inputs);
  const { multiplyAdds = 0, exponentials = 0, fetches = 0 } = count(draw);
  const images = out.shape[0];
  return {
    multiplyAdds: images * multiplyAdds,
    exponentials: images * exponentials,
    fetches: images * fetches,
    writes: images * draw.fragments * draw.brick,
    draws: images,
  };
}

type Counts = Partial<Pick<Work, 'multiplyAdds' | 'exponentials' | 'fetches'>>;

/** A draw as the formulas see it, for one picture of the batch. */
class Draw {
  /** Attachments: pixels of a brick, or quads of one. */
  readonly brick: number;
  readonly width: number;
  readonly height: number;
  /** Channels of the output, and texels that hold them. */
  readonly channels: number;
  readonly quads: number;
  /** Fragments in a row of the picture, and all of them. */
  readonly columns: number;
  readonly fragments: number;

  constructor(
    private readonly kernel: Kernel,
    { layout, quads, shape }: Pick<Tensor, 'layout' | 'quads' | 'shape'>,
    private readonly inputs: Inputs,
  ) {
    const { brick, layers }: Layout = layout;
    this.brick = layers;
    [, this.channels, this.height, this.width] = shape;
    this.quads = quads;
    this.columns = ceilDiv(this.width, brick.pixels);
    this.fragments = ceilDiv(quads, brick.quads) * this.height * this.columns;
  }

  has(constant: string): boolean {
    return this.kernel.constants?.[constant] !== undefined;
  }

  tensor(name: string): Tensor {
    const tensor = this.inputs[name];
    if (!(tensor instanceof Tensor)) throw new Error(`${this.kernel.shader.file} was drawn without a tensor ${name}.`);
    return tensor;
  }

  number(name: string): number {
    const value = this.inputs[name];
    if (typeof value !== 'number') throw new Error(`${this.kernel.shader.file} was drawn without a number ${name}.`);
    return value;
  }
}

const SEGMENT = 8;

// Operations on one float besides multiply-adds that an activation takes, apart from its one exponential (src/glsl/lib/activation.glsl).
const SILU = 2;
const GELU = 16;
const SOFTPLUS = 14;

/** For each kernel what it does for one picture. */
const KERNELS: Readonly<Record<string, (draw: Draw) => Counts>> = {
  conv1x1(d) {
    const { brick } = d;
    const quads = d.number('x_quads');
    let fetches = quads * (brick + 4);
    let operations = quads * 4; // a matrix times a vector is four operations on each float of a pixel's texel
    if (d.number('first_input') === 0) {
      fetches += 1;
      operations += 1;
    }
    if (d.has('NORM')) {
      fetches += brick;
      operations += quads + 1;
    }
    if (d.has('ADD_CHANNEL') || d.has('GATE_CHANNEL')) {
      fetches += quads;
      operations += quads;
    }
    if (d.has('SILU')) operations += SILU;
    if (d.has('RESIDUAL')) {
      fetches += brick;
      operations += 1;
    }
    return eachFragment(d, fetches, operations, d.has('SILU') ? 1 : 0);
  },

  conv3x3(d) {
    const { brick, quads, columns, height } = d;
    const row = d.number('x_quads') * (rowFetches(d) + 12 * columns);
    const edges = (d.number('first_input') === 0 ? 1 : 0) + (d.has('RESIDUAL') ? brick : 0);
    const floats = 4 * brick * columns;
    return {
      fetches: quads * (kernelRows(height) * row + edges * columns * height),
      multiplyAdds: quads * floats * (kernelRows(height) * d.number('x_quads') * 12 + (d.has('RESIDUAL') ? height : 0)),
    };
  },

  depthwise3x3(d) {
    const { brick, quads, columns, height } = d;
    const halves = d.has('GELU_GATE') ? 2 : 1;
    const activation = d.has('GELU_GATE') ? GELU + 1 : d.has('SILU') ? SILU : 0;
    const floats = 4 * brick * quads * columns;
    return {
      fetches: halves * quads * (kernelRows(height) * (rowFetches(d) + 3 * columns) + columns * height),
      multiplyAdds: floats * (halves * kernelRows(height) * 3 + activation * height),
      exponentials: activation > 0 ? floats * height : 0,
    };
  },

  // Differences from the mean of the first quad, their sum and their squares.
  layer_norm_stats: (d) => eachFragment(d, d.brick * (d.number('x_quads') + 1), 3 * d.number('x_quads') + 8),

  layer_norm: (d) =>
    d.has('SILU_GATE') ? eachFragment(d, 3 * d.brick + 2, 3 + SILU + 1, 1) : eachFragment(d, 2 * d.brick + 2, 3),

  step_sizes(d) {
    const quads = d.number('dt_quads');
    return eachFragment(d, 1 + quads * (d.brick + 4), quads * 4 + SOFTPLUS + 1, 1);
  },

  scan_sum(d) {
    // Each brick of a segment is fetched once, and beyond the count none.
    const { shape, layout } = d.tensor('x');
    const perRow = ceilDiv(shape[3], SEGMENT);
    const count = d.number('count');
    const bricks = Math.floor(count / perRow) * layout.bricksPerRow + (count % perRow) * (SEGMENT / d.brick);
    return { fetches: d.quads * bricks * d.brick, multiplyAdds: d.quads * bricks * d.brick * 4 };
  },

  scan_reduce(d) {
    const { brick } = d;
    const { shape } = d.tensor('u');
    const groups = ceilDiv(d.quads, brick);
    const count = d.number('count');
    // The first step of a segment begins at zero. With eight attachments all steps fetch; with fewer, those beyond the width do not.
    const later = count * (SEGMENT - 1);
    const fetching = brick === SEGMENT ? count * SEGMENT : shape[3] * shape[2];
    return {
      fetches: groups * (count * brick + fetching * (brick === SEGMENT ? 4 : 3)),
      multiplyAdds: groups * (fetching * 4 + count * brick * 4 + later * brick * 12),
      exponentials: groups * later * brick * 4,
    };
  },

  scan_up(d) {
    const elements = ceilDiv(d.quads, d.brick) * d.number('count');
    return {
      fetches: elements * (d.brick + SEGMENT * (1 + d.brick)),
      multiplyAdds: elements * SEGMENT * d.brick * 8,
      exponentials: elements * SEGMENT * d.brick * 4,
    };
  },

  scan_down(d) {
    // Fragments run through the children before their own: on average half of those that are not theirs. At the top all are children of one.
    const root = d.has('ROOT');
    const children = root ? d.columns * d.brick : SEGMENT;
    const steps = d.brick - 1 + (children - d.brick) / 2;
    return {
      fetches: d.fragments * (1 + (root ? 0 : 1) + 2 * steps),
      multiplyAdds: d.fragments * steps * 8,
      exponentials: d.fragments * steps * 4,
    };
  },

  scan_apply(d) {
    const { fragments } = d;
    const orders = { 0: [false], 1: [true], 2: [false, true] }[d.number('order')]!; // forward, in reverse, both
    const steps = d.quads * d.height * orders.reduce((sum, reverse) => sum + applySteps(d, reverse), 0);
    return {
      fetches: orders.length * fragments * (STATES + STATES + 1) + steps * 10,
      multiplyAdds: steps * 4 * (2 + STATES * 4 + 1),
      exponentials: steps * 4 * STATES,
    };
  },

  channel_scan(d) {
    const { brick, columns } = d;
    const eachWay = d.quads / 2;
    const quads = eachWay * columns * (columns + 1) * brick;
    // Beyond the last channel: in the last fragment forward, and in all in reverse.
    const beyond = eachWay * (columns + 1) * (4 * columns * brick - d.number('channels'));
    return {
      fetches: d.fragments * 13 + quads,
      // Each step: four for each of four states, delta u, B, C, D u and the sum of y.
      multiplyAdds: 4 * quads * 4 * (4 * 4 + 5) + (4 * quads - beyond) * 4 * (SOFTPLUS + 1),
      exponentials: 4 * quads * 16 + (4 * quads - beyond) * 4,
    };
  },

  channel_norm(d) {
    const { quads, layout } = d.tensor('x');
    const { bricksPerRow } = layout;
    return {
      fetches: d.fragments * (2 * bricksPerRow * quads * d.brick + quads + 2),
      multiplyAdds: d.fragments * bricksPerRow * d.brick * 4 * (2 * quads + 4),
    };
  },

  block_sum(d) {
    const { shape, layout } = d.tensor('x');
    const texels = d.quads * shape[2] * layout.bricksPerRow * d.brick;
    return { fetches: texels, multiplyAdds: 4 * texels };
  },

  elementwise(d) {
    if (d.has('ADD') || d.has('MULTIPLY')) return eachFragment(d, 2 * d.brick, 2);
    return eachFragment(d, d.brick, (d.has('SILU') ? SILU : d.has('GELU') ? GELU : SOFTPLUS) + 1, 1);
  },

  concat(d) {
    const split = d.number('split');
    let texels = 0;
    for (let first = 0; first < d.channels; first += 4) {
      const whole = first + 4 <= split || (first >= split && split % 4 === 0);
      texels += whole ? 1 : Math.min(4, d.channels - first);
    }
    return { fetches: texels * d.height * d.columns * d.brick };
  },

  transpose: (d) => (d.has('SUM') ? eachFragment(d, 2 * d.brick, 1) : eachFragment(d, d.brick, 0)),
  pixel_shuffle: (d) => ({ fetches: d.channels * d.height * d.columns * d.brick }),
  pixel_unshuffle: (d) => eachFragment(d, 4 * d.brick, 0),
  upsample_nearest: (d) => eachFragment(d, d.brick, 0),
  picture_to_tensor: (d) => eachFragment(d, d.has('PAIR') ? 2 * d.brick : d.brick, 0),
};

/** What every fragment does: fetches, operations on each float of its brick, and exponentials of each float. */
function eachFragment({ brick, fragments }: Draw, fetches: number, operations: number, exponentials = 0): Counts {
  return {
    fetches: fragments * fetches,
    multiplyAdds: fragments * operations * 4 * brick,
    exponentials: fragments * exponentials * 4 * brick,
  };
}

/** Kernel rows of a 3x3 convolution that lie in the picture, over all rows of the output. */
function kernelRows(height: number): number {
  return 3 * height - 2;
}

/** Texels that the fragments of a row fetch for one kernel row: their own bricks, and a texel on either side. */
function rowFetches({ brick, columns }: Draw): number {
  return columns * (brick + 2);
}

/** Steps that the fragments of a row run in the scan's last phase: with fewer than eight attachments also some that are not theirs. */
function applySteps(d: Draw, reverse: boolean): number {
  let steps = 0;
  for (let x = 0; x < d.width; x += d.brick) {
    const mine = x % SEGMENT;
    const inside = d.brick === SEGMENT ? SEGMENT : Math.min(SEGMENT, d.width - (x - mine));
    steps += reverse ? inside - mine : Math.min(mine + d.brick, inside);
  }
  return steps;
}
