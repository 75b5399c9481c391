// Selective scan, step 6, which loses: the final scan with this kernel in place of scan_apply.frag, which is the same but for arrays and
// loops where that one has sixteen variables of each kind.
//
//     h[n] = exp(delta A[n]) h[n] + delta u B[n];    y = sum over n of C[n] h[n] + D u
//
// u_u, u_delta  input and step sizes, a quad of channels at a time
// u_b, u_c      B and C: 16 channels each, the states
// u_enter       states that enter the segments, one pixel per segment, quad 16 quad + n
// u_a           columns 0 to 15 A[n] log2(e), column 16 D
//
// A fragment computes as many steps of one quad as it has attachments: with eight 14 fetches per output, as scan_apply.frag.
#include "../../../src/glsl/lib/brick.glsl"
#include "../../../src/glsl/lib/output.glsl"
#include "../../../src/glsl/lib/sequence.glsl"
#include "../../../src/glsl/lib/directions.glsl"

uniform Tensor u_u;
uniform Tensor u_delta;
uniform Tensor u_b;
uniform Tensor u_c;
uniform Tensor u_enter;
uniform Weights u_a;
uniform ivec2 u_rows;
uniform int u_count;
uniform int u_order;

void main() {
  int quad;
  ivec2 at = thisBrick(quad);
  bool reverse = isReverse(u_order, quad);
  int x = at.x * BRICK, mine = x % SEGMENT; // this fragment's outputs begin at step `mine` of the segment: 0 with eight attachments
  int index = at.y * segmentsPerRow(u_u.shape) + x / SEGMENT;
  int segment = reverse ? u_count - 1 - index : index;

  int row = rowOfWeights(u_rows, quad);
  vec4 h[STATES], a[STATES], d = fetch(u_a, ivec2(STATES, row));
  ivec3 enterAt = texelAndLayer(u_enter.shape, quad * STATES, pixelAt(u_enter.shape, segment));
  for (int n = 0; n < STATES; n++) {
    h[n] = fetch(u_enter, enterAt);
    a[n] = fetch(u_a, ivec2(n, row));
    enterAt.xy = nextQuad(u_enter.shape, enterAt.xy);
  }

  ivec2 first = ivec2(brickOf(x - mine), at.y), bTexel = texelOf(u_b.shape, 0, first), cTexel = texelOf(u_c.shape, 0, first);
  Coords uAt = coordsOf(u_u, texelOf(u_u.shape, quad, first)), deltaAt = coordsOf(u_delta, texelOf(u_delta.shape, quad, first));
  Coords bAt[STATES / 4], cAt[STATES / 4];
  for (int i = 0; i < STATES / 4; i++) {
    bAt[i] = coordsOf(u_b, bTexel);
    cAt[i] = coordsOf(u_c, cTexel);
    bTexel = nextQuad(u_b.shape, bTexel);
    cTexel = nextQuad(u_c.shape, cTexel);
  }
  Brick outputs = filled(vec4(0));
  int steps = reverse ? SEGMENT - mine : mine + BRICK;
  for (int t = 0; t < steps; t++) {
    int k = reverse ? SEGMENT - 1 - t : t;
#if BRICK < 8
    if (x - mine + k >= u_u.shape.x) {
      outputs = moved(outputs, vec4(0));
      continue;
    }
#endif
    vec4 delta = fetchStep(u_delta, deltaAt, k);
    vec4 u = fetchStep(u_u, uAt, k);
    vec4 v = delta * u, y = d * u;
    for (int i = 0; i < STATES / 4; i++) {
      vec4 b = fetchStep(u_b, bAt[i], k), c = fetchStep(u_c, cAt[i], k);
      for (int s = 0; s < 4; s++) {
        int n = 4 * i + s;
        h[n] = exp2(delta * a[n]) * h[n] + v * b[s];
        y += h[n] * c[s];
      }
    }
    outputs = moved(outputs, y);
  }
  if (reverse) outputs = flipped(outputs);
  store(outputs, at);
}
