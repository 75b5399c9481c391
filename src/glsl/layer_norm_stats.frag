// Statistics of a layer norm over the channels of each pixel:  (mean, 1 / sqrt(variance + epsilon)), biased variance.
//
// Two passes over the channels, mean first: the sum of squares alone would lose the variance of values with a large mean (with a
// mean of 100, 2.3e-3 of the result). The second pass also finds what rounding left of the mean, and takes it off both. Where
// KEEP_MEAN is defined, the mean handed on is 0: the bias-free norm divides without subtracting.
//
// u_x         input, [c, h, w]
// u_channels  c: what a texel holds beyond it must not count
// u_epsilon   what keeps a variance of zero from dividing by it, 1e-5 but for inputs that were scaled
// out         one quad: (mean, 1 / deviation, 0, 0)
//
// A fragment computes eight pixels and fetches 2 c / 4 texels for each.
#include "lib/brick.glsl"
#include "lib/output.glsl"

uniform sampler2DArray u_x;
uniform ivec4 u_x_shape;
uniform int u_x_quads;
uniform int u_channels;
uniform float u_epsilon;

vec4 sumOfChannels(vec4 x) { return vec4(x.x + x.y + x.z + x.w); }
EACH_PIXEL(sumOfChannels)
vec4 subtract(vec4 x, vec4 y) { return x - y; }
EACH_PAIR(subtract)
#ifdef KEEP_MEAN
vec4 stats(vec4 mean, vec4 variance) { return vec4(0, inversesqrt(variance.x + u_epsilon), 0, 0); }
#else
vec4 stats(vec4 mean, vec4 variance) { return vec4(mean.x, inversesqrt(variance.x + u_epsilon), 0, 0); }
#endif
EACH_PAIR(stats)

void main() {
  int quad;
  ivec2 at = place(quad);
  vec4 share = vec4(1. / float(u_channels));
  ivec2 first = texelOf(u_x_shape, 0, at), texel = first;
  Brick sum = filled(vec4(0));
  for (int i = 0; i < u_x_quads; i++) {
    sum = add(sum, fetchBrick(u_x, texel));
    texel = nextQuad(u_x_shape, texel);
  }
  Brick mean = scaled(sumOfChannels(sum), share, vec4(0));
  texel = first;
  sum = filled(vec4(0));
  Brick squares = sum;
  for (int i = 0; i < u_x_quads; i++) {
    vec4 mask = vec4(lessThan(4 * i + ivec4(0, 1, 2, 3), ivec4(u_channels)));
    Brick difference = scaled(subtract(fetchBrick(u_x, texel), mean), mask, vec4(0));
    sum = add(sum, difference);
    squares = add(squares, multiply(difference, difference));
    texel = nextQuad(u_x_shape, texel);
  }
  Brick drift = scaled(sumOfChannels(sum), share, vec4(0));
  Brick variance = subtract(scaled(sumOfChannels(squares), share, vec4(0)), multiply(drift, drift));
  store(stats(add(mean, drift), variance), at);
}
