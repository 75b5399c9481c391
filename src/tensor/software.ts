/** Whether a renderer draws on the processor, by its name: SwiftShader, Mesa's llvmpipe and softpipe, Direct3D's WARP, or as it says of itself. */
export function inSoftware(renderer: string): boolean {
  return /swiftshader|llvmpipe|softpipe|software|basic render/i.test(renderer);
}
