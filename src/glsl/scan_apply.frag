// Scan, phase 3, apply: every segment runs again, now from the state that enters it, and writes its outputs.
//
//     h[n] = exp(delta A[n]) h[n] + delta u B[n];    y = sum over n of C[n] h[n] + D u,  of both directions the sum
//
// u_u      input, a quad of channels at a time
// u_delta  step sizes, same shape for each direction
// u_b, u_c B and C: 16 channels each for each direction, the states
// u_enter  states that enter the segments, one pixel per segment, quad 16 quad + n
// u_a      columns 0 to 15 A[n] log2(e), column 16 D, row by rowOfWeights
//
// A fragment computes as many steps of one quad as it has attachments. With eight it fetches 14 texels per output for each direction (33 for
// states, A and D; 10 a step); with fewer it runs the steps of its segment before its own again.
#include "lib/brick.glsl"
#include "lib/output.glsl"
#include "lib/sequence.glsl"
#include "lib/directions.glsl"

uniform Tensor u_u;
uniform Tensor u_delta;
uniform Tensor u_b;
uniform Tensor u_c;
uniform Tensor u_enter;
uniform Weights u_a;
uniform ivec2 u_rows;
uniform int u_count;
uniform int u_order;

#define STEP(h, a, b, c) h = exp2(delta * a) * h + v * b; y += h * c

// One direction's outputs of a segment's steps from `mine` on, the last that are run; `quad` is that of its step sizes and states.
// Called twice for both ways: a loop over directions around the loop over steps took SwiftShader's compiler minutes and 12 GB.
Brick outputsOf(int quad, ivec2 at, int mine) {
  bool reverse = isReverse(u_order, quad);
  int x = at.x * BRICK - mine; // where the segment begins
  int index = at.y * segmentsPerRow(u_u.shape) + (x >> SEGMENT_BITS);
  int segment = reverse ? u_count - 1 - index : index;

  ivec3 enterAt = texelAndLayer(u_enter.shape, quad * STATES, pixelAt(u_enter.shape, segment));
#define ENTER(h) vec4 h = fetch(u_enter, enterAt); enterAt.xy = nextQuad(u_enter.shape, enterAt.xy)
  ENTER(h0); ENTER(h1); ENTER(h2); ENTER(h3); ENTER(h4); ENTER(h5); ENTER(h6); ENTER(h7);
  ENTER(h8); ENTER(h9); ENTER(h10); ENTER(h11); ENTER(h12); ENTER(h13); ENTER(h14); ENTER(h15);
  int row = rowOfWeights(u_rows, quad);
#define A(a, n) vec4 a = fetch(u_a, ivec2(n, row))
  A(a0, 0); A(a1, 1); A(a2, 2); A(a3, 3); A(a4, 4); A(a5, 5); A(a6, 6); A(a7, 7);
  A(a8, 8); A(a9, 9); A(a10, 10); A(a11, 11); A(a12, 12); A(a13, 13); A(a14, 14); A(a15, 15);
  A(d, 16);

  ivec2 first = ivec2(brickOf(x), at.y);
  int states = isSecond(quad) ? STATES >> 2 : 0;
  Coords uAt = coordsOf(u_u, texelOf(u_u.shape, quadOfInput(quad), first));
  Coords deltaAt = coordsOf(u_delta, texelOf(u_delta.shape, quad, first));
  ivec2 b0 = texelOf(u_b.shape, states, first), b1 = nextQuad(u_b.shape, b0), b2 = nextQuad(u_b.shape, b1), b3 = nextQuad(u_b.shape, b2);
  ivec2 c0 = texelOf(u_c.shape, states, first), c1 = nextQuad(u_c.shape, c0), c2 = nextQuad(u_c.shape, c1), c3 = nextQuad(u_c.shape, c2);
  Coords bAt0 = coordsOf(u_b, b0), bAt1 = coordsOf(u_b, b1), bAt2 = coordsOf(u_b, b2), bAt3 = coordsOf(u_b, b3);
  Coords cAt0 = coordsOf(u_c, c0), cAt1 = coordsOf(u_c, c1), cAt2 = coordsOf(u_c, c2), cAt3 = coordsOf(u_c, c3);
#if BRICK == 8
  const int steps = SEGMENT;
#else
  int steps = reverse ? SEGMENT - mine : mine + BRICK;
#endif
  Brick outputs = filled(vec4(0));
  for (int t = 0; t < steps; t++) {
    int k = reverse ? SEGMENT - 1 - t : t;
#if BRICK < 8
    if (x + k >= u_u.shape.x) {
      outputs = moved(outputs, vec4(0));
      continue;
    }
#endif
    vec4 delta = fetchStep(u_delta, deltaAt, k);
    vec4 u = fetchStep(u_u, uAt, k);
    vec4 v = delta * u, y = d * u;
    vec4 b = fetchStep(u_b, bAt0, k), c = fetchStep(u_c, cAt0, k);
    STEP(h0, a0, b.x, c.x); STEP(h1, a1, b.y, c.y); STEP(h2, a2, b.z, c.z); STEP(h3, a3, b.w, c.w);
    b = fetchStep(u_b, bAt1, k), c = fetchStep(u_c, cAt1, k);
    STEP(h4, a4, b.x, c.x); STEP(h5, a5, b.y, c.y); STEP(h6, a6, b.z, c.z); STEP(h7, a7, b.w, c.w);
    b = fetchStep(u_b, bAt2, k), c = fetchStep(u_c, cAt2, k);
    STEP(h8, a8, b.x, c.x); STEP(h9, a9, b.y, c.y); STEP(h10, a10, b.z, c.z); STEP(h11, a11, b.w, c.w);
    b = fetchStep(u_b, bAt3, k), c = fetchStep(u_c, cAt3, k);
    STEP(h12, a12, b.x, c.x); STEP(h13, a13, b.y, c.y); STEP(h14, a14, b.z, c.z); STEP(h15, a15, b.w, c.w);
    outputs = moved(outputs, y);
  }
  if (reverse) outputs = flipped(outputs);
  return outputs;
}

void main() {
  int quad;
  ivec2 at = thisBrick(quad);
  int mine = at.x * BRICK & (SEGMENT - 1); // this fragment's outputs begin at step `mine` of the segment: 0 with eight attachments
  Brick outputs = outputsOf(quad, at, mine);
#ifdef BOTH_WAYS
  outputs = add(outputs, outputsOf(u_quads + quad, at, mine));
#endif
  store(outputs, at);
}
