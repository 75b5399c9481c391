// Scan, phase 2, down-sweep: from the state that enters an element to the states that enter its eight children.
//
//     out[0] = parent's state;  out[k + 1] = exp(s[k] A[n]) out[k] + carry[k]
//
// At the top, where ROOT is defined, there is no level above: all elements are children of one, whose state is zero, and lie in one row.
//
// u_parent states that enter the level above, one pixel per element, quad 16 quad + n
// u_carry  carries of this level, in state bricks
// u_sums   its sums of delta
// u_a      column n, row by rowOfWeights: A[n] log2(e)
// out      states that enter this level's elements, one pixel per element, quad 16 quad + n
//
// A fragment computes one state and one quad of as many children as it has attachments. With eight it fetches 2 texels per output, and
// at the top 2 a fragment for each element before.
#include "lib/brick.glsl"
#include "lib/output.glsl"
#include "lib/sequence.glsl"
#include "lib/directions.glsl"

#ifndef ROOT
uniform Tensor u_parent;
#endif
uniform Tensor u_carry;
uniform Tensor u_sums;
uniform Weights u_a;
uniform ivec2 u_rows;

void main() {
  int group;
  ivec2 at = thisBrick(group);
  int quad = group >> STATE_BITS, n = group & (STATES - 1);
  vec4 a = fetch(u_a, ivec2(n, rowOfWeights(u_rows, quad)));
  int x = at.x * BRICK, layer = layerOf(n);
  Coords sumsAt = coordsOf(u_sums, texelOf(u_sums.shape, quad, at));
  Coords carryAt = coordsOf(u_carry, stateTexelOf(u_carry.shape, quad * STATE_GROUPS + brickOf(n), ivec2(x, at.y)));
#ifdef ROOT
  int skipped = x; // every element before this fragment's
  vec4 h = vec4(0);
#else
  int skipped = x & (SEGMENT - 1); // children before this fragment's: none with eight attachments
  vec4 h = fetch(u_parent, texelAndLayer(u_parent.shape, group, pixelAt(u_parent.shape, (at.y * u_out_shape.x + x) >> SEGMENT_BITS)));
#endif
#define ADVANCE(sum, k) h = exp2(sum * a) * h + fetch(u_carry, rightBy(u_carry, carryAt, k), layer)
  for (int k = -skipped; k < 0; k++) ADVANCE(fetch(u_sums, rightBy(u_sums, sumsAt, brickOf(k)), layerOf(k)), k);
  Brick entering;
#define ENTER(p, i) if (i > 0) ADVANCE(fetch(u_sums, sumsAt, i - 1), i - 1); entering.p = h
  EACH(ENTER);
  storeAll(entering);
}
