/** How much a network computes. */
import { type Config, parameterShapes } from '../src/model/config.ts';

/** Operations for one state of one step of a scan: the decay's product, its exponential, two multiplications and additions, output. */
const SCAN_STEP = 7;

/**
 * Floating-point operations of a network on a square picture: its convolutions, projections and scans over the plane. Norms,
 * activations and the scans over the channels are left out; they are a few in a hundred.
 */
export function networkFlops(config: Config, side: number): number {
  let flops = 0;
  for (const [name, shape] of parameterShapes(config)) {
    const size = shape.reduce((a, b) => a * b, 1);
    const pixels = (side * scaleOf(name)) ** 2;
    if (/\.A_logs$/.test(name)) flops += SCAN_STEP * size * pixels;
    else if (/\.(x_proj|dt_projs)_weight$/.test(name)) flops += 2 * size * pixels;
    else if (shape.length === 4 && !/\.conv_c(in|out)\./.test(name)) flops += 2 * size * pixels;
  }
  return flops;
}

/** Size of the picture that a parameter works on, relative to the input's. */
function scaleOf(name: string): number {
  if (/^(latent|up4_3)\b/.test(name)) return 1 / 8;
  if (/^(\w+_level3|down3_4|up3_2)\b/.test(name)) return 1 / 4;
  if (/^(\w+_level2|down2_3|up2_1)\b/.test(name)) return 1 / 2;
  if (/^tail\.0\.2\b/.test(name)) return 2;
  return /^tail\.1\b/.test(name) ? 4 : 1;
}
