// Scan, phase 2, up-sweep: eight neighbouring carries become the carry of the next level's element.
//
//     h[n] = exp(s A[n]) h[n] + carry[n]        over the eight children, s the child's sum of delta
//
// u_carry  carries of the level below, in state bricks
// u_sums   its sums of delta
// u_a      column n, row by rowOfWeights: A[n] log2(e)
// out      carries of this level, in state bricks; zero beyond u_count elements
//
// A fragment computes as many states as it has attachments, of one element and one quad. With eight it fetches 10 texels per output.
#define OUT_PIXELS 1
#include "lib/brick.glsl"
#include "lib/output.glsl"
#include "lib/sequence.glsl"
#include "lib/directions.glsl"
#include "lib/states.glsl"

uniform Tensor u_carry;
uniform Tensor u_sums;
uniform Weights u_a;
uniform ivec2 u_rows;
uniform int u_count;

void main() {
  int group;
  ivec2 at = thisBrick(group);
  int quad = group >> STATE_GROUP_BITS, state = (group & (STATE_GROUPS - 1)) * BRICK;
  int element = at.y * u_out_shape.x + at.x;
  if (element >= u_count) {
    storeAll(filled(vec4(0)));
    return;
  }
  ivec2 first = segmentAt(u_sums.shape, element);
  Coords sumsAt = coordsOf(u_sums, texelAndLayer(u_sums.shape, quad, first).xy);
  Coords carryAt = coordsOf(u_carry, stateTexelOf(u_carry.shape, group, first));
  Brick a = fetchDecay(u_a, state, rowOfWeights(u_rows, quad)), h = filled(vec4(0));
  for (int child = 0; child < SEGMENT; child++) {
    vec4 s = fetchStep(u_sums, sumsAt, child);
    Coords carry = rightBy(u_carry, carryAt, child);
#define COMBINE(p, i) h.p = exp2(s * a.p) * h.p + fetch(u_carry, carry, i)
    EACH(COMBINE);
  }
  storeAll(h);
}
