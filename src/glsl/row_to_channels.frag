// A sequence as channels:  y[k](0, 0) = x[0](k, 0)
//
// u_x  [1, 1, c]; out one value a channel, [c, 1, 1]
//
// A fragment computes one pixel of four channels and fetches 4 texels.
#include "lib/brick.glsl"
#include "lib/output.glsl"
#include "lib/pixel.glsl"

uniform Tensor u_x;

float value(int channel) { return channel < u_x.shape.x ? fetchPixel(u_x, 0, ivec2(channel, 0)).x : 0.; }

void main() {
  int quad;
  ivec2 at = thisBrick(quad);
  store(filled(vec4(value(4 * quad), value(4 * quad + 1), value(4 * quad + 2), value(4 * quad + 3))), at);
}
