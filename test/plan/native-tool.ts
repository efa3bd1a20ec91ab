import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const native = fileURLToPath(new URL('../../native', import.meta.url));

/** Builds lw-plan-tool unless it is current. Only one test file may use it: two builds at a time would disturb each other. */
export function buildPlanTool(): void {
  const made = spawnSync('make', ['-C', native, '--no-print-directory', 'build/lw-plan-tool'], { encoding: 'utf8' });
  if (made.status !== 0) throw new Error(`make build/lw-plan-tool failed:\n${made.stdout}${made.stderr}`);
}

/** Gives items to lw-plan-tool (see native/tools/plan_tool.c) and returns the lines that it prints. */
export function runPlanTool(mode: 'plans' | 'messages' | 'filters', items: readonly Uint8Array[]): string {
  const input = Buffer.concat(items.flatMap((item) => [u32(item.length), item]));
  const ran = spawnSync(`${native}/build/lw-plan-tool`, [mode], { input, maxBuffer: 1 << 28, timeout: 60_000 });
  if (ran.status !== 0) throw new Error(`lw-plan-tool ${mode}: status ${ran.status} ${ran.signal ?? ''} ${ran.stderr}`);
  return ran.stdout.toString('latin1');
}

/** What `plans` and `filters` print for each item. */
export function splitItems(output: string): string[] {
  return output.split('---\n').slice(0, -1);
}

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}
