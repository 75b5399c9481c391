// Layer norm over the channels of a single pixel, of the sum of what a scan over them gave forward and in reverse:
//
//     s[c] = forward[c] + reverse[c]    y[c] = (s[c] - mean) / sqrt(variance + epsilon) * w[c] + b[c]
//
// u_x         forward, then, from a quad of its own on, in reverse: [c, 1, 1] each, zero beyond c
// u_weights   row q: column 0 w, column 1 b
// u_channels  c
// u_epsilon   what is added to the biased variance
//
// A fragment computes four channels, and for these the statistics of all, which it goes through twice: fetches c + 4 texels.
#include "lib/brick.glsl"
#include "lib/output.glsl"
#include "lib/directions.glsl"

uniform Tensor u_x;
uniform Weights u_weights;
uniform int u_channels;
uniform float u_epsilon;

vec4 sumAt(int quad) {
  ivec2 pixel = ivec2(0);
  return fetch(u_x, texelAndLayer(u_x.shape, quad, pixel)) + fetch(u_x, texelAndLayer(u_x.shape, u_quads + quad, pixel));
}

void main() {
  int quad;
  ivec2 at = thisBrick(quad);
  vec4 share = vec4(1. / float(u_channels));
  float mean = 0., variance = 0.;
  for (int i = 0; i < u_quads; i++) mean += dot(sumAt(i), share);
  for (int i = 0; i < u_quads; i++) {
    vec4 difference = (sumAt(i) - mean) * channelMask(i, u_channels);
    variance += dot(difference * difference, share);
  }
  vec4 y = (sumAt(quad) - mean) * inversesqrt(variance + u_epsilon);
  store(filled(y * fetch(u_weights, ivec2(0, quad)) + fetch(u_weights, ivec2(1, quad))), at);
}
