// Selective scan, steps 2 to 4, last part: outputs from the states of all steps.
//
//     y = sum over n of C[n] h[n] + D u
//
// u_states   h, in state bricks: pixel = step, group = quad and part of the states
// u_u        input, a quad of channels at a time
// u_c        C: 16 channels, the states
// u_weights  column 16, row quad: D
//
// A fragment computes eight steps of one quad and fetches 34 texels per output.
#include "../../../src/glsl/lib/brick.glsl"
#include "../../../src/glsl/lib/output.glsl"
#include "../../../src/glsl/lib/pixel.glsl"
#include "../../../src/glsl/lib/sequence.glsl"

uniform Tensor u_states;
uniform Tensor u_u;
uniform Tensor u_c;
uniform Weights u_weights;

vec4 outputOf(int quad, ivec2 pixel) {
  vec4 y = fetch(u_weights, ivec2(STATES, quad)) * fetchPixel(u_u, quad, pixel);
  for (int n = 0; n < STATES; n++) {
    ivec2 texel = stateTexelOf(u_states.shape, quad * STATE_GROUPS + n / BRICK, pixel);
    y += fetchChannel(u_c, n, pixel) * fetch(u_states, ivec3(texel, n % BRICK));
  }
  return y;
}

void main() {
  int quad;
  ivec2 at = thisBrick(quad);
  Brick y = filled(vec4(0));
  for (int k = 0; k < BRICK; k++) y = moved(y, outputOf(quad, ivec2(at.x * BRICK + k, at.y)));
  store(y, at);
}
