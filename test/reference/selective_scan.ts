import { softplus } from './activations.ts';
import { type Array4, at, generate, index, zeros } from './array.ts';

/**
 * The selective state space recurrence (Gu and Dao, "Mamba", arXiv 2312.00752), one position after the other. The
 * positions are the pixels of the whole picture, row by row; reversed, from the last one to the first.
 *
 * For each channel c with its own N states (N = 16 in VmambaIR), h = 0 before the first position:
 *
 *   h[s] = exp(delta[c, t] A[c, s]) h[s] + delta[c, t] B[s, t] u[c, t]
 *   y[c, t] = D[c] u[c, t] + sum over s of C[s, t] h[s]
 *
 * u      (n, channels, h, w)   the input
 * delta  (n, channels, h, w)   the step, positive: see `positiveDelta`
 * A      (channels, N)         negative; -exp(A_logs) in a checkpoint
 * B, C   (n, N, h, w)          into the states and out of them, shared by all channels
 * D      (channels)            what passes by the states
 * returns (n, channels, h, w), y at the place of its u also when reversed
 */
export function selectiveScan(
  u: Array4,
  delta: Array4,
  A: ArrayLike<number>,
  B: Array4,
  C: Array4,
  D: ArrayLike<number>,
  reverse = false,
): Array4 {
  const [batch, channels, height, width] = u.shape;
  const states = B.shape[1];
  if (`${delta.shape}` !== `${u.shape}`) throw new Error(`delta [${delta.shape}] is not shaped as u [${u.shape}]`);
  for (const coefficients of [B, C])
    if (`${coefficients.shape}` !== `${[batch, states, height, width]}`)
      throw new Error(`B [${B.shape}] and C [${C.shape}] do not go with u [${u.shape}]`);
  if (A.length !== channels * states || D.length !== channels)
    throw new Error(`A has ${A.length} and D ${D.length} values, but u has ${channels} channels of ${states} states`);

  const length = height * width;
  const out = zeros(u.shape);
  for (let n = 0; n < batch; n++) {
    const coefficients = index(B.shape, n, 0, 0, 0);
    for (let c = 0; c < channels; c++) {
      const sequence = index(u.shape, n, c, 0, 0);
      const h = new Float64Array(states);
      for (let step = 0; step < length; step++) {
        const t = reverse ? length - 1 - step : step;
        const input = u.data[sequence + t];
        const d = delta.data[sequence + t];
        let y = D[c] * input;
        for (let s = 0; s < states; s++) {
          const place = coefficients + s * length + t;
          h[s] = Math.exp(d * A[c * states + s]) * h[s] + d * B.data[place] * input;
          y += C.data[place] * h[s];
        }
        out.data[sequence + t] = y;
      }
    }
  }
  return out;
}

/** softplus(raw + bias): what the projection gives, (n, c, h, w) and a bias (c), to the step of the scan. */
export function positiveDelta(raw: Array4, bias: ArrayLike<number>): Array4 {
  return softplus(generate(raw.shape, (n, c, y, x) => at(raw, n, c, y, x) + bias[c]));
}
