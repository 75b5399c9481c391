// Selective scan, steps 3 and 4, up-sweep: the pairs of RADIX neighbours become the pair of the next level's element.
//
//     a' = product of a  where WRITE_A is defined, else  b' = a b' + b in turn, from b' = 0
//
// u_decay  a of the level below, in state bricks, one pixel per element
// u_carry  its b
// u_count  its number of elements
// out      a or b of this level
//
// A fragment computes eight states of one quad and one element: 3 RADIX fetches for its a and b, which makes 3 R / (R - 1) for each state
// of a step over all levels: 96 for an output texel of the scan with radix 2, 55 with radix 8.
#define OUT_PIXELS 1
#include "../../../src/glsl/lib/brick.glsl"
#include "../../../src/glsl/lib/output.glsl"
#include "../../../src/glsl/lib/sequence.glsl"

uniform Tensor u_decay;
#ifndef WRITE_A
uniform Tensor u_carry;
#endif
uniform int u_count;

void main() {
  int group;
  ivec2 at = thisBrick(group);
  int first = (at.y * u_out_shape.x + at.x) * RADIX;
#ifdef WRITE_A
  Brick y = filled(vec4(1));
#else
  Brick y = filled(vec4(0));
#endif
  for (int child = first; child < min(first + RADIX, u_count); child++) {
    y = multiply(y, fetchBrick(u_decay, stateTexelOf(u_decay.shape, group, pixelAt(u_decay.shape, child))));
#ifndef WRITE_A
    y = add(y, fetchBrick(u_carry, stateTexelOf(u_carry.shape, group, pixelAt(u_carry.shape, child))));
#endif
  }
  storeAll(y);
}
