// A picture's colours as a tensor, padded on the right and below by reflection:  y[c](x, y) = picture[c](mirror(x), mirror(y))
//
// The mirror has the period 2 (size - 1), so that padding may be wider than the picture; a size of 1 repeats.
//
// u_picture  8-bit RGBA, read as [0, 1]
// out        [3, h, w], h and w at least the picture's
//
// A fragment computes eight pixels and fetches 1 texel for each.
#include "lib/brick.glsl"
#include "lib/output.glsl"
#include "lib/pixel.glsl"

uniform sampler2D u_picture;

int mirror(int i, int size) {
  int period = max(2 * (size - 1), 1);
  i %= period;
  return i < size ? i : period - i;
}

vec4 colourAt(ivec2 pixel) {
  ivec2 size = textureSize(u_picture, 0);
  return vec4(texelFetch(u_picture, ivec2(mirror(pixel.x, size.x), mirror(pixel.y, size.y)), 0).rgb, 0);
}

void main() {
  int quad;
  ivec2 at = place(quad);
#define PIXEL(k) colourAt(ivec2(at.x * BRICK + k, at.y))
  store(GATHER(PIXEL), at);
}
