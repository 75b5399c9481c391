// How kernels see a tensor: bricks of BRICK neighbouring pixels of a row (8, 4 or 1, as many as the device has attachments), four
// channels each. See src/tensor/layout.ts. Where a kernel says what it computes and fetches, BRICK is 8 and an output is one texel: four
// channels of a pixel.
//
// A tensor is a texture array of BRICK layers; layer i holds the pixels with x % BRICK == i. Quad q (channels 4q to 4q + 3) is a
// rectangle of bricks in the atlas, and shape = (width, height, atlas columns, group of the first quad) says where.
//
// Texels are fetched by whole numbers, or, where SAMPLED is defined, by a sampler that takes the nearest. Software renderers are faster that
// way: llvmpipe treats the level of detail of texelFetch as if it differed between fragments, and looks it up for each.
precision highp float;
precision highp int;
precision highp sampler2D;
precision highp sampler2DArray;
#include "integer.glsl"

struct Tensor {
  sampler2DArray texels;
  ivec4 shape;
#ifdef SAMPLED
  vec2 scale; // 1 / size of the texture
#endif
};

struct Weights {
  sampler2D texels;
#ifdef SAMPLED
  vec2 scale;
#endif
};

// Coordinates of a texel, the same in every layer. What is fetched from one texel, or from its neighbours, shares them: to work them out for each
// fetch anew took SwiftShader up to a tenth of a convolution.
#ifdef SAMPLED
#define Coords vec2
Coords coordsOf(Tensor x, ivec2 texel) { return (vec2(texel) + .5) * x.scale; }
Coords coordsOf(Weights w, ivec2 texel) { return (vec2(texel) + .5) * w.scale; }
Coords rightBy(Tensor x, Coords at, int columns) { return vec2(at.x + float(columns) * x.scale.x, at.y); }
Coords rightBy(Weights w, Coords at, int columns) { return vec2(at.x + float(columns) * w.scale.x, at.y); }
vec4 fetch(Tensor x, Coords at, int layer) { return texture(x.texels, vec3(at, layer)); }
vec4 fetch(Weights w, Coords at) { return texture(w.texels, at); }
vec4 fetch(Weights w, ivec2 at) { return fetch(w, coordsOf(w, at)); }
#else
#define Coords ivec2
Coords coordsOf(Tensor x, ivec2 texel) { return texel; }
Coords coordsOf(Weights w, ivec2 texel) { return texel; }
Coords rightBy(Tensor x, Coords at, int columns) { return ivec2(at.x + columns, at.y); }
Coords rightBy(Weights w, Coords at, int columns) { return ivec2(at.x + columns, at.y); }
vec4 fetch(Tensor x, Coords at, int layer) { return texelFetch(x.texels, ivec3(at, layer), 0); }
vec4 fetch(Weights w, Coords at) { return texelFetch(w.texels, at, 0); }
#endif
vec4 fetch(Tensor x, ivec3 at) { return fetch(x, coordsOf(x, at.xy), at.z); }

// The pixels of a brick. Members, not an array: an indexed local array costs SwiftShader a factor of five. LIST(f) is f for each
// member and its number, separated by commas, EACH(f) the same as statements; LIST1 and LIST2 are f of x's, or x's and y's, members.
#if BRICK == 8
struct Brick { vec4 p0, p1, p2, p3, p4, p5, p6, p7; };
#define LIST(f) f(p0, 0), f(p1, 1), f(p2, 2), f(p3, 3), f(p4, 4), f(p5, 5), f(p6, 6), f(p7, 7)
#define EACH(f) f(p0, 0); f(p1, 1); f(p2, 2); f(p3, 3); f(p4, 4); f(p5, 5); f(p6, 6); f(p7, 7)
#define LIST1(f) f(x.p0), f(x.p1), f(x.p2), f(x.p3), f(x.p4), f(x.p5), f(x.p6), f(x.p7)
#define LIST2(f) f(x.p0, y.p0), f(x.p1, y.p1), f(x.p2, y.p2), f(x.p3, y.p3), f(x.p4, y.p4), f(x.p5, y.p5), f(x.p6, y.p6), f(x.p7, y.p7)
#elif BRICK == 4
struct Brick { vec4 p0, p1, p2, p3; };
#define LIST(f) f(p0, 0), f(p1, 1), f(p2, 2), f(p3, 3)
#define EACH(f) f(p0, 0); f(p1, 1); f(p2, 2); f(p3, 3)
#define LIST1(f) f(x.p0), f(x.p1), f(x.p2), f(x.p3)
#define LIST2(f) f(x.p0, y.p0), f(x.p1, y.p1), f(x.p2, y.p2), f(x.p3, y.p3)
#else
struct Brick { vec4 p0; };
#define LIST(f) f(p0, 0)
#define EACH(f) f(p0, 0)
#define LIST1(f) f(x.p0)
#define LIST2(f) f(x.p0, y.p0)
#endif

