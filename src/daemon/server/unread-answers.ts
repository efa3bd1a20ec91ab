/** Bytes of answers that a tenant's connections may leave unread together; one connection may have half of it. */
const OWNER_BYTES = 128 << 20;

/** A connection, as far as its answers are concerned. */
export interface Reader {
  /** Bytes of answers that the peer has not read. */
  readonly unreadAnswers: number;
  /** Ends the connection. */
  drop(): void;
}

/** What tenants have not read of their answers. Beyond the bound of a tenant that connection ends which has most of it. */
export class UnreadAnswers {
  readonly #ownerBytes: number;
  readonly #readers = new Map<string, Set<Reader>>();

  constructor(ownerBytes: number = OWNER_BYTES) {
    this.#ownerBytes = ownerBytes;
  }

  add(owner: string, reader: Reader): void {
    this.#readers.set(owner, (this.#readers.get(owner) ?? new Set()).add(reader));
  }

  remove(owner: string, reader: Reader): void {
    const readers = this.#readers.get(owner);
    readers?.delete(reader);
    if (readers?.size === 0) this.#readers.delete(owner);
  }

  /** Called before an answer is sent. */
  makeRoom(owner: string): void {
    const readers = [...(this.#readers.get(owner) ?? [])];
    const unread = readers.reduce((sum, { unreadAnswers }) => sum + unreadAnswers, 0);
    if (unread < this.#ownerBytes) return;
    const most = readers.reduce((one, other) => (other.unreadAnswers > one.unreadAnswers ? other : one));
    this.remove(owner, most);
    most.drop();
  }
}
