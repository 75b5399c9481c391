/** Addresses as a worker sees them: its script is bench/worker.js below the page's folder. */

/** Where the page is. */
export const pageFolder = (): string => new URL('../', location.href).href;
/** Where WebAssembly files of others are served. */
export const vendorFolder = (): string => new URL('vendor/', location.href).href;
