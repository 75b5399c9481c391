// Depthwise 3x3 convolution, zero padding: each channel with a kernel of its own.
//
//     d[c] = bias[c] + sum over ky, kx of w[c, ky, kx] x[c](+kx - 1, +ky - 1)
//
//   (nothing)  y[c] = d[c]
//   SILU       y[c] = silu(d[c])
//   GELU_GATE  y[c] = gelu(d[c]) d[c + half], the gate of the feed-forward: its two halves of twice the channels never exist
//
// u_x        input, [c, h, w]
// u_weights  column 3 ky + kx, row q: taps of channels 4q to 4q + 3; column 9: bias
//            x may be some of the channels: then u_first_row is the row of the first
// u_half     where GELU_GATE is defined: x's quads in one half, and rows of weights between a channel and its partner
//
// A fragment computes eight pixels of four channels and fetches 30 texels of x and 10 of weights, 5 per output (10 with the gate).
#include "lib/brick.glsl"
#include "lib/output.glsl"
#include "lib/row.glsl"
#include "lib/activation.glsl"

uniform Tensor u_x;
uniform Weights u_weights;
uniform int u_first_row;
#ifdef GELU_GATE
uniform ivec2 u_half;
#endif

Brick convolved(int quad, int row, ivec2 at) {
  Brick y = filled(fetch(u_weights, ivec2(9, row)));
  int end = at.y + 1 < u_x.shape.y ? 3 : 2;
  for (int ky = at.y > 0 ? 0 : 1; ky < end; ky++) {
    Row x = fetchRow(u_x, texelOf(u_x.shape, quad, ivec2(at.x, at.y + ky - 1)), at.x);
    y = add(y, scaled(leftOf(x), fetch(u_weights, ivec2(3 * ky, row)), vec4(0)));
    y = add(y, scaled(x.mid, fetch(u_weights, ivec2(3 * ky + 1, row)), vec4(0)));
    y = add(y, scaled(rightOf(x), fetch(u_weights, ivec2(3 * ky + 2, row)), vec4(0)));
  }
  return y;
}

void main() {
  int quad;
  ivec2 at = thisBrick(quad);
  int row = u_first_row + quad;
  Brick y = convolved(quad, row, at);
#ifdef SILU
  y = silu(y);
#endif
#ifdef GELU_GATE
  y = multiply(gelu(y), convolved(quad + u_half.x, row + u_half.y, at));
#endif
  store(y, at);
}
