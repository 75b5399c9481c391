// Elementwise:  y = f(x) or f(a, b), where one of ADD, MULTIPLY, SILU, GELU, SOFTPLUS is defined.
//
// u_x         x or a, [c, h, w]
// u_other     b, the same shape
// u_channels  c: what a texel holds beyond it stays zero
//
// A fragment computes eight pixels of four channels and fetches 1 texel per output for each input.
#include "lib/brick.glsl"
#include "lib/output.glsl"
#include "lib/activation.glsl"

uniform Tensor u_x;
#if defined(ADD) || defined(MULTIPLY)
uniform Tensor u_other;
#endif
uniform int u_channels;

void main() {
  int quad;
  ivec2 at = thisBrick(quad);
  Brick y = fetchBrick(u_x, texelOf(u_x.shape, quad, at));
#if defined(ADD)
  y = add(y, fetchBrick(u_other, texelOf(u_other.shape, quad, at)));
#elif defined(MULTIPLY)
  y = multiply(y, fetchBrick(u_other, texelOf(u_other.shape, quad, at)));
#elif defined(SILU)
  y = silu(y);
#elif defined(GELU)
  y = gelu(y);
#elif defined(SOFTPLUS)
  y = softplus(y);
#endif
  // softplus(0) is not 0: channels beyond the last stay zero.
  store(scaled(y, channelMask(quad, u_channels), vec4(0)), at);
}
