// Probe: texel fetches a second, as kernels make them: the texels of a brick, one from each layer, then those of the same brick in the
// next quad, while neighbouring fragments read neighbouring bricks. All lie in the cache.
//
//     y = sum over u_count bricks of the sum over their texels
//
// u_x  [16, h, w] in one row of the atlas, for an output of [c, h, w]; its four quads are read in turn
//
// For each texel there is one addition of four floats.
#include "../../src/glsl/lib/brick.glsl"
#include "../../src/glsl/lib/output.glsl"

uniform Tensor u_x;
uniform int u_count;

void main() {
  int group;
  ivec2 at = thisBrick(group);
  vec4 y = vec4(0);
  ivec2 texel = texelOf(u_x.shape, 0, at);
  int width = bricksPerRow(u_x.shape), end = u_x.shape.z * width;
  for (int i = 0; i < u_count; i++) {
    y += sumOf(fetchBrick(u_x, texel));
    texel.x = texel.x + width < end ? texel.x + width : at.x;
  }
  storeAll(filled(y));
}
