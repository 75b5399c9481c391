// Scan, phase 2, up-sweep: eight neighbouring carries become the carry of the next level's element.
//
//     h[n] = exp(s A[n]) h[n] + carry[n]        over the eight children, s the child's sum of delta
//
// u_carry  carries of the level below, in state bricks
// u_sums   its sums of delta
// u_a      column n, row quad: A[n] log2(e)
// out      carries of this level, in state bricks; zero beyond u_count elements
//
// A fragment computes eight states of one element and one quad, and fetches 10 texels an output.
#define OUT_PIXELS 1
#include "lib/brick.glsl"
#include "lib/output.glsl"
#include "lib/sequence.glsl"

uniform sampler2DArray u_carry;
uniform ivec4 u_carry_shape;
uniform sampler2DArray u_sums;
uniform ivec4 u_sums_shape;
uniform sampler2D u_a;
uniform int u_a_first;
uniform int u_count;

#define COMBINE(h, a, layer) h = exp2(s * a) * h + texelFetch(u_carry, ivec3(carryAt, layer), 0)

void main() {
  int group;
  ivec2 at = place(group);
  int quad = group / 2, half_ = group % 2;
  int element = at.y * u_out_shape.x + at.x;
  if (element >= u_count) {
    storeAll(filled(vec4(0)));
    return;
  }
  ivec2 brick = brickAt(u_sums_shape, element);
  ivec2 sumsAt = texelOf(u_sums_shape, quad, brick);
  ivec2 carryAt = stateTexelOf(u_carry_shape, group, ivec2(brick.x * BRICK, brick.y));
  ivec2 aAt = ivec2(8 * half_, u_a_first + quad);
  vec4 a0 = texelFetch(u_a, aAt, 0), a1 = texelFetch(u_a, aAt + ivec2(1, 0), 0);
  vec4 a2 = texelFetch(u_a, aAt + ivec2(2, 0), 0), a3 = texelFetch(u_a, aAt + ivec2(3, 0), 0);
  vec4 a4 = texelFetch(u_a, aAt + ivec2(4, 0), 0), a5 = texelFetch(u_a, aAt + ivec2(5, 0), 0);
  vec4 a6 = texelFetch(u_a, aAt + ivec2(6, 0), 0), a7 = texelFetch(u_a, aAt + ivec2(7, 0), 0);
  vec4 h0 = vec4(0), h1 = vec4(0), h2 = vec4(0), h3 = vec4(0), h4 = vec4(0), h5 = vec4(0), h6 = vec4(0), h7 = vec4(0);
  for (int child = 0; child < BRICK; child++) {
    vec4 s = texelFetch(u_sums, ivec3(sumsAt, child), 0);
    COMBINE(h0, a0, 0); COMBINE(h1, a1, 1); COMBINE(h2, a2, 2); COMBINE(h3, a3, 3);
    COMBINE(h4, a4, 4); COMBINE(h5, a5, 5); COMBINE(h6, a6, 6); COMBINE(h7, a7, 7);
    carryAt.x++;
  }
  storeAll(Brick(h0, h1, h2, h3, h4, h5, h6, h7));
}
