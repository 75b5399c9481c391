// The picture turned about its diagonal:  y(column, row) = x(row, column)   (+ sum where SUM is defined)
//
// A scan along columns is a scan along the rows of the transposed picture.
//
// u_x    input, [c, w, h] for an output of [c, h, w]
// u_sum  same shape as the output
//
// A fragment moves eight pixels of four channels and fetches 1 texel per output (2 with the sum).
#include "lib/brick.glsl"
#include "lib/output.glsl"

uniform Tensor u_x;
#ifdef SUM
uniform Tensor u_sum;
#endif

void main() {
  int quad;
  ivec2 at = thisBrick(quad);
  ivec2 texel = texelOf(u_x.shape, quad, ivec2(brickOf(at.y), at.x * BRICK));
  int layer = layerOf(at.y), last = u_x.shape.y - 1 - at.x * BRICK; // rows beyond are another quad's: store masks them
#define ROW(p, i) fetch(u_x, ivec3(texel.x, texel.y + min(i, last), layer))
  Brick y = Brick(LIST(ROW));
#ifdef SUM
  y = add(y, fetchBrick(u_sum, texelOf(u_sum.shape, quad, at)));
#endif
  store(y, at);
}
