// Scan, sums: s[j] = delta[8j] + ... + delta[8j + 7], four channels at a time.
//
// The decay over a run of steps is exp(A * sum of delta), so one sum per channel stands for the products of all sixteen states. Run
// on delta this gives the sums of segments, run on those the sums of the next level, and so on.
//
// u_x      delta, or the sums of the level below: a sequence of bricks
// out      sums, one pixel an element; zero beyond u_count elements
//
// A fragment computes eight sums and fetches 8 texels an output.
#include "lib/brick.glsl"
#include "lib/output.glsl"
#include "lib/sequence.glsl"

uniform sampler2DArray u_x;
uniform ivec4 u_x_shape;
uniform int u_count;
uniform int u_reverse; // 1: element j is brick u_count - 1 - j

vec4 sumOfBrick(int quad, int element) {
  if (element >= u_count) return vec4(0);
  int index = u_reverse == 1 ? u_count - 1 - element : element;
  Brick x = fetchBrick(u_x, texelOf(u_x_shape, quad, brickAt(u_x_shape, index)));
  return ((x.p0 + x.p1) + (x.p2 + x.p3)) + ((x.p4 + x.p5) + (x.p6 + x.p7));
}

void main() {
  int quad;
  ivec2 at = place(quad);
  int first = (at.y * bricksPerRow(u_out_shape) + at.x) * BRICK;
  storeAll(Brick(sumOfBrick(quad, first), sumOfBrick(quad, first + 1), sumOfBrick(quad, first + 2), sumOfBrick(quad, first + 3),
                 sumOfBrick(quad, first + 4), sumOfBrick(quad, first + 5), sumOfBrick(quad, first + 6), sumOfBrick(quad, first + 7)));
}
