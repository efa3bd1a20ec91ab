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
  message(message: Message): void;
  /** The link is no more: `reason` is undefined when the supervisor just closed it. Called once, and not after `close`. */
  lost(reason: string | undefined): void;
}

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
    // No message of a supervisor carries any: whatever they are, they are not kept.
    for (const fd of fds) this.#addon.closeFd(fd);
    if (!this.#open) return;
    let message: Message;
    try {
      message = decodeMessage(data);
    } catch (error) {
      this.#channel.close();
      this.#lose((error as Error).message);
      return;
    }
    this.#events.message(message);
  }

  #lose(reason: string | undefined): void {
    if (!this.#open) return;
    this.#open = false;
    this.#events.lost(reason);
  }
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
