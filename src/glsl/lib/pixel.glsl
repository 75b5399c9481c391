// Single pixels of a picture, for kernels that gather. These make their bricks pixel by pixel in a loop: written out for each pixel, their
// code is so long that SwiftShader compiles for up to half a second.
vec4 fetchPixel(Tensor x, int quad, ivec2 pixel) {
  return fetch(x, ivec3(texelOf(x.shape, quad, ivec2(brickOf(pixel.x), pixel.y)), layerOf(pixel.x)));
}

// One channel of a pixel.
float fetchChannel(Tensor x, int channel, ivec2 pixel) {
  return fetchPixel(x, channel >> 2, pixel)[channel & 3];
}
