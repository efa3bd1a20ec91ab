// Policies of the benchmark's own.

/** @returns {{name: string, text: string}} the shipped policy, with processes that run 100 jobs each */
export function sharingPolicy(shipped) {
  const name = `bench-${shipped}`;
  const lines = [
    'version: 1',
    'kind: Policy',
    `name: ${name}`,
    `extends: [builtin:${shipped}@1]`,
    `runtime: ${shipped}`,
  ];
  return { name, text: [...lines, 'reuse: {times: 100}', ''].join('\n') };
}
