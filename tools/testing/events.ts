/** What tests tell the test runner while they run in a page or in a Node process. */
export type TestEvent =
  /** Something begins that may hang: the loading of a file, a hook, a test. */
  | { readonly type: 'start'; readonly suite: string; readonly test: string }
  | { readonly type: 'pass'; readonly suite: string; readonly test: string; readonly milliseconds: number }
  | { readonly type: 'fail'; readonly suite: string; readonly test: string; readonly error: TestFailure }
  | { readonly type: 'suite'; readonly suite: string; readonly result: SuiteResult }
  | { readonly type: 'done' };

export interface TestFailure {
  readonly message: string;
  /** The difference between what was expected and what came, when an assertion tells it. */
  readonly details: string;
  readonly stack: string;
}

export interface SuiteResult {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  readonly milliseconds: number;
}
