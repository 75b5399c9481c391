// 3x3 convolution, stride 1, zero padding:  y[o] = bias[o] + sum over i, ky, kx of w[o, i, ky, kx] x[i](+kx - 1, +ky - 1) + residual[o]
//
// u_x         input, [cin, h, w]
// u_weights   column 4i + j, row 9 o + 3 ky + kx: weights from channel 4i + j to channels 4o to 4o + 3; last column of row 9 o: bias
//             x may be the channels from u_first_input on, as in conv1x1
// u_residual  where RESIDUAL is defined
//
// A fragment computes eight pixels of four output channels. For four input channels and a kernel row it fetches 10 texels of x, which
// serve 24 taps, and 12 of weights, which serve 8 pixels: 8.3 cin / 4 fetches per output for 144 cin / 4 multiply-adds; and 1 of the residual.
#include "lib/brick.glsl"
#include "lib/output.glsl"
#include "lib/row.glsl"

uniform Tensor u_x;
uniform int u_x_quads;
uniform Weights u_weights;
uniform int u_first_row;   // row of the first output quad, in kernels
uniform int u_first_input; // column of the first input channel
#ifdef RESIDUAL
uniform Tensor u_residual;
#endif

void main() {
  int o;
  ivec2 at = thisBrick(o);
  int first = 9 * (u_first_row + o);
  Brick y = filled(u_first_input == 0 ? fetch(u_weights, ivec2(textureSize(u_weights.texels, 0).x - 1, first)) : vec4(0));
  int end = at.y + 1 < u_x.shape.y ? 3 : 2;
  for (int ky = at.y > 0 ? 0 : 1; ky < end; ky++) {
    ivec2 texel = texelOf(u_x.shape, 0, ivec2(at.x, at.y + ky - 1));
    int tap = first + 3 * ky;
    for (int i = 0; i < u_x_quads; i++) {
      Row x = fetchRow(u_x, texel, at.x);
      y = multiplyAdd(y, fetchMatrix(u_weights, ivec2(u_first_input + 4 * i, tap)), leftOf(x));
      y = multiplyAdd(y, fetchMatrix(u_weights, ivec2(u_first_input + 4 * i, tap + 1)), x.mid);
      y = multiplyAdd(y, fetchMatrix(u_weights, ivec2(u_first_input + 4 * i, tap + 2)), rightOf(x));
      texel = nextQuad(u_x.shape, texel);
    }
  }
#ifdef RESIDUAL
  y = add(y, fetchBrick(u_residual, texelOf(u_residual.shape, o, at)));
#endif
  store(y, at);
}
