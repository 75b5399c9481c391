// How kernels see a tensor: bricks of eight neighbouring pixels of a row, four channels each. See src/tensor/layout.ts.
//
// A tensor is a texture array of eight layers; layer i holds the pixels with x % 8 == i. Quad q (channels 4q to 4q + 3) is a
// rectangle of bricks in the atlas, and shape = (width, height, atlas columns, group of the first quad) says where.
precision highp float;
precision highp int;
precision highp sampler2D;
precision highp sampler2DArray;

const int BRICK = 8;

// Eight pixels of a row. Members, not an array: an indexed local array costs SwiftShader a factor of five.
struct Brick { vec4 p0, p1, p2, p3, p4, p5, p6, p7; };

int bricksPerRow(ivec4 shape) { return (shape.x + BRICK - 1) / BRICK; }

// Texel, in every layer, of the brick at (brick column, row) of a quad.
ivec2 texelOf(ivec4 shape, int quad, ivec2 at) {
  int group = shape.w + quad;
  return ivec2((group % shape.z) * bricksPerRow(shape), (group / shape.z) * shape.y) + at;
}

// From a texel to the one of the same brick in the next quad: texelOf without its division, for loops over channels.
ivec2 nextQuad(ivec4 shape, ivec2 texel) {
  int width = bricksPerRow(shape);
  texel.x += width;
  return texel.x < shape.z * width ? texel : ivec2(texel.x - shape.z * width, texel.y + shape.y);
}

Brick fetchBrick(sampler2DArray x, ivec2 texel) {
  return Brick(
    texelFetch(x, ivec3(texel, 0), 0), texelFetch(x, ivec3(texel, 1), 0),
    texelFetch(x, ivec3(texel, 2), 0), texelFetch(x, ivec3(texel, 3), 0),
    texelFetch(x, ivec3(texel, 4), 0), texelFetch(x, ivec3(texel, 5), 0),
    texelFetch(x, ivec3(texel, 6), 0), texelFetch(x, ivec3(texel, 7), 0));
}

// The first `count` pixels of x, the rest zero.
Brick keepFirst(Brick x, int count) {
  return Brick(count > 0 ? x.p0 : vec4(0), count > 1 ? x.p1 : vec4(0), count > 2 ? x.p2 : vec4(0), count > 3 ? x.p3 : vec4(0),
               count > 4 ? x.p4 : vec4(0), count > 5 ? x.p5 : vec4(0), count > 6 ? x.p6 : vec4(0), count > 7 ? x.p7 : vec4(0));
}

// x with v added to the pixel that `layer` holds.
Brick addTo(Brick x, int layer, vec4 v) {
  return Brick(layer == 0 ? x.p0 + v : x.p0, layer == 1 ? x.p1 + v : x.p1, layer == 2 ? x.p2 + v : x.p2, layer == 3 ? x.p3 + v : x.p3,
               layer == 4 ? x.p4 + v : x.p4, layer == 5 ? x.p5 + v : x.p5, layer == 6 ? x.p6 + v : x.p6, layer == 7 ? x.p7 + v : x.p7);
}

Brick filled(vec4 v) { return Brick(v, v, v, v, v, v, v, v); }

// y + w x for each pixel: four input channels to four output channels.
Brick multiplyAdd(Brick y, mat4 w, Brick x) {
  return Brick(y.p0 + w * x.p0, y.p1 + w * x.p1, y.p2 + w * x.p2, y.p3 + w * x.p3,
               y.p4 + w * x.p4, y.p5 + w * x.p5, y.p6 + w * x.p6, y.p7 + w * x.p7);
}

// Four neighbouring texels: the weights from four input channels to four output channels.
mat4 fetchMatrix(sampler2D weights, ivec2 at) {
  return mat4(texelFetch(weights, at, 0), texelFetch(weights, at + ivec2(1, 0), 0),
              texelFetch(weights, at + ivec2(2, 0), 0), texelFetch(weights, at + ivec2(3, 0), 0));
}

// Defines f for whole bricks from f for four channels.
#define EACH_PIXEL(f) Brick f(Brick x) { return Brick(f(x.p0), f(x.p1), f(x.p2), f(x.p3), f(x.p4), f(x.p5), f(x.p6), f(x.p7)); }
#define EACH_PAIR(f) Brick f(Brick x, Brick y) { \
  return Brick(f(x.p0, y.p0), f(x.p1, y.p1), f(x.p2, y.p2), f(x.p3, y.p3), f(x.p4, y.p4), f(x.p5, y.p5), f(x.p6, y.p6), f(x.p7, y.p7)); }

vec4 add(vec4 x, vec4 y) { return x + y; }
EACH_PAIR(add)
vec4 multiply(vec4 x, vec4 y) { return x * y; }
EACH_PAIR(multiply)

// a x + b for each pixel, a and b the same for all.
Brick scaled(Brick x, vec4 a, vec4 b) {
  return Brick(x.p0 * a + b, x.p1 * a + b, x.p2 * a + b, x.p3 * a + b, x.p4 * a + b, x.p5 * a + b, x.p6 * a + b, x.p7 * a + b);
}
