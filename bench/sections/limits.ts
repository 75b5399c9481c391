import type { Section } from './case.ts';

/** What the device can do at most. It is about nobody's work: there are no cases, and the result is the device's. */
export const limits: Section = {
  id: 'limits',
  title: 'The device’s own limits',
  measures: 'limits',
  cases: [],
};
