// The scan over the channels of a picture, with their means as the sequence, forward and in reverse:
//
//     u = w x + b    (r, B, C) = P u    delta = softplus(S r + s)                                for the mean x of a channel
//     h[n] = exp(delta A[n]) h[n] + delta u B[n];    y = o . (sum over n of C[n] h[n] + D u)     in the order of the channels
//
// o leads from up to four features back to one value. x is one number, so that all that is linear in u is a slope times x plus an offset: these are
// folded when weights are packed, and nothing of a step but x has to be fetched. u takes o in too, since y is linear in it.
//
// u_means    x, [c, 1, 1]
// u_weights  a row for each part of the sum: four states forward, the next four, ..., then those in reverse. Columns 0 and 1: slope and offset
//            of o u, for up to four features; 2 and 3: of delta before softplus; 4 and 5: of B for the four states; 6 and 7: of C; 8 to 11:
//            A[n] log2(e) for the features; 12: slope and offset of o . D u, in one part of each direction, with the
//            bias of the way back in the first
// u_channels c
// out        parts of y, a quad each, whose pixels are the quads of channels: [32, 1, c / 4]
//
// A fragment computes one part of eight quads of channels, and to come there runs through all channels before them, as others do: of each part
// 16 m (m + 1) steps are made, m = c / 32 rounded up, where c would do: 96 for 48 channels, 2496 for 384. On an H100 that takes less time than the
// draws of a prefix sum, and as long with 384 channels. It fetches 13 texels and one for each four steps.
#include "lib/brick.glsl"
#include "lib/output.glsl"
#include "lib/activation.glsl"
#include "lib/pixel.glsl"

uniform Tensor u_means;
uniform Weights u_weights;
uniform int u_channels;

const int PARTS_EACH_WAY = 4;

#define STEP(h, a, b, c) h = exp2(delta * a) * h + v * b; y += h * c

void main() {
  int part;
  ivec2 at = thisBrick(part);
  bool reverse = part >= PARTS_EACH_WAY;
#define WEIGHT(w, column) vec4 w = fetch(u_weights, ivec2(column, part))
  WEIGHT(inputSlope, 0); WEIGHT(inputOffset, 1); WEIGHT(deltaSlope, 2); WEIGHT(deltaOffset, 3);
  WEIGHT(bSlope, 4); WEIGHT(bOffset, 5); WEIGHT(cSlope, 6); WEIGHT(cOffset, 7);
  WEIGHT(a0, 8); WEIGHT(a1, 9); WEIGHT(a2, 10); WEIGHT(a3, 11);
  WEIGHT(skip, 12);
  vec4 h0 = vec4(0), h1 = h0, h2 = h0, h3 = h0;

  Brick outputs = filled(vec4(0));
  int quads = u_out_shape.x, end = bricksPerRow(u_out_shape) * BRICK;
  int count = reverse ? end - at.x * BRICK : (at.x + 1) * BRICK;
  for (int i = 0; i < count; i++) {
    int quad = reverse ? end - 1 - i : i;
    vec4 means = fetchPixel(u_means, min(quad, quads - 1), ivec2(0)), ys = vec4(0);
    if (reverse) means = means.wzyx;
    for (int j = 0; j < 4; j++) {
      float x = means.x;
      bool inside = 4 * quad + (reverse ? 3 - j : j) < u_channels;
      vec4 delta = inside ? softplus(deltaSlope * x + deltaOffset) : vec4(0); // beyond the last channel: the identity
      vec4 v = delta * (inputSlope * x + inputOffset), y = vec4(skip.x * x + skip.y, 0, 0, 0);
      vec4 b = bSlope * x + bOffset, c = cSlope * x + cOffset;
      STEP(h0, a0, b.x, c.x); STEP(h1, a1, b.y, c.y); STEP(h2, a2, b.z, c.z); STEP(h3, a3, b.w, c.w);
      ys = vec4(ys.yzw, inside ? y.x + y.y + y.z + y.w : 0.);
      means = means.yzwx;
    }
    outputs = moved(outputs, reverse ? ys.wzyx : ys); // the last are this fragment's own
  }
  if (reverse) outputs = flipped(outputs);
  store(outputs, at);
}
