/** An OCI profile as a policy that never allows more. */
import type { Diagnostic } from '../../errors/diagnostic.js';
import { ARCHES, type Arch } from '../../kernel/types.js';
import { Findings } from '../findings.js';
import { lintPolicy } from '../lint.js';
import { resolvePolicy } from '../resolve/resolve.js';
import type { EffectiveSyscalls, Outcome, PolicyLoader, SourceFile } from '../types.js';
import { baseFacts } from './base-facts.js';
import { CallImporter } from './calls.js';
import { callsOfAll } from './calls-of-all.js';
import { nameDifferences } from './import-differences.js';
import { type ImportedPolicy, policyDocument, policyText } from './imported-policy.js';
import { type ImportLoss, Losses } from './losses.js';
import { archesOf, nativeProfile } from './native.js';
import { OCI_ARCHES } from './profile.js';
import { nameWholeLosses } from './profile-losses.js';
import { type ProfileFile, readProfile } from './read.js';
import { nameUnknownCalls } from './unknown-calls.js';

export interface ImportOptions {
  /** Of the policy. */
  readonly name: string;
  /** The runtime that its jobs run in. */
  readonly runtime: string;
  /** What the profile's file is called in the policy; printable, on one line. */
  readonly label: string;
  /** The only architecture that the policy is for; undefined: all that the profile and Leeward know. */
  readonly arch?: Arch | undefined;
}

export interface OciImport {
  readonly arches: readonly Arch[];
  /** As data; integers of 64 bits are bigints. */
  readonly document: Readonly<Record<string, unknown>>;
  /** As a file, with the losses at the top. */
  readonly text: string;
  /** All that is not as in the profile, in its order. */
  readonly losses: readonly ImportLoss[];
}

/**
 * Imports a profile. Each entry becomes one of the policy where the language can say it; then both are compared for every call of the
 * table and every argument, and every difference is named. The policy never allows what the profile does not, beside what the base
 * allows for every sandbox, which is named too.
 *
 * @param loader finds the base
 * @returns the policy, or what is wrong with the profile
 */
export function importOci(source: SourceFile, options: ImportOptions, loader: PolicyLoader): Outcome<OciImport> {
  const { value: file, diagnostics } = readProfile(source);
  if (file === undefined) return { value: undefined, diagnostics };
  const arches = archesOf(file).filter((arch) => options.arch === undefined || arch === options.arch);
  if (arches.length === 0) return { value: undefined, diagnostics: noArchitecture(file, options) };
  return { value: imported(file, { ...options, arches }, loader), diagnostics: [] };
}

function noArchitecture({ places }: ProfileFile, { arch }: ImportOptions) {
  const findings = new Findings();
  const wanted = (arch === undefined ? ARCHES : [arch]).map((one) => `\`${OCI_ARCHES[one]}\``).join(' or ');
  findings.add('LW-P013', places.key('/architectures'), `\`architectures\` does not have ${wanted}`);
  return findings.sorted();
}

function imported(
  file: ProfileFile,
  options: ImportOptions & Pick<OciImport, 'arches'>,
  loader: PolicyLoader,
): OciImport {
  const { arches, name, runtime, label } = options;
  const losses = new Losses();
  const base = baseFacts(loader);
  const natives = arches.map((arch) => {
    const profile = nativeProfile(file, arch, losses);
    return { arch, profile, importer: new CallImporter(profile, arch, base, losses) };
  });
  const closed = natives[0]?.profile;
  if (closed === undefined) throw new RangeError('no architecture');
  nameWholeLosses(file, closed, arches, losses);
  nameUnknownCalls(file, arches, losses);
  const calls = callsOfAll(natives, losses);
  const policy = withReports({ name, runtime, label, arches, closed, calls, isReported: true }, loader);
  const meaning = meaningOf(policy, loader);
  for (const native of natives) nameDifferences({ ...native, policy: meaning }, losses);
  nameFindings(policy, file, loader, losses);
  const sorted = losses.sorted();
  return {
    arches,
    document: policyDocument(policy),
    text: policyText(policyDocument(policy), policy, sorted),
    losses: sorted,
  };
}

/** As of a policy that is only there to be extended: it may lack what a process cannot live without. */
function meaningOf(policy: ImportedPolicy, loader: PolicyLoader): EffectiveSyscalls {
  const text = policyText({ ...policyDocument(policy), abstract: true }, policy, []);
  const { value, diagnostics } = resolvePolicy({ file: `${policy.name}.yaml`, text }, loader);
  const error = diagnostics.find(({ severity }) => severity === 'error');
  if (value === undefined) throw new Error(`the imported policy has errors: ${error?.message}`);
  return value.syscalls;
}

/** The supervisor sees no arguments: where the base and the policy refuse the same call with different errnos, the policy reports nothing. */
function withReports(policy: ImportedPolicy, loader: PolicyLoader): ImportedPolicy {
  const hasTwoAnswers = findingsOf(policy, loader).some(({ code }) => code === 'LW-S118');
  return { ...policy, isReported: !hasTwoAnswers };
}

function nameFindings(policy: ImportedPolicy, { places }: ProfileFile, loader: PolicyLoader, losses: Losses): void {
  for (const { severity, code, message, hint } of findingsOf(policy, loader)) {
    if (severity !== 'error') continue;
    const text = `${code}: ${message}${hint === undefined ? '' : `; ${hint}`}`;
    losses.add({ kind: 'lint', origin: places.key('/syscalls'), message: text, calls: [] });
  }
}

function findingsOf(policy: ImportedPolicy, loader: PolicyLoader): readonly Diagnostic[] {
  const text = policyText(policyDocument(policy), policy, []);
  return lintPolicy([{ file: `${policy.name}.yaml`, text }], loader).diagnostics;
}
