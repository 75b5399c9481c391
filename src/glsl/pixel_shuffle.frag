// Pixel shuffle by 2:  y[c](2x + j, 2y + i) = x[4c + 2i + j](x, y)
//
// The four sources of an output pixel's channel are one texel, quad c of the input.
//
// u_x         input, [4c, h, w] for an output of [c, 2h, 2w]
// u_channels  c
//
// A fragment computes eight pixels of four channels and fetches 4 texels for two outputs.
#include "lib/brick.glsl"
#include "lib/output.glsl"
#include "lib/pixel.glsl"

uniform sampler2DArray u_x;
uniform ivec4 u_x_shape;
uniform int u_channels;

vec4 source(int channel, ivec2 pixel) {
  return channel < u_channels ? fetchPixel(u_x, u_x_shape, channel, min(pixel, u_x_shape.xy - 1)) : vec4(0);
}

void main() {
  int quad;
  ivec2 at = place(quad);
  int i = at.y % 2;
#define COLUMN(k) mat4(source(4 * quad, ivec2(at.x * 4 + k, at.y / 2)), source(4 * quad + 1, ivec2(at.x * 4 + k, at.y / 2)), \
                       source(4 * quad + 2, ivec2(at.x * 4 + k, at.y / 2)), source(4 * quad + 3, ivec2(at.x * 4 + k, at.y / 2)))
  // Rows of the transposed matrix: sub-pixel 2i + j of the four channels.
  mat4 m0 = transpose(COLUMN(0)), m1 = transpose(COLUMN(1)), m2 = transpose(COLUMN(2)), m3 = transpose(COLUMN(3));
  Brick even = Brick(m0[0], m0[1], m1[0], m1[1], m2[0], m2[1], m3[0], m3[1]);
  Brick odd = Brick(m0[2], m0[3], m1[2], m1[3], m2[2], m2[3], m3[2], m3[3]);
  if (i == 0) store(even, at);
  else store(odd, at);
}
