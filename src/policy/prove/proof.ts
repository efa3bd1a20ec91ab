/** That a filter answers every call, of any architecture, number and arguments, as its policy says; and how. */
export interface Proof {
  /** Of the filter that was proven, as receipts name it (`filterDigest`). */
  readonly filter: Uint8Array;
  readonly instructions: number;
  readonly longestPath: number;
  readonly paths: bigint;
  /** System calls that the kernel answers from its cache: allowed, and the filter looks at nothing but their number. */
  readonly cacheable: number;
  /** Nodes of the diagrams that were compared. */
  readonly nodes: number;
}
