// Layer norm over the channels of a single pixel, each the sum of the parts that channel_scan wrote:
//
//     s[c] = sum of the parts of c    y[c] = (s[c] - mean) / sqrt(variance + epsilon) * w[c] + b[c]
//
// u_x         parts, a quad each, whose pixels are the quads of channels: [32, 1, c / 4], zero beyond c
// u_weights   row q: column 0 w, column 1 b
// u_channels  c
// u_epsilon   what is added to the biased variance
// out         y, [c, 1, 1]
//
// A fragment computes four channels, and for these the statistics of all, which it goes through twice: fetches 4 c + 10 texels,
// c rounded up to a multiple of 32.
#include "lib/brick.glsl"
#include "lib/output.glsl"
#include "lib/pixel.glsl"

uniform Tensor u_x;
uniform Weights u_weights;
uniform int u_channels;
uniform float u_epsilon;

const int PARTS = 8;

Brick sumAt(int column) {
  Brick sum = filled(vec4(0));
  for (int part = 0; part < PARTS; part++) sum = add(sum, fetchBrick(u_x, texelOf(u_x.shape, part, ivec2(column, 0))));
  return sum;
}

void main() {
  int quad;
  ivec2 at = thisBrick(quad);
  vec4 share = vec4(1. / float(u_channels));
  int columns = bricksPerRow(u_x.shape);
  float mean = 0., variance = 0.;
  for (int i = 0; i < columns; i++) mean += dot(sumOf(sumAt(i)), share);
  for (int i = 0; i < columns; i++) {
    Brick s = sumAt(i);
#define DIFFERENCE(p, k) (s.p - mean) * channelMask(i * BRICK + k, u_channels)
    Brick difference = Brick(LIST(DIFFERENCE));
    variance += dot(sumOf(multiply(difference, difference)), share);
  }
  vec4 s = vec4(0);
  for (int part = 0; part < PARTS; part++) s += fetchPixel(u_x, part, ivec2(quad, 0));
  vec4 y = (s - mean) * inversesqrt(variance + u_epsilon) * fetch(u_weights, ivec2(0, quad)) + fetch(u_weights, ivec2(1, quad));
  store(filled(y), at);
}
