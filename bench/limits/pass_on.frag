// Probe: what a draw costs that has to wait for the one before, since it reads what that one wrote.
//
//     y = x
#include "../../src/glsl/lib/brick.glsl"
#include "../../src/glsl/lib/output.glsl"

uniform sampler2DArray u_x;
uniform ivec4 u_x_shape;

void main() {
  int quad;
  ivec2 at = place(quad);
  storeAll(fetchBrick(u_x, texelOf(u_x_shape, quad, at)));
}
