// The scan over the channels of a picture, as if their means were a sequence: forward and in reverse, in one draw.
//
//     u = w x + b    (r, B, C) = P u    delta = softplus(S r + s)                                for the mean x of a channel
//     h[n] = exp(delta A[n]) h[n] + delta u B[n];    y = o . (sum over n of C[n] h[n] + D u)     in the order of the channels
//
// x is one number, so that all that is linear in u is a slope times x plus an offset: slopes and offsets are folded when weights are packed,
// and nothing of a step but x has to be fetched. u takes o in too, since y is linear in it.
//
// u_means    x, [c, 1, 1]
// u_weights  row 0 forward, row 1 in reverse. Columns 0 and 1: slope and offset of o u, for up to four features; 2 and 3: of delta before
//            softplus; 4: of o . D u; 5 to 20: for four states at a time slope and offset of B, then of C; 21 to 36: A[n] log2(e)
// u_channels c: the last quad may hold fewer than four channels
// out        y, [c, 1, 1]: first of all channels forward, then, from a quad of its own on, in reverse
//
// A fragment computes the outputs of four channels in one direction, and to come there runs through all channels before them, as every other
// fragment does: 2 c steps in all would do, c^2 / 4 are made. With c of some hundred these take less time than the draws of a prefix sum would.
// It fetches 37 texels and one for each step.
#include "lib/brick.glsl"
#include "lib/output.glsl"
#include "lib/activation.glsl"
#include "lib/directions.glsl"
#include "lib/pixel.glsl"

uniform Tensor u_means;
uniform Weights u_weights;
uniform int u_channels;

#define STEP(h, a, b, c) h = exp2(delta * a) * h + v * b; y += h * c

void main() {
  int quad;
  ivec2 at = thisBrick(quad);
  bool reverse = isSecond(quad);
  int own = quadOfInput(quad), row = reverse ? 1 : 0;
#define WEIGHT(w, n) vec4 w = fetch(u_weights, ivec2(n, row))
  WEIGHT(inputSlope, 0); WEIGHT(inputOffset, 1); WEIGHT(deltaSlope, 2); WEIGHT(deltaOffset, 3); WEIGHT(skip, 4);
  WEIGHT(bSlope0, 5); WEIGHT(bOffset0, 6); WEIGHT(cSlope0, 7); WEIGHT(cOffset0, 8);
  WEIGHT(bSlope1, 9); WEIGHT(bOffset1, 10); WEIGHT(cSlope1, 11); WEIGHT(cOffset1, 12);
  WEIGHT(bSlope2, 13); WEIGHT(bOffset2, 14); WEIGHT(cSlope2, 15); WEIGHT(cOffset2, 16);
  WEIGHT(bSlope3, 17); WEIGHT(bOffset3, 18); WEIGHT(cSlope3, 19); WEIGHT(cOffset3, 20);
  WEIGHT(a0, 21); WEIGHT(a1, 22); WEIGHT(a2, 23); WEIGHT(a3, 24); WEIGHT(a4, 25); WEIGHT(a5, 26); WEIGHT(a6, 27); WEIGHT(a7, 28);
  WEIGHT(a8, 29); WEIGHT(a9, 30); WEIGHT(a10, 31); WEIGHT(a11, 32); WEIGHT(a12, 33); WEIGHT(a13, 34); WEIGHT(a14, 35); WEIGHT(a15, 36);
  vec4 h0 = vec4(0), h1 = h0, h2 = h0, h3 = h0, h4 = h0, h5 = h0, h6 = h0, h7 = h0;
  vec4 h8 = h0, h9 = h0, h10 = h0, h11 = h0, h12 = h0, h13 = h0, h14 = h0, h15 = h0;

  vec4 outputs = vec4(0);
  int steps = reverse ? 4 * (u_quads - own) : 4 * own + 4;
  for (int i = 0; i < steps; i++) {
    int t = reverse ? 4 * u_quads - 1 - i : i;
    float x = fetchChannel(u_means, t, ivec2(0));
    vec4 delta = t < u_channels ? softplus(deltaSlope * x + deltaOffset) : vec4(0); // beyond the last channel: the identity
    vec4 v = delta * (inputSlope * x + inputOffset), y = vec4(skip.x * x + skip.y, 0, 0, 0);
    vec4 b = bSlope0 * x + bOffset0, c = cSlope0 * x + cOffset0;
    STEP(h0, a0, b.x, c.x); STEP(h1, a1, b.y, c.y); STEP(h2, a2, b.z, c.z); STEP(h3, a3, b.w, c.w);
    b = bSlope1 * x + bOffset1, c = cSlope1 * x + cOffset1;
    STEP(h4, a4, b.x, c.x); STEP(h5, a5, b.y, c.y); STEP(h6, a6, b.z, c.z); STEP(h7, a7, b.w, c.w);
    b = bSlope2 * x + bOffset2, c = cSlope2 * x + cOffset2;
    STEP(h8, a8, b.x, c.x); STEP(h9, a9, b.y, c.y); STEP(h10, a10, b.z, c.z); STEP(h11, a11, b.w, c.w);
    b = bSlope3 * x + bOffset3, c = cSlope3 * x + cOffset3;
    STEP(h12, a12, b.x, c.x); STEP(h13, a13, b.y, c.y); STEP(h14, a14, b.z, c.z); STEP(h15, a15, b.w, c.w);
    outputs = vec4(outputs.yzw, y.x + y.y + y.z + y.w); // the last four are its own
  }
  if (reverse) outputs = outputs.wzyx;
  store(filled(outputs * channelMask(own, u_channels)), at);
}
