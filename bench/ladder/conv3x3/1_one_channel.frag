// 3x3 convolution, step 1: as it is written down, one number at a time.
//
//     y[o] = bias[o] + sum over i, ky, kx of w[o, i, ky, kx] x[i](+kx - 1, +ky - 1)
//
// u_x         input, [cin, h, w], one texel a fragment (BRICK is 1)
// u_weights   column i, row 9 o + 3 ky + kx: weights from channel i to channels 4o to 4o + 3; last column of row 9 o: bias
//
// A fragment computes four output channels of a pixel, one after the other. For each multiply-add it fetches a texel of weights and one
// of x and takes one channel of either: 72 cin fetches per output texel for 36 cin multiply-adds.
#include "../../../src/glsl/lib/brick.glsl"
#include "../../../src/glsl/lib/output.glsl"
#include "../../../src/glsl/lib/pixel.glsl"

uniform Tensor u_x;
uniform int u_x_quads;
uniform Weights u_weights;

void main() {
  int o;
  ivec2 at = thisBrick(o);
  vec4 y = fetch(u_weights, ivec2(4 * u_x_quads, 9 * o));
  for (int k = 0; k < 4; k++) {
    for (int ky = 0; ky < 3; ky++) {
      for (int kx = 0; kx < 3; kx++) {
        ivec2 pixel = at + ivec2(kx, ky) - 1;
        if (pixel != clamp(pixel, ivec2(0), u_x.shape.xy - 1)) continue;
        for (int i = 0; i < 4 * u_x_quads; i++)
          y[k] += fetch(u_weights, ivec2(i, 9 * o + 3 * ky + kx))[k] * fetchChannel(u_x, i, pixel);
      }
    }
  }
  out0 = y;
}
