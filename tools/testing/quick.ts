/** Which browser the tests that start one take. */

/** The embedded one, where there is one: it comes up in half the time of most that are installed. Elsewhere what is found. */
export const QUICK = process.platform === 'linux' && process.arch === 'x64' ? 'embedded' : undefined;
