// Scan, phase 1, reduce: every segment of eight steps runs from h = 0, and what it ends with is its carry.
//
//     h[n] = exp(delta A[n]) h[n] + delta u B[n]        for the eight steps, in the scan's order
//
// u_u      input, a quad of channels at a time
// u_delta  step sizes, same shape for each direction; zero beyond the width, which makes such a step the identity
// u_b      B: 16 channels for each direction, the states
// u_a      column n, row by rowOfWeights: A[n] log2(e) for four channels
// out      carries in state bricks: pixel = segment, group = quad and part of the states; zero beyond u_count segments
//
// A fragment computes as many states as it has attachments, of one segment and one quad. With eight it fetches 5 texels per output (8 A,
// and 4 a step). The steps are written out, since a loop carries its states from round to round through memory: on SwiftShader it took
// half as long again. The first begins from zero and takes no exponentials.
#define OUT_PIXELS 1
#include "lib/brick.glsl"
#include "lib/output.glsl"
#include "lib/sequence.glsl"
#include "lib/directions.glsl"
#include "lib/states.glsl"

uniform Tensor u_u;
uniform Tensor u_delta;
uniform Tensor u_b;
uniform Weights u_a;
uniform ivec2 u_rows;
uniform int u_count;
uniform int u_order;

// Where a segment's first step is, for four states of B and the next four; and how many of its steps are within the picture.
struct Segment { Coords u, delta, b, next; int steps; };

// One step: delta, delta u, and B of four states and, with eight attachments, of the next four.
struct Step { vec4 delta, v, b, next; };

Step stepAt(Segment at, int k) {
#if BRICK < 8
  if (k >= at.steps) return Step(vec4(0), vec4(0), vec4(0), vec4(0)); // where there may be no brick: the identity
#endif
  vec4 delta = fetchStep(u_delta, at.delta, k);
  vec4 v = delta * fetchStep(u_u, at.u, k);
  vec4 b = fetchStep(u_b, at.b, k);
#if BRICK == 8
  return Step(delta, v, b, fetchStep(u_b, at.next, k));
#else
  return Step(delta, v, b, b);
#endif
}

void main() {
  int group;
  ivec2 at = thisBrick(group);
  int quad = group >> STATE_GROUP_BITS, state = (group & (STATE_GROUPS - 1)) * BRICK;
  int element = at.y * u_out_shape.x + at.x;
  if (element >= u_count) {
    storeAll(filled(vec4(0)));
    return;
  }
  bool reverse = isReverse(u_order, quad);
  ivec2 first = segmentAt(u_u.shape, reverse ? u_count - 1 - element : element);
  Segment segment;
  ivec2 b = texelAndLayer(u_b.shape, (isSecond(quad) ? STATES >> 2 : 0) + (state >> 2), first).xy;
  segment.u = coordsOf(u_u, texelAndLayer(u_u.shape, quadOfInput(quad), first).xy);
  segment.delta = coordsOf(u_delta, texelAndLayer(u_delta.shape, quad, first).xy);
  segment.b = coordsOf(u_b, b);
#if BRICK == 8
  segment.next = coordsOf(u_b, nextQuad(u_b.shape, b));
#else
  segment.steps = u_u.shape.x - first.x;
#endif
  Brick a = fetchDecay(u_a, state, rowOfWeights(u_rows, quad));

  // B of state `state + i`.
#if BRICK == 8
#define B(i) (i < 4 ? s.b : s.next)[i % 4]
#elif BRICK == 4
#define B(i) s.b[i]
#else
#define B(i) s.b[state & 3]
#endif
#define BEGIN(p, i) s.v * B(i)
#define ADVANCE(p, i) exp2(s.delta * a.p) * h.p + s.v * B(i)
  Step s = stepAt(segment, reverse ? SEGMENT - 1 : 0);
  Brick h = Brick(LIST(BEGIN));
#define STEP(t) s = stepAt(segment, reverse ? SEGMENT - 1 - t : t); h = Brick(LIST(ADVANCE))
  STEP(1); STEP(2); STEP(3); STEP(4); STEP(5); STEP(6); STEP(7);
  storeAll(h);
}
