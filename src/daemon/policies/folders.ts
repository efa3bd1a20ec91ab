import { closeSync, constants, openSync, readdirSync } from 'node:fs';
import { LeewardError } from '../../errors/leeward-error.js';
import type { Trust } from './owner.js';
import { readTrustedFile } from './trusted-file.js';

/** What is in folders of policies: as it is now, or as it was at one time. */
export interface Folders {
  /**
   * The text of a file; undefined when there is none.
   *
   * @throws LeewardError LW_POLICY_UNSAFE_FILE, LW_POLICY_INVALID
   */
  read(path: string): string | undefined;
  /**
   * Names of files in a folder; none when there is no such folder, unless it is required.
   *
   * @throws LeewardError LW_POLICY_NOT_FOUND
   */
  list(path: string, required: boolean): readonly string[];
  /** @throws LeewardError LW_POLICY_NOT_FOUND when there is no such folder */
  require(path: string): void;
}

/** The folders themselves. Every read checks that nobody else could have written what is read. */
export class LiveFolders implements Folders {
  readonly #trust: Trust;

  constructor(trust: Trust) {
    this.#trust = trust;
  }

  read(path: string): string | undefined {
    return readTrustedFile(path, this.#trust);
  }

  list(path: string, required: boolean): readonly string[] {
    try {
      return readdirSync(path);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if ((code === 'ENOENT' || code === 'ENOTDIR') && !required) return [];
      throw unreadable(path, error);
    }
  }

  require(path: string): void {
    try {
      closeSync(openSync(path, constants.O_RDONLY | constants.O_DIRECTORY));
    } catch (error) {
      throw unreadable(path, error);
    }
  }
}

function unreadable(directory: string, error: unknown): LeewardError {
  const { code } = error as NodeJS.ErrnoException;
  return new LeewardError('LW_POLICY_NOT_FOUND', `policy folder ${directory} cannot be read: ${code}`);
}
