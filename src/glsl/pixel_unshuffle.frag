// Pixel unshuffle by 2:  y[4c + 2i + j](x, y) = x[c](2x + j, 2y + i)
//
// u_x  input, [c, 2h, 2w] for an output of [4c, h, w]: quad c of the output is a 2x2 square of channel c
//
// A fragment computes eight pixels of four channels and fetches 4 texels per output, of which it uses one channel.
#include "lib/brick.glsl"
#include "lib/output.glsl"
#include "lib/pixel.glsl"

uniform Tensor u_x;

vec4 square(int channel, ivec2 pixel) {
  ivec2 last = u_x.shape.xy - 1; // store masks what lies beyond
  return vec4(fetchChannel(u_x, channel, min(pixel, last)), fetchChannel(u_x, channel, min(pixel + ivec2(1, 0), last)),
              fetchChannel(u_x, channel, min(pixel + ivec2(0, 1), last)), fetchChannel(u_x, channel, min(pixel + 1, last)));
}

void main() {
  int quad;
  ivec2 at = thisBrick(quad);
  Brick y = filled(vec4(0));
  for (int k = 0; k < BRICK; k++) y = moved(y, square(quad, 2 * ivec2(at.x * BRICK + k, at.y)));
  store(y, at);
}
