// Channels as a sequence:  y[0](k, 0) = x[k](0, 0)
//
// u_x  one value a channel, [c, 1, 1]; out [1, 1, c]
//
// A fragment computes eight pixels and fetches 1 texel for each.
#include "lib/brick.glsl"
#include "lib/output.glsl"
#include "lib/pixel.glsl"

uniform Tensor u_x;

void main() {
  int quad;
  ivec2 at = thisBrick(quad);
  Brick y = filled(vec4(0));
  for (int k = 0; k < BRICK; k++) {
    int channel = min(at.x * BRICK + k, u_out_shape.x - 1); // store masks what lies beyond
    y = moved(y, vec4(fetchChannel(u_x, channel, ivec2(0)), 0, 0, 0));
  }
  store(y, at);
}
