// 1x1 convolution:  y[o] = act(bias[o] + sum over i of w[o, i] x'[i]) + residual[o]
//
// u_x        input, [cin, h, w]
// u_weights  column 4i + j, row o: weights from channel 4i + j to channels 4o to 4o + 3; last column: bias
//
// Of a longer input, x may be the channels from u_first_input on, the rest having been summed into u_residual: the bias belongs to the
// first channels.
//
// What happens to x as it is read, one of:
//   (nothing)     x' = x
//   NORM          layer norm: x' = (x - mean) / deviation. u_stats holds (mean, 1 / deviation) of each pixel. The norm's weight and bias
//                 are folded into u_weights; the mean is subtracted here, before the sum, so that a large one costs no digits.
//   ADD_CHANNEL   x' = x + g      u_g: one value a channel, [cin, 1, 1]
//   GATE_CHANNEL  x' = x g + x
// act: SILU where defined. u_residual where RESIDUAL is defined.
//
// A fragment computes eight pixels of four output channels. For four input channels it fetches 8 texels of x and 4 of weights, for 128
// multiply-adds: 1.5 cin / 4 fetches per output, where one texel a fragment would take 5 cin / 4; and 1 of statistics, 1 of the residual.
#include "lib/brick.glsl"
#include "lib/output.glsl"
#include "lib/activation.glsl"

uniform Tensor u_x;
uniform int u_x_quads;
uniform Weights u_weights;
uniform ivec2 u_rows;      // rows of the first output quad and, for channels of two parts, of quad number u_part, where the second begins
uniform int u_part;
uniform int u_first_input; // column of the first input channel
#ifdef NORM
uniform Tensor u_stats;
#endif
#if defined(ADD_CHANNEL) || defined(GATE_CHANNEL)
uniform Tensor u_g;
#endif
#ifdef RESIDUAL
uniform Tensor u_residual;
#endif

#ifdef NORM
vec4 centred(vec4 x, vec4 stats) { return x - stats.x; }
EACH_PAIR(centred)
vec4 normed(vec4 y, vec4 stats) { return y * stats.y; }
EACH_PAIR(normed)
#endif

void main() {
  int o;
  ivec2 at = thisBrick(o);
  int row = o < u_part ? u_rows.x + o : u_rows.y + o - u_part;
  Brick y = filled(vec4(0));
#ifdef NORM
  Brick stats = fetchBrick(u_stats, texelOf(u_stats.shape, 0, at));
#endif
  ivec2 texel = texelOf(u_x.shape, 0, at);
  for (int i = 0; i < u_x_quads; i++) {
    Brick x = fetchBrick(u_x, texel);
#if defined(NORM)
    x = centred(x, stats);
#elif defined(ADD_CHANNEL)
    x = scaled(x, vec4(1), fetch(u_g, ivec3(texelOf(u_g.shape, i, ivec2(0)), 0)));
#elif defined(GATE_CHANNEL)
    x = scaled(x, 1. + fetch(u_g, ivec3(texelOf(u_g.shape, i, ivec2(0)), 0)), vec4(0));
#endif
    y = multiplyAdd(y, fetchMatrix(u_weights, ivec2(u_first_input + 4 * i, row)), x);
    texel = nextQuad(u_x.shape, texel);
  }
#ifdef NORM
  y = normed(y, stats);
#endif
  if (u_first_input == 0) y = scaled(y, vec4(1), fetch(u_weights, ivec2(textureSize(u_weights.texels, 0).x - 1, row)));
#ifdef SILU
  y = silu(y);
#endif
#ifdef RESIDUAL
  y = add(y, fetchBrick(u_residual, texelOf(u_residual.shape, o, at)));
#endif
  store(y, at);
}
