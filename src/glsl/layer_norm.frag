// Layer norm applied:  y[c] = (x[c] - mean) / deviation * w[c] + b[c]   (* silu(z[c]) where SILU_GATE is defined)
//
// u_x        input, [c, h, w]
// u_stats    (mean, 1 / deviation) of each pixel, from layer_norm_stats
// u_weights  row q: column 0 w, column 1 b
//
// A fragment computes eight pixels of four channels and fetches 2.3 texels an output (3.3 with the gate).
#include "lib/brick.glsl"
#include "lib/output.glsl"
#include "lib/activation.glsl"

uniform sampler2DArray u_x;
uniform ivec4 u_x_shape;
uniform sampler2DArray u_stats;
uniform ivec4 u_stats_shape;
uniform sampler2D u_weights;
#ifdef SILU_GATE
uniform sampler2DArray u_z;
uniform ivec4 u_z_shape;
#endif

vec4 normed(vec4 x, vec4 stats) { return (x - stats.x) * stats.y; }
EACH_PAIR(normed)

void main() {
  int quad;
  ivec2 at = place(quad);
  Brick y = normed(fetchBrick(u_x, texelOf(u_x_shape, quad, at)), fetchBrick(u_stats, texelOf(u_stats_shape, 0, at)));
  y = scaled(y, texelFetch(u_weights, ivec2(0, quad), 0), texelFetch(u_weights, ivec2(1, quad), 0));
#ifdef SILU_GATE
  y = multiply(y, silu(fetchBrick(u_z, texelOf(u_z_shape, quad, at))));
#endif
  store(y, at);
}
