import { LeewardCommand } from '../command.js';
import type { Finding } from '../doctor/finding.js';
import { jsonFlag, pathFlags, pathOptions } from '../flags.js';
import { plural } from '../terminal/plural.js';
import { printable } from '../terminal/printable.js';
import { type Style, styleFor } from '../terminal/style.js';

export default class Doctor extends LeewardCommand {
  static override summary = 'Check what Leeward needs from this host.';
  static override description =
    'One line for each need: what was tried, what the kernel answered, and a remedy where something is missing. Each layer of a sandbox is tried in a throw-away process, then real jobs run. Works before the native parts are built, and names what it could not try then. Exit code 1 when no job can run.';
  static override examples = ['<%= config.bin %> <%= command.id %>', '<%= config.bin %> <%= command.id %> --json'];
  static override flags = { json: jsonFlag, ...pathFlags };

  async run(): Promise<void> {
    const { flags } = await this.parse(Doctor);
    const { examine } = await import('../doctor/examine.js');
    const findings = await examine(pathOptions(flags));
    const failed = findings.filter(({ status }) => status === 'fail').length;
    if (flags.json) this.printJson({ ok: failed === 0, findings });
    else this.#show(findings, styleFor(process.stdout));
    process.exitCode = failed === 0 ? 0 : 1;
  }

  #show(findings: readonly Finding[], style: Style): void {
    const paint = { ok: style.green, warn: style.yellow, fail: style.red };
    const width = Math.max(...findings.map(({ check }) => check.length));
    for (const { check, status, tried, message, remedy } of findings) {
      this.print(
        `${paint[status](status.padEnd(4))}  ${check.padEnd(width)}  ${printable(tried === undefined ? message : `${tried}: ${message}`)}`,
      );
      if (remedy !== undefined) this.print(`${' '.repeat(width + 8)}-> ${printable(remedy)}`);
    }
    const count = (wanted: Finding['status']) => findings.filter(({ status }) => status === wanted).length;
    this.note(`${count('ok')} ok, ${plural(count('warn'), 'warning')}, ${plural(count('fail'), 'failure')}`);
  }
}
