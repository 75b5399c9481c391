// Probe: what a draw costs that has to wait for the one before, since it reads what that one wrote.
//
//     y = x
#include "../../src/glsl/lib/brick.glsl"
#include "../../src/glsl/lib/output.glsl"

uniform Tensor u_x;

void main() {
  int quad;
  ivec2 at = thisBrick(quad);
  storeAll(fetchBrick(u_x, texelOf(u_x.shape, quad, at)));
}
