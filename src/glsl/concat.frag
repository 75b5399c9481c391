// Concatenation over channels:  y[c] = a[c] for c < u_split, b[c - u_split] from there on.
//
// u_a, u_b  inputs, [u_split, h, w] and [u_channels - u_split, h, w]
//
// A fragment computes eight pixels of four channels and fetches 1 texel per output; 4 where the split is no multiple of four.
#include "lib/brick.glsl"
#include "lib/output.glsl"
#include "lib/pixel.glsl"

uniform Tensor u_a;
uniform Tensor u_b;
uniform int u_split;
uniform int u_channels;

float channelAt(int c, ivec2 pixel) {
  if (c >= u_channels) return 0.;
  return c < u_split ? fetchChannel(u_a, c, pixel) : fetchChannel(u_b, c - u_split, pixel);
}

// A loop, as short code to compile as can be: few networks have a split that is no multiple of four.
vec4 channelsAt(int c, ivec2 pixel) {
  pixel.x = min(pixel.x, u_out_shape.x - 1); // store masks what lies beyond
  vec4 y = vec4(0);
  for (int k = 0; k < 4; k++) y += channelAt(c + k, pixel) * vec4(equal(ivec4(k), ivec4(0, 1, 2, 3)));
  return y;
}

void main() {
  int quad;
  ivec2 at = thisBrick(quad);
  if (4 * quad + 4 <= u_split) {
    store(fetchBrick(u_a, texelOf(u_a.shape, quad, at)), at);
  } else if (4 * quad >= u_split && (u_split & 3) == 0) {
    store(fetchBrick(u_b, texelOf(u_b.shape, quad - (u_split >> 2), at)), at);
  } else {
    Brick y = filled(vec4(0));
    for (int k = 0; k < BRICK; k++) y = moved(y, channelsAt(4 * quad, ivec2(at.x * BRICK + k, at.y)));
    store(y, at);
  }
}