int bricksPerRow(ivec4 shape) { return brickOf(shape.x + BRICK - 1); }

// Texel, in every layer, of the brick at (brick column, row) of a quad.
ivec2 texelOf(ivec4 shape, int quad, ivec2 at) {
  ivec2 group = divide(shape.w + quad, shape.z);
  return ivec2(group.y * bricksPerRow(shape), group.x * shape.y) + at;
}

// Texel and layer of a single pixel of a quad.
ivec3 texelAndLayer(ivec4 shape, int quad, ivec2 pixel) {
  return ivec3(texelOf(shape, quad, ivec2(brickOf(pixel.x), pixel.y)), layerOf(pixel.x));
}

// From a texel to the one of the same brick in the next quad: texelOf without its division, for loops over channels.
ivec2 nextQuad(ivec4 shape, ivec2 texel) {
  int width = bricksPerRow(shape);
  texel.x += width;
  return texel.x < shape.z * width ? texel : ivec2(texel.x - shape.z * width, texel.y + shape.y);
}

Brick fetchBrick(Tensor x, ivec2 texel) {
  Coords at = coordsOf(x, texel);
#define FETCH(p, i) fetch(x, at, i)
  return Brick(LIST(FETCH));
}

// The first `count` pixels of x, the rest zero.
Brick keepFirst(Brick x, int count) {
#define KEEP(p, i) count > i ? x.p : vec4(0)
  return Brick(LIST(KEEP));
}

// For values that come one after the other in a loop: x without its first pixel and with v as its last. To choose pixel number k instead takes
// a comparison of each, which was a quarter of the scan's last phase on SwiftShader.
Brick moved(Brick x, vec4 v) {
#if BRICK == 8
  return Brick(x.p1, x.p2, x.p3, x.p4, x.p5, x.p6, x.p7, v);
#elif BRICK == 4
  return Brick(x.p1, x.p2, x.p3, v);
#else
  return Brick(v);
#endif
}

// The pixels from the last to the first.
Brick flipped(Brick x) {
#if BRICK == 8
  return Brick(x.p7, x.p6, x.p5, x.p4, x.p3, x.p2, x.p1, x.p0);
#elif BRICK == 4
  return Brick(x.p3, x.p2, x.p1, x.p0);
#else
  return x;
#endif
}

Brick filled(vec4 v) {
#define FILL(p, i) v
  return Brick(LIST(FILL));
}

// y + w x for each pixel: four input channels to four output channels.
Brick multiplyAdd(Brick y, mat4 w, Brick x) {
#define MULTIPLY_ADD(p, i) y.p + w * x.p
  return Brick(LIST(MULTIPLY_ADD));
}

// a x + b for each pixel, a and b the same for all.
Brick scaled(Brick x, vec4 a, vec4 b) {
#define SCALE(p, i) x.p * a + b
  return Brick(LIST(SCALE));
}

// Defines f for whole bricks from f for four channels, of one operand or two.
#define EACH_PIXEL(f) Brick f(Brick x) { return Brick(LIST1(f)); }
#define EACH_PAIR(f) Brick f(Brick x, Brick y) { return Brick(LIST2(f)); }

vec4 add(vec4 x, vec4 y) { return x + y; }
EACH_PAIR(add)
vec4 multiply(vec4 x, vec4 y) { return x * y; }
EACH_PAIR(multiply)

// The sum over the pixels.
vec4 sumOf(Brick x) {
#if BRICK == 8
  return ((x.p0 + x.p1) + (x.p2 + x.p3)) + ((x.p4 + x.p5) + (x.p6 + x.p7));
#elif BRICK == 4
  return (x.p0 + x.p1) + (x.p2 + x.p3);
#else
  return x.p0;
#endif
}

// 1 for those channels of a quad that there are, 0 for those beyond the last.
vec4 channelMask(int quad, int channels) { return vec4(lessThan(4 * quad + ivec4(0, 1, 2, 3), ivec4(channels))); }

// Four neighbouring texels: the weights from four input channels to four output channels.
mat4 fetchMatrix(Weights weights, ivec2 texel) {
  Coords at = coordsOf(weights, texel);
  return mat4(fetch(weights, at), fetch(weights, rightBy(weights, at, 1)),
              fetch(weights, rightBy(weights, at, 2)), fetch(weights, rightBy(weights, at, 3)));
}
