import type { TestProject } from 'vitest/node';
import { type Host, prepareHost } from '../../harness/host.js';

declare module 'vitest' {
  interface ProvidedContext {
    host: Host;
  }
}

export function setup(project: TestProject): () => void {
  const { host, remove } = prepareHost('test/integration/policies');
  project.provide('host', host);
  return remove;
}
