// Probe: multiply-adds a second, in the form that kernels give them, four channels to four channels of eight pixels:
//
//     y = x + w y        4 u_count times, for each pixel of the brick
//
// u_row  first row of w, whose others are the same in turn; its magnitudes sum to less than 1, so that y stays of the size of x
// u_x    x
//
// The pixels' chains are independent of each other, and each step needs the one before: nothing can be left out. One step of a
// fragment is 16 multiply-adds a pixel, and no fetch.
#include "../../src/glsl/lib/brick.glsl"
#include "../../src/glsl/lib/output.glsl"

uniform vec4 u_row;
uniform vec4 u_x;
uniform int u_count;

void main() {
  int group;
  ivec2 at = thisBrick(group);
  mat4 w = mat4(u_row, u_row.yzwx, u_row.zwxy, u_row.wxyz);
  Brick x = filled(u_x), y = x;
  for (int i = 0; i < u_count; i++) {
    y = multiplyAdd(x, w, y);
    y = multiplyAdd(x, w, y);
    y = multiplyAdd(x, w, y);
    y = multiplyAdd(x, w, y);
  }
  storeAll(y);
}
