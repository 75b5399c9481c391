// Scan, phase 1, reduce: every segment of eight steps runs from h = 0, and what it ends with is its carry.
//
//     h[n] = exp(delta A[n]) h[n] + delta u B[n]        for the eight steps, in the scan's order
//
// u_u      input, a quad of channels at a time
// u_delta  step sizes, same shape; zero beyond the width, which makes such a step the identity
// u_b      B: 16 channels, the states
// u_a      column n, row quad: A[n] log2(e) for four channels
// out      carries in state bricks: pixel = segment, group 2 quad + 0 or 1 = states 0 to 7 or 8 to 15; zero beyond u_count segments
//
// A fragment computes eight states of one segment and one quad, and fetches 5 texels an output (8 A, and 4 a step).
#define OUT_PIXELS 1
#include "lib/brick.glsl"
#include "lib/output.glsl"
#include "lib/sequence.glsl"

uniform sampler2DArray u_u;
uniform ivec4 u_u_shape;
uniform sampler2DArray u_delta;
uniform ivec4 u_delta_shape;
uniform sampler2DArray u_b;
uniform ivec4 u_b_shape;
uniform sampler2D u_a;
uniform int u_a_first; // row of the first quad
uniform int u_count;
uniform int u_reverse;

// One step of one state. Named states and not an array: see lib/brick.glsl.
#define STEP(h, a, b) h = exp2(delta * a) * h + v * b

void main() {
  int group;
  ivec2 at = place(group);
  int quad = group / 2, half_ = group % 2;
  int segment = at.y * u_out_shape.x + at.x;
  if (segment >= u_count) {
    storeAll(filled(vec4(0)));
    return;
  }
  ivec2 brick = brickAt(u_u_shape, u_reverse == 1 ? u_count - 1 - segment : segment);
  ivec2 uAt = texelOf(u_u_shape, quad, brick), deltaAt = texelOf(u_delta_shape, quad, brick);
  ivec2 bAt = texelOf(u_b_shape, 2 * half_, brick), bNext = nextQuad(u_b_shape, bAt);
  ivec2 aAt = ivec2(8 * half_, u_a_first + quad);
  vec4 a0 = texelFetch(u_a, aAt, 0), a1 = texelFetch(u_a, aAt + ivec2(1, 0), 0);
  vec4 a2 = texelFetch(u_a, aAt + ivec2(2, 0), 0), a3 = texelFetch(u_a, aAt + ivec2(3, 0), 0);
  vec4 a4 = texelFetch(u_a, aAt + ivec2(4, 0), 0), a5 = texelFetch(u_a, aAt + ivec2(5, 0), 0);
  vec4 a6 = texelFetch(u_a, aAt + ivec2(6, 0), 0), a7 = texelFetch(u_a, aAt + ivec2(7, 0), 0);
  vec4 h0 = vec4(0), h1 = vec4(0), h2 = vec4(0), h3 = vec4(0), h4 = vec4(0), h5 = vec4(0), h6 = vec4(0), h7 = vec4(0);
  for (int t = 0; t < BRICK; t++) {
    int layer = u_reverse == 1 ? BRICK - 1 - t : t;
    vec4 delta = texelFetch(u_delta, ivec3(deltaAt, layer), 0);
    vec4 v = delta * texelFetch(u_u, ivec3(uAt, layer), 0);
    vec4 b = texelFetch(u_b, ivec3(bAt, layer), 0);
    STEP(h0, a0, b.x); STEP(h1, a1, b.y); STEP(h2, a2, b.z); STEP(h3, a3, b.w);
    b = texelFetch(u_b, ivec3(bNext, layer), 0);
    STEP(h4, a4, b.x); STEP(h5, a5, b.y); STEP(h6, a6, b.z); STEP(h7, a7, b.w);
  }
  storeAll(Brick(h0, h1, h2, h3, h4, h5, h6, h7));
}
