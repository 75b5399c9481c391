// A picture's colours as a tensor, padded on the right and below by reflection:  y[c](x, y) = picture[c](mirror(x), mirror(y))
// With PAIR the colours of a second picture follow:                              y[3 + c](x, y) = right[c](mirror(x), mirror(y))
//
// The mirror has the period 2 (size - 1), so that padding may be wider than the picture; a size of 1 repeats.
//
// u_picture  8-bit RGBA, read as [0, 1]
// u_right    another of the same size
// out        [3, h, w], or [6, h, w] with PAIR; h and w at least the picture's
//
// A fragment computes eight pixels and fetches 1 texel for each, or 2 with PAIR.
#include "lib/brick.glsl"
#include "lib/output.glsl"

uniform sampler2D u_picture;
#ifdef PAIR
uniform sampler2D u_right;
#endif

int mirror(int i, int size) {
  int period = max(2 * (size - 1), 1);
  i %= period;
  return i < size ? i : period - i;
}

vec4 coloursAt(int quad, ivec2 pixel) {
  ivec2 size = textureSize(u_picture, 0);
  ivec2 from = ivec2(mirror(pixel.x, size.x), mirror(pixel.y, size.y));
  vec3 colour = texelFetch(u_picture, from, 0).rgb;
#ifdef PAIR
  vec3 right = texelFetch(u_right, from, 0).rgb;
  return quad == 0 ? vec4(colour, right.r) : vec4(right.gb, 0, 0);
#else
  return vec4(colour, 0);
#endif
}

void main() {
  int quad;
  ivec2 at = thisBrick(quad);
  Brick y = filled(vec4(0));
  for (int k = 0; k < BRICK; k++) y = moved(y, coloursAt(quad, ivec2(at.x * BRICK + k, at.y)));
  store(y, at);
}
