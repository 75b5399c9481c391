// Probe: texels written a second, all attachments counted.
//
//     y = u_value
#include "../../src/glsl/lib/brick.glsl"
#include "../../src/glsl/lib/output.glsl"

uniform vec4 u_value;

void main() {
  int group;
  thisBrick(group);
  storeAll(filled(u_value));
}
