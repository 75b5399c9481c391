// 3x3 convolution, steps 3 and 4: a brick of pixels a fragment, four with four attachments, eight with eight. All of them use the weights
// that were fetched once.
//
//     y[o] = bias[o] + sum over i, ky, kx of w[o, i, ky, kx] x[i](+kx - 1, +ky - 1)
//
// u_x         input, [cin, h, w]
// u_weights   column 4i + j, row 9 o + 3 ky + kx: weights from channel 4i + j to channels 4o to 4o + 3; last column of row 9 o: bias
//
// A fragment computes BRICK pixels of four output channels. For four input channels and a tap it fetches the row around its brick,
// BRICK + 2 texels, and 4 of weights: 22.5 cin / 4 fetches per output texel with four pixels, 15.8 cin / 4 with eight.
#include "../../../src/glsl/lib/brick.glsl"
#include "../../../src/glsl/lib/output.glsl"
#include "../../../src/glsl/lib/row.glsl"

uniform Tensor u_x;
uniform int u_x_quads;
uniform Weights u_weights;

void main() {
  int o;
  ivec2 at = thisBrick(o);
  Brick y = filled(fetch(u_weights, ivec2(4 * u_x_quads, 9 * o)));
  for (int ky = 0; ky < 3; ky++) {
    int line = at.y + ky - 1;
    if (line < 0 || line >= u_x.shape.y) continue;
    for (int kx = 0; kx < 3; kx++) {
      ivec2 texel = texelOf(u_x.shape, 0, ivec2(at.x, line));
      for (int i = 0; i < u_x_quads; i++) {
        Row row = fetchRow(u_x, texel, at.x);
        Brick x = row.mid;
        if (kx == 0) x = leftOf(row);
        if (kx == 2) x = rightOf(row);
        y = multiplyAdd(y, fetchMatrix(u_weights, ivec2(4 * i, 9 * o + 3 * ky + kx)), x);
        texel = nextQuad(u_x.shape, texel);
      }
    }
  }
  store(y, at);
}
