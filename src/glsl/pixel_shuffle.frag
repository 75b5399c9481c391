// Pixel shuffle by 2:  y[c](2x + j, 2y + i) = x[4c + 2i + j](x, y)
//
// The four sources of an output pixel's channel are one texel, quad c of the input.
//
// u_x         input, [4c, h, w] for an output of [c, 2h, 2w]
// u_channels  c
//
// A fragment computes eight pixels of four channels and fetches 4 texels an output, of which it uses one channel.
#include "lib/brick.glsl"
#include "lib/output.glsl"
#include "lib/pixel.glsl"

uniform sampler2DArray u_x;
uniform ivec4 u_x_shape;
uniform int u_channels;

float source(int channel, ivec2 pixel) {
  if (channel >= u_channels) return 0.;
  int part = 2 * (pixel.y % 2) + pixel.x % 2;
  return fetchChannel(u_x, u_x_shape, 4 * channel + part, min(pixel / 2, u_x_shape.xy - 1)); // store masks what lies beyond
}

void main() {
  int quad;
  ivec2 at = place(quad);
#define CHANNEL(j, k) source(4 * quad + j, ivec2(at.x * BRICK + k, at.y))
#define PIXEL(k) vec4(CHANNEL(0, k), CHANNEL(1, k), CHANNEL(2, k), CHANNEL(3, k))
  store(GATHER(PIXEL), at);
}
