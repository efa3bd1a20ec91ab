import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';

const JOBS = fileURLToPath(new URL('jobs', import.meta.url));

/** The policies that the corpus runs under; where a job is run under one alone, it is the first that has its packages. */
export const POLICIES = ['python-data', 'python-ml', 'python', 'strict'] as const;
export type PolicyName = (typeof POLICIES)[number];

/** The runtime that has all packages: its Python makes the input, and checks results on the host. */
export const WHOLE_RUNTIME = 'python-ml';

const DATA = ['PIL', 'matplotlib', 'numpy', 'openpyxl', 'pandas', 'pyarrow'];

/** What jobs may need beyond the standard library, by policy. */
const PACKAGES: Readonly<Record<PolicyName, readonly string[]>> = {
  'python-data': DATA,
  'python-ml': [...DATA, 'joblib', 'scipy', 'sklearn'],
  python: [],
  strict: [],
};

/** What a job's file says about it, in the comment at its top. */
export interface Header {
  readonly title: string;
  /** Packages beyond the standard library. */
  readonly needs?: readonly string[];
  /** Further members of the request. */
  readonly request?: { readonly argv?: string[]; readonly env?: Record<string, string> };
  /** A line of standard input, and how often it comes. */
  readonly stdin?: { readonly line: string; readonly times: number };
  /** The whole standard output. Default: anything. */
  readonly stdout?: string;
  /** Default: 0. */
  readonly exit?: number;
  /** Python that raises when the result is wrong; it runs on the host, in the job's output directory, with `INPUT` and `stdout`. */
  readonly check?: string;
  /** System calls that may be refused without harm, and why. */
  readonly harmless?: Readonly<Record<string, string>>;
  /** Policies that the job cannot run under, and why. */
  readonly impossible?: Readonly<Partial<Record<PolicyName, string>>>;
  /** The job has many threads: it is run again and again. */
  readonly repeat?: boolean;
}

const MEMBERS = ['title', 'needs', 'request', 'stdin', 'stdout', 'exit', 'check', 'harmless', 'impossible', 'repeat'];

export interface CorpusJob extends Header {
  /** `topic/name`. */
  readonly name: string;
  readonly code: string;
}

/** All jobs, by name. */
export function readCorpus(): readonly CorpusJob[] {
  return readdirSync(JOBS, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.py'))
    .sort()
    .map((path) => readJob(path.slice(0, -'.py'.length), readFileSync(join(JOBS, path), 'utf8')));
}

function readJob(name: string, code: string): CorpusJob {
  const comment = /^(?:#.*\n)*/.exec(code)?.[0] ?? '';
  const header = parse(comment.replace(/^# ?/gm, '')) as Header | null;
  const unknown = Object.keys(header ?? {}).filter((member) => !MEMBERS.includes(member));
  if (typeof header?.title !== 'string' || unknown.length > 0) {
    throw new Error(`${name}.py: the comment at its top has no title, or unknown members: ${unknown.join(', ')}`);
  }
  if (header.stdout === undefined && header.check === undefined && header.exit === undefined) {
    throw new Error(`${name}.py: nothing says what is expected of it`);
  }
  const job = { ...header, name, code };
  if (policiesFor(job).length === 0) throw new Error(`${name}.py: no policy has what it needs`);
  return job;
}

/** Why the job cannot run under the policy; undefined when it must. */
export function impossibility(job: CorpusJob, policy: PolicyName): string | undefined {
  const lacking = lackedPackage(job, policy);
  return job.impossible?.[policy] ?? (lacking === undefined ? undefined : `the runtime has no ${lacking}`);
}

/** A package that the job needs and the policy's runtime lacks: nothing needs to be tried then. */
export function lackedPackage({ needs = [] }: CorpusJob, policy: PolicyName): string | undefined {
  return needs.find((name) => !PACKAGES[policy].includes(name));
}

/** The policies whose runtimes have the job's packages. */
export function policiesFor(job: CorpusJob): readonly PolicyName[] {
  return POLICIES.filter((policy) => lackedPackage(job, policy) === undefined);
}
