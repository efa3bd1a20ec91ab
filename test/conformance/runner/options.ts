/** Command line of `npm run conformance`. */
import { parseArgs } from 'node:util';
import { type AccountName, PLACES, type PlaceName } from './case.js';

export interface Options {
  /** Letters of classes; undefined: all. */
  readonly classes: readonly string[] | undefined;
  readonly ids: readonly string[] | undefined;
  readonly places: readonly PlaceName[];
  readonly accounts: readonly AccountName[];
  readonly withoutSandbox: boolean;
  readonly full: boolean;
  /** Layers that are left out, one at a time; undefined: none is, `[]`: each. */
  readonly knockOut: readonly string[] | undefined;
  /** Of these, only the probes whose cases name the layer. */
  readonly named: boolean;
  /** Directory for the report's files. */
  readonly report: string | undefined;
  /** Only check the catalogue. */
  readonly list: boolean;
}

export const USAGE = `usage: npm run conformance -- [options]
  --class A,B          only these classes
  --id A05,A06         only these probes
  --place fresh,warm   only these places: ${PLACES.join(', ')}
  --account root,user  only these accounts
  --without-sandbox    runs everything against no sandbox at all: every probe must fail
  --knock-out          tries every probe without one layer after the other, at the place fresh
  --layer L,M          only without these layers
  --named              only the probes whose cases name the layer that is left out
  --full               repetitions as for a release, and every probe as both accounts
  --report DIR         writes report.json, report.md and junit.xml there
  --list               prints the catalogue and runs nothing`;

const ACCOUNTS: readonly AccountName[] = ['root', 'user'];

/** @throws Error that names the argument */
export function parseOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      class: { type: 'string' },
      id: { type: 'string' },
      place: { type: 'string' },
      account: { type: 'string' },
      'without-sandbox': { type: 'boolean' },
      full: { type: 'boolean' },
      'knock-out': { type: 'boolean' },
      layer: { type: 'string' },
      named: { type: 'boolean' },
      report: { type: 'string' },
      list: { type: 'boolean' },
    },
  });
  return {
    classes: values.class?.split(','),
    ids: values.id?.split(','),
    places: chosen('place', values.place, PLACES),
    accounts: chosen('account', values.account, ACCOUNTS),
    withoutSandbox: values['without-sandbox'] === true,
    full: values.full === true,
    named: values.named === true,
    knockOut: values['knock-out'] === true ? (values.layer?.split(',') ?? []) : undefined,
    report: values.report,
    list: values.list === true,
  };
}

function chosen<T extends string>(option: string, value: string | undefined, known: readonly T[]): readonly T[] {
  if (value === undefined) return known;
  return value.split(',').map((word) => {
    const found = known.find((name) => name === word);
    if (found === undefined) throw new Error(`--${option} ${word}: there are ${known.join(', ')}`);
    return found;
  });
}
