// Selective scan, steps 2 to 4, first part: the steps as pairs (a, b), h_t = a_t h_{t-1} + b_t. They compose: (a, b) and then (a', b') is
// (a a', a' b + b').
//
//     a[n] = exp(delta A[n])  where WRITE_A is defined, else  b[n] = delta u B[n]
//
// u_u, u_delta  input and step sizes, a quad of channels at a time
// u_b           B: 16 channels, the states
// u_weights     column n, row quad: A[n] log2(e)
// out           state bricks: pixel = step, group = quad and part of the states
//
// A fragment computes the a or the b of eight states of one quad and one step, and fetches 9 or 10 texels. There are 16 of either for an
// output texel of the scan: 38 fetches.
#define OUT_PIXELS 1
#include "../../../src/glsl/lib/brick.glsl"
#include "../../../src/glsl/lib/output.glsl"
#include "../../../src/glsl/lib/pixel.glsl"
#include "../../../src/glsl/lib/sequence.glsl"
#include "../../../src/glsl/lib/states.glsl"

uniform Tensor u_delta;
#ifdef WRITE_A
uniform Weights u_weights;
#else
uniform Tensor u_u;
uniform Tensor u_b;
#endif

void main() {
  int group;
  ivec2 at = thisBrick(group);
  int quad = group / STATE_GROUPS, state = group % STATE_GROUPS * BRICK;
  vec4 delta = fetchPixel(u_delta, quad, at);
#ifdef WRITE_A
  Brick a = fetchDecay(u_weights, state, quad);
#define POWER(p, i) exp2(delta * a.p)
  storeAll(Brick(LIST(POWER)));
#else
  vec4 v = delta * fetchPixel(u_u, quad, at);
#define INPUT(p, i) v * fetchChannel(u_b, state + i, at)
  storeAll(Brick(LIST(INPUT)));
#endif
}
