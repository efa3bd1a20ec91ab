import type { Findings } from '../findings.js';

interface Made<Value> {
  readonly inputs: readonly unknown[];
  readonly value: Value;
}

/** What a pass made of the same inputs last: policies that extend the same ones have most of them in common. */
export class MadeBefore<Value extends object> {
  /** By one of the inputs: one each, no longer than somebody holds it. */
  readonly #made = new WeakMap<object, Made<Value>>();

  /**
   * What `make` gives, which nobody can change. What had a finding is made anew each time, so that every policy has the finding.
   *
   * @param first the input that differs most between policies
   * @param inputs all others that the value depends on
   */
  of(first: object, inputs: readonly unknown[], findings: Findings, make: () => Value): Value {
    const known = this.#made.get(first);
    if (known?.inputs.every((input, index) => input === inputs[index])) return known.value;
    const before = findings.attempts;
    const value = make();
    if (findings.attempts === before) this.#made.set(first, { inputs, value });
    return value;
  }
}
