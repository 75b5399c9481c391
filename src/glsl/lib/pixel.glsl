// Single pixels of a picture, for kernels that gather. These make their bricks pixel by pixel in a loop: written out for each pixel, their
// code is so long that SwiftShader compiles for up to half a second.
vec4 fetchPixel(Tensor x, int quad, ivec2 pixel) {
  return fetch(x, texelAndLayer(x.shape, quad, pixel));
}

// One channel of a pixel.
float fetchChannel(Tensor x, int channel, ivec2 pixel) {
  return fetchPixel(x, channel >> 2, pixel)[channel & 3];
}
