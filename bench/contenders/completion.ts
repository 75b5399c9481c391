/**
 * How a WebGL contender knows that its work is done.
 *
 * Reading one pixel of the output blocks until everything before it has been drawn. It draws nothing itself, copies 16 bytes, and the
 * page sleeps meanwhile in the browser's call to its GPU process. A fence would say the same, but a page can only poll one, from
 * timers of 4 ms, which is too coarse here, or without pause, which takes a core from a driver in software.
 */
export function waitForPixel(gl: WebGL2RenderingContext, framebuffer: WebGLFramebuffer): void {
  gl.bindFramebuffer(gl.FRAMEBUFFER, framebuffer);
  gl.readBuffer(gl.COLOR_ATTACHMENT0);
  gl.bindBuffer(gl.PIXEL_PACK_BUFFER, null);
  gl.readPixels(0, 0, 1, 1, gl.RGBA, gl.FLOAT, new Float32Array(4));
  // A read that failed waited for nothing.
  const error = gl.getError();
  if (error !== gl.NO_ERROR) throw new Error(`the wait for the GPU failed with WebGL error ${error}`);
}
