// 3x3 convolution, step 7, which changes nothing: the final kernel with dot products. A texel of weights leads from four input channels to one output
// channel, where it leads from one to four in the final kernel.
//
//     y[o] = bias[o] + sum over i, ky, kx of w[o, i, ky, kx] x[i](+kx - 1, +ky - 1)
//
// u_x         input, [cin, h, w]
// u_weights   column 4i + j, row 9 o + 3 ky + kx: weights from channels 4i to 4i + 3 to channel 4o + j; last column of row 9 o: bias
//
// A fragment computes eight pixels of four output channels, with the fetches of the final kernel: 8.3 cin / 4 per output texel.
#include "../../../src/glsl/lib/brick.glsl"
#include "../../../src/glsl/lib/output.glsl"
#include "../../../src/glsl/lib/row.glsl"

uniform Tensor u_x;
uniform int u_x_quads;
uniform Weights u_weights;

Brick dotAdd(Brick y, mat4 w, Brick x) {
#define DOT_ADD(p, i) y.p + vec4(dot(w[0], x.p), dot(w[1], x.p), dot(w[2], x.p), dot(w[3], x.p))
  return Brick(LIST(DOT_ADD));
}

void main() {
  int o;
  ivec2 at = thisBrick(o);
  Brick y = filled(fetch(u_weights, ivec2(4 * u_x_quads, 9 * o)));
  int end = at.y + 1 < u_x.shape.y ? 3 : 2;
  for (int ky = at.y > 0 ? 0 : 1; ky < end; ky++) {
    ivec2 texel = texelOf(u_x.shape, 0, ivec2(at.x, at.y + ky - 1));
    int tap = 9 * o + 3 * ky;
    for (int i = 0; i < u_x_quads; i++) {
      Row x = fetchRow(u_x, texel, at.x);
      y = dotAdd(y, fetchMatrix(u_weights, ivec2(4 * i, tap)), leftOf(x));
      y = dotAdd(y, fetchMatrix(u_weights, ivec2(4 * i, tap + 1)), x.mid);
      y = dotAdd(y, fetchMatrix(u_weights, ivec2(4 * i, tap + 2)), rightOf(x));
      texel = nextQuad(u_x.shape, texel);
    }
  }
  store(y, at);
}
