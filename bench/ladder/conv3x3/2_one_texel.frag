// 3x3 convolution, step 2: four channels at once. A texel holds four channels, so a matrix of four texels takes one texel of x to one of y.
//
//     y[o] = bias[o] + sum over i, ky, kx of w[o, i, ky, kx] x[i](+kx - 1, +ky - 1)
//
// u_x         input, [cin, h, w], one texel a fragment (BRICK is 1)
// u_weights   column 4i + j, row 9 o + 3 ky + kx: weights from channel 4i + j to channels 4o to 4o + 3; last column of row 9 o: bias
//
// A fragment computes four output channels of a pixel. For four input channels and a tap it fetches 1 texel of x and 4 of weights:
// 45 cin / 4 fetches per output texel.
#include "../../../src/glsl/lib/brick.glsl"
#include "../../../src/glsl/lib/output.glsl"

uniform Tensor u_x;
uniform int u_x_quads;
uniform Weights u_weights;

void main() {
  int o;
  ivec2 at = thisBrick(o);
  vec4 y = fetch(u_weights, ivec2(4 * u_x_quads, 9 * o));
  for (int ky = 0; ky < 3; ky++) {
    for (int kx = 0; kx < 3; kx++) {
      ivec2 pixel = at + ivec2(kx, ky) - 1;
      if (pixel != clamp(pixel, ivec2(0), u_x.shape.xy - 1)) continue;
      ivec2 texel = texelOf(u_x.shape, 0, pixel);
      for (int i = 0; i < u_x_quads; i++) {
        y += fetchMatrix(u_weights, ivec2(4 * i, 9 * o + 3 * ky + kx)) * fetch(u_x, ivec3(texel, 0));
        texel = nextQuad(u_x.shape, texel);
      }
    }
  }
  out0 = y;
}
