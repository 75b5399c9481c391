// 3x3 convolution, step 6, which loses: the final kernel with arrays and loops where it has members and macros.
//
//     y[o] = bias[o] + sum over i, ky, kx of w[o, i, ky, kx] x[i](+kx - 1, +ky - 1)
//
// u_x         input, [cin, h, w]
// u_weights   column 4i + j, row 9 o + 3 ky + kx: weights from channel 4i + j to channels 4o to 4o + 3; last column of row 9 o: bias
//
// A fragment computes eight pixels of four output channels, with the fetches of the final kernel: 8.3 cin / 4 per output texel.
#include "../../../src/glsl/lib/brick.glsl"
#include "../../../src/glsl/lib/output.glsl"

uniform Tensor u_x;
uniform int u_x_quads;
uniform Weights u_weights;

void main() {
  int o;
  ivec2 at = thisBrick(o);
  vec4 y[BRICK], x[BRICK + 2]; // x: the brick's pixels from 1 on, between their neighbours
  for (int p = 0; p < BRICK; p++) y[p] = fetch(u_weights, ivec2(4 * u_x_quads, 9 * o));
  int end = at.y + 1 < u_x.shape.y ? 3 : 2, last = bricksPerRow(u_x.shape) - 1;
  for (int ky = at.y > 0 ? 0 : 1; ky < end; ky++) {
    ivec2 texel = texelOf(u_x.shape, 0, ivec2(at.x, at.y + ky - 1));
    for (int i = 0; i < u_x_quads; i++) {
      x[0] = fetch(u_x, ivec3(at.x > 0 ? texel.x - 1 : texel.x, texel.y, BRICK - 1));
      x[BRICK + 1] = fetch(u_x, ivec3(at.x < last ? texel.x + 1 : texel.x, texel.y, 0));
      if (at.x == 0) x[0] = vec4(0);
      if (at.x == last) x[BRICK + 1] = vec4(0);
      Coords coords = coordsOf(u_x, texel);
      for (int p = 0; p < BRICK; p++) x[p + 1] = fetch(u_x, coords, p);
      for (int kx = 0; kx < 3; kx++) {
        mat4 w = fetchMatrix(u_weights, ivec2(4 * i, 9 * o + 3 * ky + kx));
        for (int p = 0; p < BRICK; p++) y[p] += w * x[p + kx];
      }
      texel = nextQuad(u_x.shape, texel);
    }
  }
#define PIXEL(p, i) y[i]
  store(Brick(LIST(PIXEL)), at);
}
