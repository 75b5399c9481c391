import { resolve } from 'node:path';

/** The project's folder; of the npm package's files the package's. */
export const root = resolve(import.meta.dirname, '..');
