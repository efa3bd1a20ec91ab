import { nearestNames } from '../errors/nearest.js';
import { UsageError } from './usage-error.js';

/** What oclif throws when it cannot parse a command line (`@oclif/core/lib/parser/errors`); it exports no classes for it. */
interface ParseError extends Error {
  readonly flags?: readonly string[];
  readonly args?: readonly unknown[];
}

/** What is needed of a command to say what was meant. */
export interface KnownNames {
  /** The command as it is typed: `policy lint`. */
  readonly command: string;
  /** Long names without dashes. */
  readonly flags: readonly string[];
}

const PARSER_CLASSES = new Set([
  'NonExistentFlagsError',
  'UnexpectedArgsError',
  'RequiredArgsError',
  'FlagInvalidOptionError',
  'ArgInvalidOptionError',
  'FailedFlagValidationError',
  'ViolatedFlagConstraintError',
  'CLIError',
  'CLIParseError',
]);

/** A parser's error as a UsageError in our words; anything else as it is. */
export function usageErrorOf(thrown: unknown, known: KnownNames): unknown {
  if (!(thrown instanceof Error) || !PARSER_CLASSES.has(thrown.constructor.name)) return thrown;
  const error = thrown as ParseError;
  const help = `see \`leeward ${known.command} --help\``;
  if (error.constructor.name === 'NonExistentFlagsError') return unknownFlag(error.flags ?? [], known.flags, help);
  if (error.constructor.name === 'RequiredArgsError') return missing(error.args ?? [], help);
  if (error.constructor.name === 'UnexpectedArgsError') return unexpected((error.args ?? []).map(String), known, help);
  return new UsageError(plain(error.message), help);
}

function unknownFlag(flags: readonly string[], known: readonly string[], help: string): UsageError {
  const near = flags.flatMap((flag) => nearestNames(flag.replace(/^-+/, ''), known, 1));
  const names = near.map((name) => `--${name}`);
  return new UsageError(
    `unknown flag ${flags.join(', ')}`,
    names.length === 0 ? help : `did you mean ${names.join(' and ')}?`,
  );
}

function missing(args: readonly unknown[], help: string): UsageError {
  const names = args.map((arg) => String((arg as { readonly name: string }).name).toUpperCase());
  return new UsageError(`missing ${names.join(' ')}`, help);
}

function unexpected(args: readonly string[], { command }: KnownNames, help: string): UsageError {
  const hint = command === 'exec' ? 'arguments of the job go after --' : help;
  return new UsageError(`unexpected argument ${args.join(' ')}`, hint);
}

/** oclif's text: without its advice, on one line, its first letter small. */
function plain(message: string): string {
  const text = message
    .replace(/\nSee more help with --help$/, '')
    .replace(/\s*\n\s*/g, ' ')
    .trim();
  return text.charAt(0).toLowerCase() + text.slice(1);
}
