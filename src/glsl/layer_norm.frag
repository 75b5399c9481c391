// Layer norm applied:  y[c] = (x[c] - mean) / deviation * w[c] + b[c]   (* silu(z[c]) where SILU_GATE is defined)
//
// u_x        input, [c, h, w]
// u_stats    (mean, 1 / deviation) of each pixel, from layer_norm_stats
// u_weights  row q: column 0 w, column 1 b
//
// A fragment computes eight pixels of four channels and fetches 2.3 texels per output (3.3 with the gate).
#include "lib/brick.glsl"
#include "lib/output.glsl"
#include "lib/activation.glsl"

uniform Tensor u_x;
uniform Tensor u_stats;
uniform Weights u_weights;
#ifdef SILU_GATE
uniform Tensor u_z;
#endif

vec4 normed(vec4 x, vec4 stats) { return (x - stats.x) * stats.y; }
EACH_PAIR(normed)

void main() {
  int quad;
  ivec2 at = thisBrick(quad);
  Brick y = normed(fetchBrick(u_x, texelOf(u_x.shape, quad, at)), fetchBrick(u_stats, texelOf(u_stats.shape, 0, at)));
  y = scaled(y, fetch(u_weights, ivec2(0, quad)), fetch(u_weights, ivec2(1, quad)));
#ifdef SILU_GATE
  y = multiply(y, silu(fetchBrick(u_z, texelOf(u_z.shape, quad, at))));
#endif
  store(y, at);
}
