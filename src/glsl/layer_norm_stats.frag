// Statistics of a layer norm over the channels of each pixel:  (mean, 1 / sqrt(variance + epsilon)), biased variance.
//
// One pass over the channels, of x - s, where s is the mean of the first four: the variance is the mean square less the squared mean
// of these. With s = 0 that would lose the variance of values with a large mean (with a mean of 100, 2.3e-3 of the result). However
// far the first four are from the rest, the mean square is at most c / 4 times the variance, so that little cancels. Where KEEP_MEAN is
// defined, the mean handed on is 0: the bias-free norm divides without subtracting.
//
// u_x         input, [c, h, w]
// u_channels  c: what a texel holds beyond it must not count
// u_epsilon   what keeps a variance of zero from dividing by it, 1e-5 but for inputs that were scaled
// out         one quad: (mean, 1 / deviation, 0, 0)
//
// A fragment computes eight pixels and fetches c / 4 + 1 texels for each.
#include "lib/brick.glsl"
#include "lib/output.glsl"

uniform Tensor u_x;
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
  ivec2 at = thisBrick(quad);
  vec4 share = vec4(1. / float(u_channels));
  ivec2 texel = texelOf(u_x.shape, 0, at);
  Brick s = sumOfChannels(scaled(fetchBrick(u_x, texel), channelMask(0, u_channels) / float(min(4, u_channels)), vec4(0)));
  Brick sum = filled(vec4(0)), squares = sum;
  for (int i = 0; i < u_x_quads; i++) {
    Brick x = scaled(subtract(fetchBrick(u_x, texel), s), channelMask(i, u_channels), vec4(0));
    sum = add(sum, x);
    squares = add(squares, multiply(x, x));
    texel = nextQuad(u_x.shape, texel);
  }
  Brick mean = scaled(sumOfChannels(sum), share, vec4(0));
  Brick variance = subtract(scaled(sumOfChannels(squares), share, vec4(0)), multiply(mean, mean));
  store(stats(add(s, mean), variance), at);
}
