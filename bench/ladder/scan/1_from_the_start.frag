// Selective scan, step 1: a fragment keeps nothing for the next, so each runs the recurrence from the first pixel to its own.
//
//     h[n] = exp(delta A[n]) h[n] + delta u B[n];    y = sum over n of C[n] h[n] + D u
//
// u_u, u_delta  input and step sizes, a quad of channels at a time
// u_b, u_c      B and C: 16 channels each, the states
// u_weights     row quad: columns 0 to 15 A[n] log2(e), column 16 D
//
// A fragment computes eight steps of one quad. It fetches 6 texels for every step before its own and 10 for its own: over a sequence of
// L steps 3 L / 8 + 9 an output texel, and L exponentials of four channels. That is quadratic.
#include "../../../src/glsl/lib/brick.glsl"
#include "../../../src/glsl/lib/output.glsl"
#include "../../../src/glsl/lib/pixel.glsl"
#include "../../../src/glsl/lib/sequence.glsl"

uniform Tensor u_u;
uniform Tensor u_delta;
uniform Tensor u_b;
uniform Tensor u_c;
uniform Weights u_weights;

// f of each state, its A, its B and its C.
#define EACH_STATE(f) \
  f(h0, a0, b0.x, c0.x); f(h1, a1, b0.y, c0.y); f(h2, a2, b0.z, c0.z); f(h3, a3, b0.w, c0.w); \
  f(h4, a4, b1.x, c1.x); f(h5, a5, b1.y, c1.y); f(h6, a6, b1.z, c1.z); f(h7, a7, b1.w, c1.w); \
  f(h8, a8, b2.x, c2.x); f(h9, a9, b2.y, c2.y); f(h10, a10, b2.z, c2.z); f(h11, a11, b2.w, c2.w); \
  f(h12, a12, b3.x, c3.x); f(h13, a13, b3.y, c3.y); f(h14, a14, b3.z, c3.z); f(h15, a15, b3.w, c3.w)
#define ADVANCE(h, a, b, c) h = exp2(delta * a) * h + v * b
#define READ(h, a, b, c) y += h * c

void main() {
  int quad;
  ivec2 at = thisBrick(quad);
#define A(a, n) vec4 a = fetch(u_weights, ivec2(n, quad))
  A(a0, 0); A(a1, 1); A(a2, 2); A(a3, 3); A(a4, 4); A(a5, 5); A(a6, 6); A(a7, 7);
  A(a8, 8); A(a9, 9); A(a10, 10); A(a11, 11); A(a12, 12); A(a13, 13); A(a14, 14); A(a15, 15);
  A(d, 16);
  vec4 h0 = vec4(0), h1 = h0, h2 = h0, h3 = h0, h4 = h0, h5 = h0, h6 = h0, h7 = h0;
  vec4 h8 = h0, h9 = h0, h10 = h0, h11 = h0, h12 = h0, h13 = h0, h14 = h0, h15 = h0;

  int first = at.y * u_u.shape.x + at.x * BRICK;
  Brick outputs = filled(vec4(0));
  for (int t = 0; t < first + BRICK; t++) {
    ivec2 pixel = pixelAt(u_u.shape, t);
    vec4 delta = fetchPixel(u_delta, quad, pixel), u = fetchPixel(u_u, quad, pixel), v = delta * u;
#define B(i) fetchPixel(u_b, i, pixel)
    vec4 b0 = B(0), b1 = B(1), b2 = B(2), b3 = B(3);
    EACH_STATE(ADVANCE);
    if (t < first) continue;
#define C(i) fetchPixel(u_c, i, pixel)
    vec4 c0 = C(0), c1 = C(1), c2 = C(2), c3 = C(3), y = d * u;
    EACH_STATE(READ);
    outputs = moved(outputs, y); // store masks what lies beyond the row
  }
  store(outputs, at);
}
