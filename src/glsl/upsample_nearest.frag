// Nearest neighbour enlargement by u_factor:  y(x, y) = x(x / factor, y / factor)
//
// u_x  input, [c, h, w] for an output of [c, factor h, factor w]
//
// A fragment computes eight pixels of four channels and fetches 1 texel per output.
#include "lib/brick.glsl"
#include "lib/output.glsl"
#include "lib/pixel.glsl"

uniform Tensor u_x;
uniform int u_factor;

void main() {
  int quad;
  ivec2 at = thisBrick(quad);
  Brick y = filled(vec4(0));
  for (int k = 0; k < BRICK; k++) {
    ivec2 from = min(ivec2(at.x * BRICK + k, at.y) / u_factor, u_x.shape.xy - 1); // store masks what lies beyond
    y = moved(y, fetchPixel(u_x, quad, from));
  }
  store(y, at);
}
