// Single pixels of a picture, for kernels that gather.
vec4 fetchPixel(sampler2DArray x, ivec4 shape, int quad, ivec2 pixel) {
  return texelFetch(x, ivec3(texelOf(shape, quad, ivec2(pixel.x / BRICK, pixel.y)), pixel.x % BRICK), 0);
}

// One channel of a pixel.
float fetchChannel(sampler2DArray x, ivec4 shape, int channel, ivec2 pixel) {
  return fetchPixel(x, shape, channel / 4, pixel)[channel % 4];
}

// The brick whose pixels an expression of the pixel's number gives.
#if BRICK == 8
#define GATHER(f) Brick(f(0), f(1), f(2), f(3), f(4), f(5), f(6), f(7))
#elif BRICK == 4
#define GATHER(f) Brick(f(0), f(1), f(2), f(3))
#else
#define GATHER(f) Brick(f(0))
#endif
