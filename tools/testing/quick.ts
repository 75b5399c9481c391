/** How browsers for tests are started, so that they are soon ready. */
import type { LaunchOptions } from '../browser.ts';

/** The embedded browser, where there is one: it comes up in half the time of most that are installed. Elsewhere what is found. */
export const QUICK = process.platform === 'linux' && process.arch === 'x64' ? 'embedded' : undefined;

/** What ANGLE has compiled for one context is there for the next: on SwiftShader its first run takes 1.9 s in place of 3.5. */
export const SHARED_PROGRAMS = ['--enable-angle-features=preferGlobalPipelineCache'];

/** For tests that click through pages. SwiftShader draws for WebGL only, not what pages show, which would be a quarter of their work. */
export const QUICK_BROWSER: LaunchOptions = {
  driver: 'swiftshader',
  executable: QUICK,
  switches: [...SHARED_PROGRAMS, '--disable-gpu-compositing'],
};
