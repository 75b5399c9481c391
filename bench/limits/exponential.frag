// Probe: exponentials a second.
//
//     y = exp2(-y)       4 u_count times, for each pixel of the brick; y goes to 0.64
//
// u_x  first y
//
// One step of a fragment is 4 exponentials a pixel, in chains as in multiply_add.
#include "../../src/glsl/lib/brick.glsl"
#include "../../src/glsl/lib/output.glsl"

uniform vec4 u_x;
uniform int u_count;

vec4 decay(vec4 y) { return exp2(-y); }
EACH_PIXEL(decay)

void main() {
  int group;
  ivec2 at = thisBrick(group);
  Brick y = filled(u_x);
  for (int i = 0; i < u_count; i++) y = decay(decay(decay(decay(y))));
  storeAll(y);
}
