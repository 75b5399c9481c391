// Scan, phase 2, down-sweep: from the state that enters an element to the states that enter its eight children.
//
//     out[0] = parent's state;  out[k + 1] = exp(s[k] A[n]) out[k] + carry[k]
//
// u_parent states that enter the level above, one pixel an element, quad 16 quad + n; absent (zero) at the top, where ROOT is defined
// u_carry  carries of this level, in state bricks
// u_sums   its sums of delta
// u_a      column n, row quad: A[n] log2(e)
// out      states that enter this level's elements, one pixel an element, quad 16 quad + n
//
// A fragment computes one state and one quad of eight elements, and fetches 2 texels an output.
#include "lib/brick.glsl"
#include "lib/output.glsl"
#include "lib/sequence.glsl"

#ifndef ROOT
uniform sampler2DArray u_parent;
uniform ivec4 u_parent_shape;
#endif
uniform sampler2DArray u_carry;
uniform ivec4 u_carry_shape;
uniform sampler2DArray u_sums;
uniform ivec4 u_sums_shape;
uniform sampler2D u_a;
uniform int u_a_first;

void main() {
  int group;
  ivec2 at = place(group);
  int quad = group / 16, n = group % 16;
  vec4 a = texelFetch(u_a, ivec2(n, u_a_first + quad), 0);
  Brick s = fetchBrick(u_sums, texelOf(u_sums_shape, quad, at));
  int layer = n % 8;
  ivec2 carryAt = stateTexelOf(u_carry_shape, 2 * quad + n / 8, ivec2(at.x * BRICK, at.y));
#define CARRY(k) texelFetch(u_carry, ivec3(carryAt.x + k, carryAt.y, layer), 0)
  Brick h;
#ifdef ROOT
  h.p0 = vec4(0);
#else
  h.p0 = fetchCarry(u_parent, u_parent_shape, quad, n, at.y * bricksPerRow(u_out_shape) + at.x);
#endif
  h.p1 = exp2(s.p0 * a) * h.p0 + CARRY(0);
  h.p2 = exp2(s.p1 * a) * h.p1 + CARRY(1);
  h.p3 = exp2(s.p2 * a) * h.p2 + CARRY(2);
  h.p4 = exp2(s.p3 * a) * h.p3 + CARRY(3);
  h.p5 = exp2(s.p4 * a) * h.p4 + CARRY(4);
  h.p6 = exp2(s.p5 * a) * h.p5 + CARRY(5);
  h.p7 = exp2(s.p6 * a) * h.p6 + CARRY(6);
  storeAll(h);
}
