import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';

const JOBS = fileURLToPath(new URL('jobs', import.meta.url));

/** The policies that the corpus runs under; the first is the one it is for. */
export const POLICIES = ['python-data', 'python', 'strict'] as const;
export type PolicyName = (typeof POLICIES)[number];

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
  return { ...header, name, code };
}

/** Why the job cannot run under the policy; undefined when it must. */
export function impossibility(job: CorpusJob, policy: PolicyName): string | undefined {
  const stated = job.impossible?.[policy];
  if (stated !== undefined || policy === 'python-data' || job.needs === undefined) return stated;
  return `the runtime has no ${job.needs[0]}`;
}

/** Whether nothing needs to be tried: the runtime itself lacks a package. */
export function lacksPackages(job: CorpusJob, policy: PolicyName): boolean {
  return policy !== 'python-data' && job.needs !== undefined;
}
