// Pixel shuffle by 2:  y[c](2x + j, 2y + i) = x[4c + 2i + j](x, y)
//
// The four sources of an output pixel's channel are one texel, quad c of the input.
//
// u_x         input, [4c, h, w] for an output of [c, 2h, 2w]
// u_channels  c
//
// A fragment computes eight pixels of four channels and fetches 4 texels per output, of which it uses one channel.
#include "lib/brick.glsl"
#include "lib/output.glsl"
#include "lib/pixel.glsl"

uniform Tensor u_x;
uniform int u_channels;

float source(int channel, ivec2 pixel) {
  if (channel >= u_channels) return 0.;
  int part = 2 * (pixel.y & 1) + (pixel.x & 1);
  return fetchChannel(u_x, 4 * channel + part, min(pixel >> 1, u_x.shape.xy - 1)); // store masks what lies beyond
}

vec4 sources(int channel, ivec2 pixel) {
  return vec4(source(channel, pixel), source(channel + 1, pixel), source(channel + 2, pixel), source(channel + 3, pixel));
}

void main() {
  int quad;
  ivec2 at = thisBrick(quad);
  Brick y = filled(vec4(0));
  for (int k = 0; k < BRICK; k++) y = moved(y, sources(4 * quad, ivec2(at.x * BRICK + k, at.y)));
  store(y, at);
}
