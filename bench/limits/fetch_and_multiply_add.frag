// Probe: do fetches and multiply-adds overlap? Each of u_count rounds fetches a brick as fetch.frag does, and takes u_steps steps of
// multiply_add.frag with it, as many as take about as long. Its time is near the sum of what the two take alone, or near the longer of
// them.
#include "../../src/glsl/lib/brick.glsl"
#include "../../src/glsl/lib/output.glsl"

uniform Tensor u_x;
uniform vec4 u_row;
uniform int u_count;
uniform int u_steps;

void main() {
  int group;
  ivec2 at = thisBrick(group);
  mat4 w = mat4(u_row, u_row.yzwx, u_row.zwxy, u_row.wxyz);
  Brick y = filled(vec4(0));
  ivec2 texel = texelOf(u_x.shape, 0, at);
  int width = bricksPerRow(u_x.shape), end = u_x.shape.z * width;
  for (int i = 0; i < u_count; i++) {
    Brick x = fetchBrick(u_x, texel);
    for (int step = 0; step < u_steps; step++) y = multiplyAdd(x, w, y);
    texel.x = texel.x + width < end ? texel.x + width : at.x;
  }
  storeAll(y);
}
