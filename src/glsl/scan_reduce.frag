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
// A fragment computes as many states as it has attachments, of one segment and one quad. With eight it fetches 5 texels an output (8 A,
// and 4 a step).
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

void main() {
  int group;
  ivec2 at = place(group);
  int quad = group >> STATE_GROUP_BITS, state = (group & (STATE_GROUPS - 1)) * BRICK;
  int segment = at.y * u_out_shape.x + at.x;
  if (segment >= u_count) {
    storeAll(filled(vec4(0)));
    return;
  }
  bool reverse = isReverse(u_order, quad);
  ivec2 first = segmentAt(u_u.shape, reverse ? u_count - 1 - segment : segment);
  ivec2 uAt = placeOf(u_u.shape, quadOfInput(quad), first).xy, deltaAt = placeOf(u_delta.shape, quad, first).xy;
  ivec2 bAt = placeOf(u_b.shape, (isSecond(quad) ? STATES >> 2 : 0) + (state >> 2), first).xy;
#if BRICK == 8
  ivec2 bNext = nextQuad(u_b.shape, bAt);
#endif
  Brick a = fetchDecay(u_a, state, rowOfWeights(u_rows, quad)), h = filled(vec4(0));
  for (int t = 0; t < SEGMENT; t++) {
    int k = reverse ? SEGMENT - 1 - t : t;
    ivec2 column = ivec2(brickOf(k), 0);
    int layer = layerOf(k);
#if BRICK < 8
    if (first.x + k >= u_u.shape.x) continue;
#endif
    vec4 delta = fetch(u_delta, ivec3(deltaAt + column, layer));
    vec4 v = delta * fetch(u_u, ivec3(uAt + column, layer));
    vec4 b = fetch(u_b, ivec3(bAt + column, layer));
    // One step of one state.
#define STEP(p, i) h.p = exp2(delta * a.p) * h.p + v * B(i)
#if BRICK == 8
    vec4 c = fetch(u_b, ivec3(bNext + column, layer));
#define B(i) (i < 4 ? b : c)[i % 4]
#elif BRICK == 4
#define B(i) b[i]
#else
#define B(i) b[state & 3]
#endif
    EACH(STEP);
  }
  storeAll(h);
}
