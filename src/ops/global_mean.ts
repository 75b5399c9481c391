import shader from '../glsl/block_sum.frag';
import { ceilDiv } from '../tensor/layout.ts';
import type { Recorder } from '../tensor/recorder.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { compute } from './compute.ts';

const BLOCK = 8;

/** Mean over all pixels: [n, c, h, w] to [n, c, 1, 1], summed in a tree of blocks. */
export function globalMean(engine: Recorder, x: Tensor): Tensor {
  const [, , h, w] = x.shape;
  return blockSums(engine, x, 1 / (h * w));
}

function blockSums(engine: Recorder, x: Tensor, scale: number): Tensor {
  const [n, c, h, w] = x.shape;
  const rows = ceilDiv(h, BLOCK);
  const columns = ceilDiv(w, BLOCK);
  const last = rows === 1 && columns === 1;
  const sums = compute(engine, { shader }, [n, c, rows, columns], { x, scale: last ? scale : 1 }, 512, 'exact');
  if (last) return sums;
  using blocks = sums;
  return blockSums(engine, blocks, scale);
}
