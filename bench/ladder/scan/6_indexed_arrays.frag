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

  Brick outputs = filled(vec4(0));
  int steps = reverse ? SEGMENT - mine : mine + BRICK;
  for (int t = 0; t < steps; t++) {
    ivec2 pixel = ivec2(x - mine + (reverse ? SEGMENT - 1 - t : t), at.y);
    if (pixel.x >= u_u.shape.x) {
      outputs = moved(outputs, vec4(0));
      continue;
    }
    vec4 delta = fetch(u_delta, texelAndLayer(u_delta.shape, quad, pixel));
    vec4 u = fetch(u_u, texelAndLayer(u_u.shape, quad, pixel));
    vec4 v = delta * u, y = d * u;
    ivec3 bAt = texelAndLayer(u_b.shape, 0, pixel), cAt = texelAndLayer(u_c.shape, 0, pixel);
    for (int n = 0; n < STATES; n += 4) {
      vec4 b = fetch(u_b, bAt), c = fetch(u_c, cAt);
      for (int k = 0; k < 4; k++) {
        h[n + k] = exp2(delta * a[n + k]) * h[n + k] + v * b[k];
        y += h[n + k] * c[k];
      }
      bAt.xy = nextQuad(u_b.shape, bAt.xy);
      cAt.xy = nextQuad(u_c.shape, cAt.xy);
    }
    outputs = moved(outputs, y);
  }
  if (reverse) outputs = flipped(outputs);
  store(outputs, at);
}
