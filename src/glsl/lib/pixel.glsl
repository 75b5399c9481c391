// Single pixels of a picture, for kernels that gather. These make their bricks pixel by pixel in a loop: written out for each pixel, their
// code is so long that SwiftShader compiles for up to half a second.
vec4 fetchPixel(sampler2DArray x, ivec4 shape, int quad, ivec2 pixel) {
  return texelFetch(x, ivec3(texelOf(shape, quad, ivec2(brickOf(pixel.x), pixel.y)), layerOf(pixel.x)), 0);
}

// One channel of a pixel.
float fetchChannel(sampler2DArray x, ivec4 shape, int channel, ivec2 pixel) {
  return fetchPixel(x, shape, channel >> 2, pixel)[channel & 3];
}
