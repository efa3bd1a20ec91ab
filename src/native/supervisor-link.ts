import { fstatSync, readSync } from 'node:fs';
import { LeewardError } from '../errors/leeward-error.js';
import type { Message } from '../plan/layout.gen.js';
import { decodeMessage, encodeMessage } from '../plan/messages.js';
import type { Addon, Channel, NativeError, Packet } from './addon.js';

/** Bytes that travel as a sealed memfd beside a message. */
export interface Attachment {
  /** Shown in /proc/PID/fd of the supervisor. */
  readonly name: string;
  readonly data: Uint8Array;
}

export interface LinkEvents {
  /** @param attachment what came with a message that may bring something */
  message(message: Message, attachment: Uint8Array | undefined): void;
  /** The link is no more: `reason` is undefined when the supervisor just closed it. Called once, and not after `close`. */
  lost(reason: string | undefined): void;
}

/** More than any message brings: what is collected has bounds of its own. */
const MAX_ATTACHMENT_BYTES = 32 << 20;

/** What the host has too little of at the moment: not an error of the request. */
const EXHAUSTED = new Set(['EMFILE', 'ENFILE', 'ENOMEM', 'ENOBUFS', 'ENOSPC', 'ETOOMANYREFS']);

/** A channel whose packets are messages of `schemas/plan.layout.json`. */
export class SupervisorLink {
  readonly #addon: Addon;
  readonly #channel: Channel;
  readonly #events: LinkEvents;
  #open = true;

  constructor(addon: Addon, channel: Channel, events: LinkEvents) {
    this.#addon = addon;
    this.#channel = channel;
    this.#events = events;
    channel.onClose((errnoName) => this.#lose(errnoName === null ? undefined : `channel: ${errnoName}`));
    channel.onPackets((batch) => {
      for (const packet of batch) this.#receive(packet);
    });
  }

  /**
   * Sends a message with its attachments in this order. False when the supervisor is gone.
   *
   * @throws LeewardError LW_DAEMON_BUSY when the supervisor does not keep up, or the host is out of descriptors or memory;
   *   LW_INTERNAL when the message cannot be encoded
   */
  send(message: Message, attachments: readonly Attachment[] = []): boolean {
    if (!this.#open) return false;
    const bytes = encodeMessage(message);
    const fds: number[] = [];
    try {
      for (const { name, data } of attachments) fds.push(this.#addon.sealedMemfd(name, data));
      this.#channel.send(bytes, fds);
      return true;
    } catch (error) {
      return sendFailure(error as NativeError);
    } finally {
      for (const fd of fds) this.#addon.closeFd(fd);
    }
  }

  /** Ends the link; the supervisor ends with it. */
  close(): void {
    this.#open = false;
    this.#channel.close();
  }

  #receive({ data, fds }: Packet): void {
    try {
      if (this.#open) this.#handle(data, fds);
    } finally {
      // Whatever else they are, they are not kept.
      for (const fd of fds) this.#addon.closeFd(fd);
    }
  }

  #handle(data: Uint8Array, fds: readonly number[]): void {
    let message: Message;
    let attachment: Uint8Array | undefined;
    try {
      message = decodeMessage(data);
      const [fd] = fds;
      if (message.type === 'job_collected' && fd !== undefined) attachment = readMemfd(fd);
    } catch (error) {
      this.#channel.close();
      this.#lose((error as Error).message);
      return;
    }
    this.#events.message(message, attachment);
  }

  #lose(reason: string | undefined): void {
    if (!this.#open) return;
    this.#open = false;
    this.#events.lost(reason);
  }
}

/** A copy of what is in a memfd. */
function readMemfd(fd: number): Uint8Array {
  const { size } = fstatSync(fd);
  if (size > MAX_ATTACHMENT_BYTES) throw new Error(`the supervisor sent ${size} bytes beside a message`);
  const bytes = Buffer.allocUnsafe(size);
  for (let done = 0; done < size; ) {
    const count = readSync(fd, bytes, done, size - done, done);
    if (count === 0) throw new Error('the supervisor sent a file beside a message that became shorter');
    done += count;
  }
  return bytes;
}

/** False for a channel that is closed: its `onClose` tells the rest. */
function sendFailure(error: NativeError): false {
  if (error.code === 'LW_NATIVE_CLOSED') return false;
  if (error.code === 'LW_NATIVE_QUEUE_FULL') {
    throw new LeewardError('LW_DAEMON_BUSY', 'the supervisor does not keep up with the requests', { cause: error });
  }
  if (error.errnoName !== undefined && EXHAUSTED.has(error.errnoName)) {
    throw new LeewardError('LW_DAEMON_BUSY', `the host is short of descriptors or memory: ${error.message}`, {
      cause: error,
    });
  }
  throw error;
}
