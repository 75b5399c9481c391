/**
 * Names the method by which `using` gives something back. Safari and browsers of before 2025 do not know Symbol.dispose; there it is what
 * esbuild and Babel look for in its place when they rewrite `using`.
 */
export const DISPOSE: typeof Symbol.dispose = Symbol.dispose ?? Symbol.for('Symbol.dispose');
