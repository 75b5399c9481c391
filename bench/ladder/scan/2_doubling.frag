// Selective scan, step 2: a pass of the parallel scan by Hillis and Steele. After passes with distances 1, 2, 4 and so on, each pair is the
// product of all up to it, and its b is the state h.
//
//     a'_t = a_t a_{t - distance}  where WRITE_A is defined, else  b'_t = a_t b_{t - distance} + b_t        where there is such a step
//
// u_decay  a of all steps, in state bricks
// u_carry  b of all steps
// out      a or b
//
// A fragment computes eight states of one quad and one step. A pass fetches 2 texels for an a and 3 for a b: 80 for per output texel of
// the scan, and there are log2(L) passes.
#define OUT_PIXELS 1
#include "../../../src/glsl/lib/brick.glsl"
#include "../../../src/glsl/lib/output.glsl"
#include "../../../src/glsl/lib/sequence.glsl"

uniform Tensor u_decay;
#ifndef WRITE_A
uniform Tensor u_carry;
#endif
uniform int u_distance;

void main() {
  int group;
  ivec2 at = thisBrick(group);
  int before = at.y * u_out_shape.x + at.x - u_distance;
  Brick a = fetchBrick(u_decay, stateTexelOf(u_decay.shape, group, at));
#ifdef WRITE_A
  if (before >= 0) a = multiply(a, fetchBrick(u_decay, stateTexelOf(u_decay.shape, group, pixelAt(u_decay.shape, before))));
  storeAll(a);
#else
  Brick b = fetchBrick(u_carry, stateTexelOf(u_carry.shape, group, at));
  if (before >= 0) b = add(b, multiply(a, fetchBrick(u_carry, stateTexelOf(u_carry.shape, group, pixelAt(u_carry.shape, before)))));
  storeAll(b);
#endif
}
